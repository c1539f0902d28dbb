/**
 * Encrypting and decrypting compact JWE (RFC 7516), on `jose`, behind this package's own strict checks.
 *
 * Encryption alone says nothing of who wrote a token: with a public key anyone can. For claims use `nested-jwt.ts`, which
 * demands an inner signature.
 */
import { refusal } from '../errors.ts';
import { isKeyId } from '../parse/header.ts';
import { resolveLimits, type ParseLimits } from '../parse/limits.ts';
import { encryptionObject, type EncryptionKey } from './encryption-key.ts';
import {
  isContentEncryption,
  isEncryptionAlgorithm,
  type ContentEncryption,
  type EncryptionAlgorithm,
} from './jwe-algorithms.ts';
import { assertJweForm, type JweHeader } from './jwe-form.ts';

/** How `encryptJwe` encrypts (RFC 7516 section 4.1). */
export interface EncryptJweOptions {
  /** A public or secret key: `importKey(..., { alg: 'ECDH-ES' })` and its like. */
  readonly key: EncryptionKey;
  /** Content encryption. Default `A256GCM`; for `dir`, one that the key's size fits. */
  readonly enc?: ContentEncryption;
  /** Media type of the token (RFC 7515 section 4.1.9). */
  readonly typ?: string;
  /** Content type; `JWT` for a nested token. */
  readonly cty?: string;
  /** Key id for the header; default that of the key. */
  readonly kid?: string;
}

/** What `decryptJwe` accepts. */
export interface DecryptJweOptions {
  /** Key management algorithms accepted: never taken from the token. */
  readonly algorithms: readonly EncryptionAlgorithm[];
  /** Content encryptions accepted. */
  readonly encryptions: readonly ContentEncryption[];
  /** Bounds on the token; default `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ParseLimits>;
}

/** What `decryptJwe` gives (RFC 7516 section 5.2). Whoever has the key could have encrypted it: that says nothing of who did. */
export interface DecryptedJwe {
  /** The protected header. */
  readonly header: JweHeader;
  /** The content. */
  readonly plaintext: Uint8Array;
}

/** Encrypts bytes, or text as UTF-8. @throws {TypeError} for a key or option that does not fit. */
export async function encryptJwe(plaintext: Uint8Array | string, options: EncryptJweOptions): Promise<string> {
  const { key, enc = 'A256GCM', typ, cty, kid = key.kid } = options;
  const object = encryptionObject(key);
  if (!isContentEncryption(enc)) throw new TypeError('encryptJwe: `enc` must name a supported content encryption');
  if (kid !== undefined && !isKeyId(kid)) throw new TypeError('encryptJwe: `kid` must be a key id');
  const { CompactEncrypt } = await import('jose');
  const { createPublicKey } = await import('node:crypto');
  const header = {
    alg: key.alg,
    enc,
    ...(typ === undefined ? {} : { typ }),
    ...(cty === undefined ? {} : { cty }),
    ...(kid === undefined ? {} : { kid }),
  };
  const bytes = typeof plaintext === 'string' ? new TextEncoder().encode(plaintext) : plaintext;
  return new CompactEncrypt(bytes)
    .setProtectedHeader(header)
    .encrypt(object.type === 'private' ? createPublicKey(object) : object);
}

/**
 * Decrypts a compact JWE.
 *
 * @throws {JwtError} `decryption_failed` for every failure once the form is right, whatever failed (RFC 7516 section 11.5); for
 *   the form, the codes of `assertJweForm`.
 * @throws {TypeError} without an algorithm or an encryption, or for a key that signs.
 */
export async function decryptJwe(token: string, key: EncryptionKey, options: DecryptJweOptions): Promise<DecryptedJwe> {
  const object = encryptionObject(key);
  if (object.type === 'public') throw new TypeError('decryptJwe: a public key cannot decrypt');
  const allowed = {
    algorithms: nameSet('algorithms', options.algorithms, isEncryptionAlgorithm),
    encryptions: nameSet('encryptions', options.encryptions, isContentEncryption),
  };
  const header = assertJweForm(token, allowed, { alg: key.alg, object }, resolveLimits(options.limits));
  const { compactDecrypt } = await import('jose');
  try {
    const { plaintext } = await compactDecrypt(token, object, {
      keyManagementAlgorithms: [header.alg],
      contentEncryptionAlgorithms: [header.enc],
    });
    return { header, plaintext };
  } catch {
    throw refusal('decryption_failed');
  }
}

function nameSet(option: string, names: readonly string[], isKnown: (value: unknown) => boolean): ReadonlySet<string> {
  if (!Array.isArray(names) || names.length === 0)
    throw new TypeError(`decryptJwe: \`${option}\` must name at least one`);
  for (const name of names)
    if (!isKnown(name))
      throw new TypeError(`decryptJwe: \`${option}\` names ${JSON.stringify(name)}, which is not supported`);
  return new Set(names);
}
