/**
 * `signJwt`: claims to a signed compact JWT (RFC 7519 section 7.1), with a key in memory or a `Signer` somewhere else.
 *
 * It refuses to write what the verifier would refuse to read: a bad time, a lone surrogate, a token over the limit.
 */
import { ALGORITHMS, isAlgorithm, type Algorithm } from '../algorithms.ts';
import { assertStringClaims } from '../claims/strings.ts';
import { numericDate } from '../claims/time.ts';
import { JwtError } from '../errors.ts';
import { isKey, type Key } from '../keys/key.ts';
import { assertJwsHeader, isKeyId } from '../parse/header.ts';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../parse/json.ts';
import { DEFAULT_LIMITS } from '../parse/limits.ts';
import { createSignature } from './signature.ts';

/** A private key that is somewhere else: a KMS, an HSM, another process. */
export interface Signer {
  /** The one algorithm it signs with. */
  readonly alg: Algorithm;
  /** Key id, as in the header of what it signs. */
  readonly kid: string;
  /** The JWS signature over `bytes`: for ECDSA `r || s`, not DER. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** How `signJwt` signs (RFC 7515 section 4.1). */
export interface SignJwtOptions<K extends Key | Signer = Key | Signer> {
  /** A private or secret key, or what signs elsewhere: then the answer is a promise. */
  readonly key: K;
  /** The `typ` header. Default `JWT`. */
  readonly typ?: string;
  /** More header parameters. `alg` and `kid` come from the key and cannot be given. */
  readonly header?: Readonly<Record<string, JsonValue>>;
}

/** Claims to sign: any JSON object. Members that are `undefined` are left out. */
export type ClaimsToSign = Readonly<Record<string, unknown>>;

/**
 * Signs claims. Nothing is added to them: `iat`, `exp` and `jti` are the caller's to set.
 *
 * @throws {TypeError} for claims, header or key that could never make a valid token: a fault of the program.
 * @throws {JwtError} `signing_failed` when a `Signer` gives no usable signature.
 */
export function signJwt(claims: ClaimsToSign, options: SignJwtOptions<Key>): string;
export function signJwt(claims: ClaimsToSign, options: SignJwtOptions<Signer>): Promise<string>;
export function signJwt(claims: ClaimsToSign, options: SignJwtOptions): string | Promise<string> {
  const { key, typ = 'JWT', header = {} } = options;
  if (!isKey(key) && !(isAlgorithm(key?.alg) && isKeyId(key.kid) && typeof key.sign === 'function')) {
    throw new TypeError('signJwt: `key` must be a Key or a Signer with alg, kid and sign');
  }
  const input = `${encodeHeader(key, typ, header)}.${encodeClaims(claims)}`;
  const bytes = Buffer.from(input, 'latin1');
  if (isKey(key)) return finish(input, createSignature(key, bytes));
  return signRemotely(key, input, bytes);
}

async function signRemotely(signer: Signer, input: string, bytes: Uint8Array): Promise<string> {
  let signature: Uint8Array;
  try {
    signature = await signer.sign(bytes);
  } catch (cause) {
    throw new JwtError('signing_failed', { reason: 'the signer threw', cause });
  }
  const info = ALGORITHMS[signer.alg];
  const right = info.family === 'rsa' ? signature.length >= 256 : signature.length === info.signatureBytes;
  if (!(signature instanceof Uint8Array) || !right) {
    throw new JwtError('signing_failed', { reason: `not a signature of the length that ${signer.alg} has` });
  }
  return finish(input, signature);
}

function finish(input: string, signature: Uint8Array): string {
  const token = `${input}.${Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength).toString('base64url')}`;
  if (token.length > DEFAULT_LIMITS.tokenChars) {
    throw new TypeError(
      `signJwt: the token would have ${token.length} characters; verifiers accept ${DEFAULT_LIMITS.tokenChars}`,
    );
  }
  return token;
}

/** Encoded headers without extras, for each key by `typ`. */
const plainHeaders = new WeakMap<Key, Map<string, string>>();

function encodeHeader(key: Key | Signer, typ: string, extra: Readonly<Record<string, JsonValue>>): string {
  for (const _ in extra) return encodeHeaderWith(key.alg, key.kid, typ, extra);
  // What a key is called never changes; a signer is somebody else's object.
  if (!isKey(key)) return encodeHeaderWith(key.alg, key.kid, typ, extra);
  let byTyp = plainHeaders.get(key);
  if (byTyp === undefined) plainHeaders.set(key, (byTyp = new Map()));
  let encoded = byTyp.get(typ);
  if (encoded === undefined) {
    encoded = encodeHeaderWith(key.alg, key.kid, typ, extra);
    if (byTyp.size >= 100) byTyp.clear();
    byTyp.set(typ, encoded);
  }
  return encoded;
}

function encodeHeaderWith(
  alg: Algorithm,
  kid: string | undefined,
  typ: string,
  extra: Readonly<Record<string, JsonValue>>,
): string {
  for (const name of ['alg', 'kid', 'typ', 'crit', 'b64']) {
    if (Object.hasOwn(extra, name))
      throw new TypeError(`signJwt: the header parameter "${name}" cannot be set by \`header\``);
  }
  const header: JsonObject = { alg, typ, ...(kid === undefined ? {} : { kid }), ...extra };
  const bytes = Buffer.from(JSON.stringify(header), 'utf8');
  try {
    assertJwsHeader(parseJsonObject(bytes, 'header'));
  } catch (error) {
    throw new TypeError(`signJwt: ${(error as Error).message}`, { cause: error });
  }
  return bytes.toString('base64url');
}

function encodeClaims(claims: ClaimsToSign): string {
  if (!isJsonObject(claims)) throw new TypeError('signJwt: claims must be an object');
  if (typeof claims['toJSON'] === 'function') throw new TypeError('signJwt: claims must be plain, without toJSON');
  const text = JSON.stringify(claims);
  try {
    if (!isPlain(text)) parseJsonObject(new TextEncoder().encode(text), 'payload');
    for (const name of ['exp', 'nbf', 'iat'] as const) numericDate(claims, name);
    assertStringClaims(claims);
  } catch (error) {
    throw new TypeError(`signJwt: ${(error as Error).message}`, { cause: error });
  }
  return Buffer.from(text, 'utf8').toString('base64url');
}

/**
 * True for most of what `JSON.stringify` writes: text in which nothing can be that a verifier refuses. It is too short for too many
 * members, has too few brackets to nest too deep, no character written by its number, and no member named `__proto__`.
 */
function isPlain(text: string): boolean {
  return (
    text.length <= DEFAULT_LIMITS.jsonMembers * SHORTEST_MEMBER.length &&
    occurrences(text, '{') + occurrences(text, '[') <= DEFAULT_LIMITS.jsonDepth &&
    !text.includes('\\u') &&
    !text.includes('"__proto__"')
  );
}

const SHORTEST_MEMBER = '"":0,';

function occurrences(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count++;
  return count;
}
