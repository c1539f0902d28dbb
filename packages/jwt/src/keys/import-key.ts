/**
 * `importKey`: the one way in for key material (RFC 7517, RFC 7468, RFC 5958, RFC 8017, RFC 5915, RFC 5280).
 *
 * The kind of source decides how it is read, never its contents: a JWK is an object, PEM is a string that starts with its marker,
 * DER and secrets are bytes. The algorithm is named by the caller and fixed for the life of the key.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  X509Certificate,
  type webcrypto,
} from 'node:crypto';
import { ALGORITHMS, isAlgorithm, type Algorithm, type AlgorithmInfo } from '../algorithms.ts';
import { JwtError } from '../errors.ts';
import { makeEncryptionKey, readEncryptionJwk, type EncryptionKey } from '../jwe/encryption-key.ts';
import { isEncryptionAlgorithm, type EncryptionAlgorithm } from '../jwe/jwe-algorithms.ts';
import { isKeyId } from '../parse/header.ts';
import { assertPairConsistent } from './consistency.ts';
import { assertJwk, isPrivateJwk, jwkBytes, type JwkLike } from './jwk.ts';
import { makeKey, type Key } from './key.ts';
import { assertRsaPublicKey } from './rsa-rules.ts';
import { assertSecret } from './secret-rules.ts';

/** JWK object, PEM text, DER bytes (or, for HS256 to HS512, the secret bytes themselves), or a `KeyObject` of `node:crypto`. */
export type KeySource = JwkLike | string | Uint8Array | KeyObject;

/** Options of `importKey`. */
export interface ImportKeyOptions<Alg extends Algorithm | EncryptionAlgorithm = Algorithm> {
  /** The one algorithm this key will serve: to sign (`Key`) or to encrypt (`EncryptionKey`), never both. */
  readonly alg: Alg;
  /** Key id. Default: the `kid` of a JWK, else none. */
  readonly kid?: string;
}

/**
 * Imports a key for one algorithm.
 *
 * PEM: SPKI, PKCS#8, PKCS#1, SEC1 or an X.509 certificate, exactly one block. DER: the same forms.
 *
 * @throws {JwtError} `key_malformed`, `key_unsupported`, `key_algorithm_mismatch`, `key_too_weak`, `key_use_forbidden`,
 *   `key_encrypted`, `key_confusion`.
 * @throws {TypeError} when `alg` or `kid` is not usable: that is a fault of the program.
 */
export function importKey(source: KeySource, options: ImportKeyOptions): Key;
export function importKey(source: KeySource, options: ImportKeyOptions<EncryptionAlgorithm>): EncryptionKey;
export function importKey(
  source: KeySource,
  options: ImportKeyOptions<Algorithm | EncryptionAlgorithm>,
): Key | EncryptionKey {
  const { alg, kid } = options;
  if (isEncryptionAlgorithm(alg)) return importEncryptionKey(source, alg, kid);
  if (!isAlgorithm(alg)) throw new TypeError('importKey: `alg` must name one supported algorithm');
  if (kid !== undefined && !isKeyId(kid))
    throw new TypeError('importKey: `kid` must be 1 to 256 letters, digits and ._~:/+=@#-');
  const info = ALGORITHMS[alg];
  const { object, id } = read(source, alg, info);
  assertSuits(object, alg, info);
  return makeKey(alg, kid ?? id, object);
}

function importEncryptionKey(source: KeySource, alg: EncryptionAlgorithm, kid: string | undefined): EncryptionKey {
  if (kid !== undefined && !isKeyId(kid)) throw new TypeError('importKey: `kid` must be a key id');
  if (source instanceof KeyObject) return makeEncryptionKey(alg, kid, source);
  if (typeof source === 'string') return makeEncryptionKey(alg, kid, readPem(source));
  if (source instanceof Uint8Array) {
    const symmetric = alg === 'dir' || alg.startsWith('A');
    return makeEncryptionKey(alg, kid, symmetric ? createSecretKey(source) : readDer(Buffer.from(source)));
  }
  if (typeof source !== 'object' || source === null)
    throw new JwtError('key_malformed', { reason: 'not a JWK, PEM, DER or KeyObject' });
  return makeEncryptionKey(alg, kid ?? (source['kid'] as string | undefined), readEncryptionJwk(source, alg));
}

function read(source: KeySource, alg: Algorithm, info: AlgorithmInfo): { object: KeyObject; id?: string } {
  if (source instanceof KeyObject) return { object: source };
  if (typeof source === 'string') {
    if (info.family === 'hmac') {
      // Text is not a secret: which bytes it stands for (UTF-8, base64, hexadecimal) is the caller's to say.
      throw new JwtError(source.includes('-----BEGIN') ? 'key_confusion' : 'key_malformed', {
        reason: 'pass a shared secret as bytes or as a JWK',
      });
    }
    return { object: readPem(source) };
  }
  if (source instanceof Uint8Array)
    return { object: info.family === 'hmac' ? createSecretKey(source) : readDer(Buffer.from(source)) };
  if (typeof source !== 'object' || source === null)
    throw new JwtError('key_malformed', { reason: 'not a JWK, PEM, DER or KeyObject' });
  return readJwk(source, alg, info);
}

function readJwk(jwk: JwkLike, alg: Algorithm, info: AlgorithmInfo): { object: KeyObject; id?: string } {
  assertJwk(jwk, alg);
  const id = jwk['kid'] as string | undefined;
  const named = id === undefined ? {} : { id };
  if (info.family === 'hmac') return { object: createSecretKey(jwkBytes(jwk, 'k')), ...named };
  try {
    const key = jwk as webcrypto.JsonWebKey;
    return {
      object: isPrivateJwk(jwk) ? createPrivateKey({ key, format: 'jwk' }) : createPublicKey({ key, format: 'jwk' }),
      ...named,
    };
  } catch {
    // OpenSSL's message may quote material; what it says is never more than that the numbers are no key.
    throw new JwtError('key_malformed', { reason: `the members are not a key of type ${info.kty}` });
  }
}

const PEM = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\s*$/u;

function readPem(text: string): KeyObject {
  if (text.length > 65_536) throw new JwtError('key_malformed', { reason: 'PEM text too long', limit: 65_536 });
  if (text.includes('ENCRYPTED')) throw new JwtError('key_encrypted');
  const match = PEM.exec(text);
  if (match === null)
    throw new JwtError('key_malformed', { reason: 'not exactly one PEM block from its first character on' });
  try {
    switch (match[1] ?? '') {
      case 'PUBLIC KEY':
      case 'RSA PUBLIC KEY':
        return createPublicKey(text);
      case 'PRIVATE KEY':
      case 'RSA PRIVATE KEY':
      case 'EC PRIVATE KEY':
        return createPrivateKey(text);
      case 'CERTIFICATE':
        return new X509Certificate(text).publicKey;
      default:
        break;
    }
  } catch {
    throw new JwtError('key_malformed', { reason: 'the PEM block does not hold what its label says' });
  }
  throw new JwtError('key_unsupported', { reason: 'a PEM block of this label' });
}

function readDer(bytes: Buffer): KeyObject {
  const attempts: readonly (() => KeyObject)[] = [
    // Private forms first: `createPublicKey` takes some of them too, and keeps the public half alone.
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'sec1' }),
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(bytes).publicKey,
  ];
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Not that form.
    }
  }
  throw new JwtError('key_malformed', { reason: 'not DER of SPKI, PKCS#8, PKCS#1, SEC1 or X.509, or encrypted' });
}

const CURVE_NAMES = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
} as const;

/** The checks that hold for every form a key comes in. */
function assertSuits(object: KeyObject, alg: Algorithm, info: AlgorithmInfo): void {
  const mismatch = (): JwtError => new JwtError('key_algorithm_mismatch', { reason: `not a key for ${alg}` });
  if (info.family === 'hmac') {
    if (object.type !== 'secret') throw object.type === 'public' ? new JwtError('key_confusion') : mismatch();
    assertSecret(object.export(), info.signatureBytes);
    return;
  }
  if (object.type === 'secret') throw mismatch();
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = object;
  if (info.family === 'rsa') {
    // A key of OID id-RSASSA-PSS carries its own padding rules, which JWK cannot express.
    if (kind !== 'rsa') throw mismatch();
    const jwk = object.export({ format: 'jwk' });
    assertRsaPublicKey(Buffer.from(jwk.n ?? '', 'base64url'), details?.publicExponent ?? 0n);
  } else if (info.family === 'ec') {
    if (kind !== 'ec' || details?.namedCurve !== CURVE_NAMES[info.crv]) throw mismatch();
  } else if (kind !== (info.family === 'okp' ? info.crv.toLowerCase() : alg.toLowerCase())) {
    throw mismatch();
  }
  if (object.type === 'private') assertPairConsistent(object, info);
}
