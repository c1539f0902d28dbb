/** PEM (RFC 7468): blocks with their labels, read with patience, and written at 64 characters a line. */
import { readBase64url } from '../model/base64url.ts';

export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The text between the lines is not base64. */
  readonly broken: boolean;
  /** A header says that the content is encrypted (RFC 1421). */
  readonly encrypted: boolean;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)(?:-----END \1-----|$)/gu;

/** Every block. Literal `\n`, as keys in environment variables have, counts as a line break. */
export function readPem(text: string): PemBlock[] {
  return Array.from(text.replaceAll(String.raw`\n`, '\n').matchAll(BLOCK), ([, label = '', body = '']) => {
    const encrypted = /Proc-Type:.*ENCRYPTED/u.test(body) || label.startsWith('ENCRYPTED');
    const digits = body.replaceAll(/^[A-Za-z-]+:.*$/gmu, '').replaceAll(/[\s=]/gu, '');
    const { bytes, faults } = readBase64url(digits.replaceAll('+', '-').replaceAll('/', '_'));
    return { label, bytes, encrypted, broken: faults.length > 0 || bytes.length === 0 };
  });
}

export function writePem(label: string, bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const lines = base64.match(/.{1,64}/gu) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
