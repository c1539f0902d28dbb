/**
 * JWE in compact form (RFC 7516): encrypt, and decrypt step by step.
 *
 * A server must give one answer for all failures (ATTACKS T10). This page has no one to hide from: it says which step failed.
 */
import { textToBase64url, toBase64url } from '../model/base64url.ts';
import type { EncryptedContent } from '../model/inspect.ts';
import type { JsonNode } from '../model/json-scan.ts';
import { member, stringMember, toPlain } from '../model/json-value.ts';
import {
  CONTENT_ENCRYPTIONS,
  type ContentEncryption,
  type KeyManagement,
  isContentEncryption,
  isKeyManagement,
} from './algorithms.ts';
import { ivBytes, open, seal } from './content-encryption.ts';
import { type Jwk, keyType } from './jwk.ts';
import { type KeyParameters, type Randomness, giveKey, keyFits, takeKey } from './key-encryption.ts';
import { jwkFromPlain } from './key-rules.ts';
import { CryptoUnavailable } from './signature.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export type DecryptionFailure =
  | 'algorithm'
  | 'key-kind'
  | 'needs-private'
  | 'epk'
  | 'key-step'
  | 'content-key-length'
  | 'content-step'
  | 'zip-unknown'
  | 'zip-too-large'
  | 'insecure-context'
  | 'refused';

export type Decryption = { readonly plaintext: Bytes } | { readonly failure: DecryptionFailure };

/** Most bytes that compressed content may become. */
const MAXIMUM_INFLATED = 262_144;

/** Decrypts with one key. Never rejects. */
export async function decrypt(header: JsonNode | undefined, content: EncryptedContent, jwk: Jwk): Promise<Decryption> {
  const alg = stringMember(header, 'alg');
  const enc = stringMember(header, 'enc');
  if (!isKeyManagement(alg) || !isContentEncryption(enc)) return { failure: 'algorithm' };
  if (!keyFits(alg, enc, jwk)) return { failure: 'key-kind' };
  if (keyType(jwk) === 'public') return { failure: 'needs-private' };
  const epkNode = member(header, 'epk');
  const epk = epkNode && jwkFromPlain(toPlain(epkNode)).jwk;
  if (alg.startsWith('ECDH') && epk?.crv !== jwk.crv) return { failure: 'epk' };
  const parameters: KeyParameters = {
    ...(epk && { epk }),
    ...optional(header, 'apu'),
    ...optional(header, 'apv'),
    ...optional(header, 'iv'),
    ...optional(header, 'tag'),
  };
  let contentKey: Bytes;
  try {
    contentKey = await takeKey(alg, enc, jwk, content.encryptedKey, parameters);
  } catch (error) {
    return { failure: error instanceof CryptoUnavailable ? error.reason : 'key-step' };
  }
  if (contentKey.length !== CONTENT_ENCRYPTIONS[enc].keyBytes) return { failure: 'content-key-length' };
  try {
    const plaintext = open(enc, contentKey, content, new TextEncoder().encode(content.aad));
    const zip = member(header, 'zip');
    return zip === undefined ? { plaintext } : await inflate(plaintext, zip.type === 'string' ? zip.value : '');
  } catch {
    return { failure: 'content-step' };
  }
}

function optional(header: JsonNode | undefined, name: 'apu' | 'apv' | 'iv' | 'tag'): Partial<KeyParameters> {
  const value = stringMember(header, name);
  return value === undefined ? {} : { [name]: value };
}

async function inflate(bytes: Bytes, zip: string): Promise<Decryption> {
  if (zip !== 'DEF') return { failure: 'zip-unknown' };
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MAXIMUM_INFLATED) {
      await reader.cancel();
      return { failure: 'zip-too-large' };
    }
    chunks.push(value);
  }
  return { plaintext: new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()) };
}

/** Encrypts to the holder of `jwk`. The header gets `alg`, `enc`, `kid` and what the algorithm adds. */
export async function encrypt(
  plaintext: Bytes,
  {
    alg,
    enc,
    jwk,
    random,
    header = {},
  }: { alg: KeyManagement; enc: ContentEncryption; jwk: Jwk; random: Randomness; header?: object },
): Promise<string> {
  const { contentKey, encryptedKey, parameters } = await giveKey(alg, enc, jwk, random);
  const kid = jwk.kid === undefined ? {} : { kid: jwk.kid };
  const aad = textToBase64url(JSON.stringify({ alg, enc, ...kid, ...header, ...parameters }));
  const { iv, ciphertext, tag } = seal(
    enc,
    contentKey,
    random.bytes(ivBytes(enc)),
    plaintext,
    new TextEncoder().encode(aad),
  );
  return [aad, ...[encryptedKey, iv, ciphertext, tag].map(toBase64url)].join('.');
}
