/**
 * JWS JSON serializations: flattened and general (RFC 7515 section 7.2). Entry point `@sealgate/jwt/jws-json`.
 *
 * Apart from `verifyJws` on purpose: code that expects a compact token must not find that it also takes an object. Strings are
 * parsed here, strictly; parsed objects are not taken, since nobody could tell whether their members were repeated.
 */
import { refusal } from '../errors.ts';
import type { Key } from '../keys/key.ts';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../parse/json.ts';
import { assertJwsHeader, type JoseHeader } from '../parse/header.ts';
import { resolveLimits, type ParseLimits } from '../parse/limits.ts';
import { bytesMember, readSignature, signingInput, type SignatureParts } from './json-members.ts';
import { LocalKeys } from './key-selection.ts';
import { createSignature, verifySignature } from './signature.ts';
import { selectKey } from './verify-jws.ts';

/** What verifying a JWS in JSON gives (RFC 7515 section 7.2). */
export interface VerifiedJsonJws {
  /** Protected and unprotected parameters of the signature that was verified. */
  readonly header: JoseHeader;
  /** The bytes that were signed. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** The key that verified it. */
  readonly key: Key;
}

/**
 * Verifies a flattened JWS: one signature.
 *
 * @throws {JwtError} as `verifyJws`.
 */
export function verifyFlattenedJws(
  text: string,
  keys: Key | readonly Key[],
  options: { readonly limits?: Partial<ParseLimits> } = {},
): VerifiedJsonJws {
  const limits = resolveLimits(options.limits);
  const jws = parseText(text, limits, ['payload', 'protected', 'header', 'signature']);
  const set = new LocalKeys(keys);
  const parts = readSignature(jws, limits);
  const payload = payloadOf(jws, parts.encoded);
  return { header: parts.header, payload, key: verifyOne(parts, payload, set) };
}

/**
 * Verifies a general JWS: several signatures over one payload, of which at least one must be by one of `keys`. Signatures by
 * keys or algorithms that are not among `keys` are passed over; a signature that names one of `keys` and is wrong refuses the whole.
 *
 * @returns The first signature verified, in the order of the document, and all of them.
 * @throws {JwtError} as `verifyJws`.
 */
export function verifyGeneralJws(
  text: string,
  keys: Key | readonly Key[],
  options: { readonly limits?: Partial<ParseLimits> } = {},
): VerifiedJsonJws & { readonly verified: readonly { readonly header: JoseHeader; readonly key: Key }[] } {
  const limits = resolveLimits(options.limits);
  const jws = parseText(text, limits, ['payload', 'signatures']);
  const { signatures } = jws;
  if (!Array.isArray(signatures) || signatures.length === 0 || signatures.length > 16) {
    throw refusal('token_malformed', { member: 'signatures', reason: 'not an array of 1 to 16 signatures' });
  }
  const set = new LocalKeys(keys);
  const all = (signatures as readonly JsonValue[]).flatMap((entry) => {
    if (!isJsonObject(entry))
      throw refusal('token_malformed', { member: 'signatures', reason: 'an entry is not an object' });
    assertMembers(entry, ['protected', 'header', 'signature']);
    // Without a protected header the algorithm is whoever's choice: such a signature is passed over.
    return entry['protected'] === undefined ? [] : [readSignature(entry, limits)];
  });
  const encoded = all[0]?.encoded ?? true;
  // RFC 7797 section 3: b64 is the same for every signature.
  if (all.some((parts) => parts.encoded !== encoded))
    throw refusal('header_invalid', { member: 'b64', reason: 'differs between signatures' });
  const payload = payloadOf(jws, encoded);
  const verified = all
    .filter(({ header }) => set.find(header.kid, header.alg) !== undefined)
    .map((parts) => ({ header: parts.header, key: verifyOne(parts, payload, set) }));
  const [first] = verified;
  if (first === undefined) throw refusal('key_unknown', { member: 'kid' });
  return { ...first, payload, verified };
}

/** Makes a flattened JWS, as JSON text. @throws {TypeError} for a header that the verifier would refuse. */
export function signFlattenedJws(
  payload: Uint8Array,
  options: {
    readonly key: Key;
    readonly header?: Readonly<Record<string, JsonValue>>;
    readonly unprotected?: Readonly<Record<string, JsonValue>>;
  },
): string {
  const { protectedPart, signature } = signPart(payload, options.key, options.header ?? {});
  return JSON.stringify({
    payload: Buffer.from(payload).toString('base64url'),
    protected: protectedPart,
    ...(options.unprotected === undefined ? {} : { header: options.unprotected }),
    signature,
  });
}

/** Makes a general JWS with one signature for each key, as JSON text. @throws {TypeError} without a key. */
export function signGeneralJws(payload: Uint8Array, keys: readonly Key[]): string {
  if (keys.length === 0) throw new TypeError('signGeneralJws: at least one key is needed');
  const signatures = keys.map((key) => {
    const { protectedPart, signature } = signPart(payload, key, {});
    return { protected: protectedPart, signature };
  });
  return JSON.stringify({ payload: Buffer.from(payload).toString('base64url'), signatures });
}

function signPart(
  payload: Uint8Array,
  key: Key,
  extra: Readonly<Record<string, JsonValue>>,
): { protectedPart: string; signature: string } {
  const header = { ...extra, alg: key.alg, ...(key.kid === undefined ? {} : { kid: key.kid }) };
  try {
    assertJwsHeader(header);
  } catch (error) {
    throw new TypeError('the header is not one that a verifier accepts', { cause: error });
  }
  const protectedPart = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signature = createSignature(key, signingInput(protectedPart, payload, true)).toString('base64url');
  return { protectedPart, signature };
}

function verifyOne(parts: SignatureParts, payload: Uint8Array, set: LocalKeys): Key {
  const key = selectKey(set, parts.header);
  if (!verifySignature(key, signingInput(parts.protectedPart, payload, parts.encoded), parts.signature))
    throw refusal('signature_invalid');
  return key;
}

function payloadOf(jws: JsonObject, encoded: boolean): Uint8Array<ArrayBuffer> {
  if (encoded) return bytesMember(jws['payload'], 'payload');
  if (typeof jws['payload'] !== 'string')
    throw refusal('token_malformed', { member: 'payload', reason: 'not a string' });
  return new TextEncoder().encode(jws['payload']);
}

function parseText(text: unknown, limits: ParseLimits, members: readonly string[]): JsonObject {
  if (typeof text !== 'string') throw refusal('token_malformed', { reason: 'not a string of JSON' });
  if (text.length > limits.tokenChars) throw refusal('token_too_large', { limit: limits.tokenChars });
  const jws = parseJsonObject(new TextEncoder().encode(text), 'header', limits);
  assertMembers(jws, members);
  return jws;
}

/** Other members must be ignored (RFC 7515 section 7.2.1), but not those of the other serialization: no object is both. */
function assertMembers(object: JsonObject, members: readonly string[]): void {
  for (const name of ['payload', 'protected', 'header', 'signature', 'signatures']) {
    if (Object.hasOwn(object, name) && !members.includes(name)) {
      throw refusal('token_malformed', { member: name, reason: 'belongs to another serialization' });
    }
  }
}
