/**
 * Bytes that should be a key, by their form alone: a JWK, a JWK set, PEM or DER. Whether it is a key that may be used is decided where it is
 * imported, by `@sealgate/jwt`.
 */
import type { JwkLike } from '@sealgate/jwt';
import { unreadable } from '../command-error.ts';
import type { Source } from '../command-line/source.ts';

export type KeyMaterial =
  | { readonly form: 'jwk'; readonly jwk: JwkLike }
  | { readonly form: 'jwks'; readonly set: { readonly keys: unknown } }
  | { readonly form: 'pem'; readonly text: string; readonly label: string }
  | { readonly form: 'der'; readonly bytes: Uint8Array };

/** ASN.1 SEQUENCE, which every key in DER begins with. */
const SEQUENCE = 0x30;

/** @throws {CommandError} `input_unreadable`. */
export function readKeyMaterial({ bytes, name }: Source): KeyMaterial {
  const start = bytes.subarray(0, 128).toString('latin1').trimStart();
  if (start.startsWith('{')) return readJson(bytes, name);
  if (start.startsWith('-----BEGIN ')) {
    const text = bytes.toString('utf8').trim();
    return { form: 'pem', text, label: /^-----BEGIN ([^-]+)-----/u.exec(text)?.[1] ?? '' };
  }
  if (bytes[0] === SEQUENCE) return { form: 'der', bytes };
  const hint = bytes.length === 0 ? 'it is empty' : 'it is no JWK, PEM or DER; a shared secret goes with --secret';
  throw unreadable(name, hint);
}

function readJson(bytes: Buffer, name: string): KeyMaterial {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text, which may be a private key.
    throw unreadable(name, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw unreadable(name, 'it is no JWK');
  if ('keys' in value) return { form: 'jwks', set: { keys: value.keys } };
  return { form: 'jwk', jwk: { ...value } };
}
