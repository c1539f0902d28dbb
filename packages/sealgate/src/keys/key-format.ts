/** The forms in which a key can be written (RFC 7517, RFC 7468, RFC 5958, RFC 8017, RFC 5915; text and bytes for secrets). */
import type { KeyObject } from 'node:crypto';
import { misuse } from '../command-error.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';

/** `pem` and `der` are PKCS#8 for private keys and SPKI for public ones. */
export const KEY_FORMATS = ['jwk', 'pem', 'der', 'pkcs1', 'sec1', 'base64url', 'base64', 'hex', 'raw'] as const;
export type KeyFormat = (typeof KEY_FORMATS)[number];

/** What a JWK says beside the key. */
export interface KeyMetadata {
  readonly alg?: string;
  readonly use?: 'sig' | 'enc';
  readonly kid?: string;
}

/** @throws {CommandError} `argument_invalid`. */
export function parseKeyFormat(name: string, option: string): KeyFormat {
  const found = KEY_FORMATS.find((known) => known === name);
  if (found !== undefined) return found;
  throw misuse(`${option} ${JSON.stringify(name)} is not known${suggestFrom(name, KEY_FORMATS)}`);
}

/** @throws {CommandError} `argument_invalid` for a key that has no such form. */
export function writeForm(object: KeyObject, format: KeyFormat, metadata: KeyMetadata): string | Uint8Array {
  if (format === 'jwk') return `${JSON.stringify({ ...object.export({ format: 'jwk' }), ...metadata }, null, 2)}\n`;
  if (object.type === 'secret') return writeSecret(object.export(), format);
  const isPrivate = object.type === 'private';
  switch (format) {
    case 'pem':
      return object.export({ format: 'pem', type: isPrivate ? 'pkcs8' : 'spki' });
    case 'der':
      return Buffer.from(object.export({ format: 'der', type: isPrivate ? 'pkcs8' : 'spki' }));
    case 'pkcs1':
      if (object.asymmetricKeyType !== 'rsa') throw misuse('pkcs1 is a form of RSA keys; use pem');
      return object.export({ format: 'pem', type: 'pkcs1' });
    case 'sec1':
      if (object.asymmetricKeyType !== 'ec' || !isPrivate) throw misuse('sec1 is a form of private EC keys; use pem');
      return object.export({ format: 'pem', type: 'sec1' });
    case 'raw':
    case 'base64url':
    case 'base64':
    case 'hex':
    default:
      throw misuse(`${format} is a form of shared secrets; use jwk, pem or der`);
  }
}

function writeSecret(bytes: Buffer, format: Exclude<KeyFormat, 'jwk'>): string | Uint8Array {
  switch (format) {
    case 'raw':
      return bytes;
    case 'base64url':
    case 'base64':
    case 'hex':
      return `${bytes.toString(format)}\n`;
    case 'pem':
    case 'der':
    case 'pkcs1':
    case 'sec1':
    default:
      throw misuse(`a shared secret has no form ${format}; use jwk, base64url, base64, hex or raw`);
  }
}
