/**
 * The form of a compact JWE (RFC 7516 section 7.1), checked completely before any key is touched.
 *
 * Five parts of canonical base64url, a strict header, exact lengths of initialisation vector, tag and encrypted key, and an
 * ephemeral key that is a point of the recipient's own curve.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { refusal } from '../errors.ts';
import { isPrivateJwk } from '../keys/jwk.ts';
import { decodeBase64Url } from '../parse/base64url.ts';
import { isKeyId } from '../parse/header.ts';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../parse/json.ts';
import type { ParseLimits } from '../parse/limits.ts';
import type { TokenPart } from '../errors.ts';
import {
  CONTENT_ENCRYPTIONS,
  ENCRYPTION_ALGORITHMS,
  type ContentEncryption,
  type EncryptionAlgorithm,
} from './jwe-algorithms.ts';

/** The protected header of a JWE whose form is right. */
export interface JweHeader {
  /** Key management algorithm (RFC 7516 section 4.1.1). */
  readonly alg: EncryptionAlgorithm;
  /** Content encryption (RFC 7516 section 4.1.2). */
  readonly enc: ContentEncryption;
  /** Key id (RFC 7516 section 4.1.6). */
  readonly kid?: string;
  /** Media type of the token (RFC 7516 section 4.1.11). */
  readonly typ?: string;
  /** Media type of the content (RFC 7516 section 4.1.12). */
  readonly cty?: string;
  readonly [name: string]: JsonValue | undefined;
}

export interface JweAllowed {
  readonly algorithms: ReadonlySet<string>;
  readonly encryptions: ReadonlySet<string>;
}

/**
 * @param recipient - The key that will decrypt: its algorithm must be the header's, its curve that of `epk`.
 * @throws {JwtError} `token_malformed`, `token_too_large`, `base64url_invalid`, `json_*`, `header_invalid`,
 *   `critical_unsupported`, `algorithm_not_allowed`, `encryption_not_allowed`, `key_unknown`.
 */
export function assertJweForm(
  token: unknown,
  allowed: JweAllowed,
  recipient: { alg: string; object: KeyObject },
  limits: ParseLimits,
): JweHeader {
  if (typeof token !== 'string') throw refusal('token_malformed', { reason: 'not a string' });
  if (token.length > limits.tokenChars) throw refusal('token_too_large', { limit: limits.tokenChars });
  const parts = token.split('.', 6);
  if (parts.length !== 5) {
    throw refusal('token_malformed', {
      reason: parts.length === 3 ? 'three parts: this is a signed token (JWS), not an encrypted one' : 'not five parts',
    });
  }
  const [head, encryptedKey, iv, ciphertext, tag] = parts.map((text, index) => decode(text, PARTS[index]!)) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ];
  const header = parseJsonObject(head, 'header', limits);
  const { alg, enc } = header;
  if (typeof alg !== 'string' || !allowed.algorithms.has(alg))
    throw refusal('algorithm_not_allowed', { member: 'alg' });
  if (typeof enc !== 'string' || !allowed.encryptions.has(enc))
    throw refusal('encryption_not_allowed', { member: 'enc' });
  assertMembers(header);
  if (alg !== recipient.alg)
    throw refusal('key_unknown', { member: 'alg', reason: 'the key is for another algorithm' });
  const sizes = CONTENT_ENCRYPTIONS[enc as ContentEncryption];
  assertLength(iv, sizes.ivBytes, 'iv');
  assertLength(tag, sizes.tagBytes, 'tag');
  if (enc.includes('CBC') && (ciphertext.length === 0 || ciphertext.length % 16 !== 0)) {
    throw refusal('token_malformed', { part: 'ciphertext', reason: 'not whole blocks' });
  }
  assertKeyManagement(header, alg as EncryptionAlgorithm, encryptedKey, sizes.keyBytes, recipient.object);
  return header as JsonObject & JweHeader;
}

type Bytes = Uint8Array<ArrayBuffer>;

const PARTS: readonly TokenPart[] = ['header', 'encrypted key', 'iv', 'ciphertext', 'tag'];

function decode(text: string, part: TokenPart): Bytes {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw refusal('base64url_invalid', { part });
  return bytes;
}

function assertLength(bytes: Uint8Array, length: number, part: TokenPart): void {
  if (bytes.length !== length)
    throw refusal('token_malformed', { part, reason: `${bytes.length} bytes where ${length} belong` });
}

function assertMembers(header: JsonObject): void {
  for (const name of ['typ', 'cty'] as const) {
    if (header[name] !== undefined && typeof header[name] !== 'string')
      throw refusal('header_invalid', { member: name, reason: 'not a string' });
  }
  if (header['kid'] !== undefined && !isKeyId(header['kid']))
    throw refusal('header_invalid', { member: 'kid', reason: 'not a key id' });
  // A compressed plaintext may be a thousand times the token, and its length tells of its content.
  if (header['zip'] !== undefined)
    throw refusal('header_invalid', { member: 'zip', reason: 'compression is not supported' });
  if (header['crit'] !== undefined) throw refusal('critical_unsupported', { member: 'crit' });
}

function assertKeyManagement(
  header: JsonObject,
  alg: EncryptionAlgorithm,
  encryptedKey: Uint8Array,
  keyBytes: number,
  object: KeyObject,
): void {
  const info = ENCRYPTION_ALGORITHMS[alg];
  switch (info.family) {
    case 'rsa':
      assertLength(encryptedKey, Math.ceil((object.asymmetricKeyDetails?.modulusLength ?? 0) / 8), 'encrypted key');
      return;
    case 'direct':
      assertLength(encryptedKey, 0, 'encrypted key');
      if (object.symmetricKeySize !== keyBytes)
        throw refusal('key_unknown', { member: 'enc', reason: 'the key is of another size' });
      return;
    case 'wrap':
      assertLength(encryptedKey, info.gcm ? keyBytes : keyBytes + 8, 'encrypted key');
      if (info.gcm) {
        assertHeaderBytes(header, 'iv', 12);
        assertHeaderBytes(header, 'tag', 16);
      }
      return;
    case 'ecdh':
    default:
      assertLength(encryptedKey, info.wraps ? keyBytes + 8 : 0, 'encrypted key');
      assertEphemeralKey(header['epk'], object);
      for (const name of ['apu', 'apv']) if (header[name] !== undefined) assertHeaderBytes(header, name, undefined);
  }
}

function assertHeaderBytes(header: JsonObject, member: string, length: number | undefined): void {
  const text = header[member];
  const bytes = typeof text === 'string' ? decodeBase64Url(text) : undefined;
  if (bytes === undefined || (length !== undefined && bytes.length !== length))
    throw refusal('header_invalid', { member });
}

/** A public point on the recipient's curve: `node:crypto` refuses points that are not on it (CVE-2017-16007 and its like). */
function assertEphemeralKey(epk: JsonValue | undefined, recipient: KeyObject): void {
  const fault = refusal('header_invalid', { member: 'epk', reason: "not a public key on the recipient's curve" });
  if (!isJsonObject(epk) || isPrivateJwk(epk)) throw fault;
  try {
    const object = createPublicKey({ key: epk, format: 'jwk' });
    const same =
      object.asymmetricKeyType === recipient.asymmetricKeyType &&
      object.asymmetricKeyDetails?.namedCurve === recipient.asymmetricKeyDetails?.namedCurve;
    if (same) return;
  } catch {
    // Not a point of any curve.
  }
  throw fault;
}
