/**
 * Signatures over a digest, as key stores make them: `node:crypto` signs messages only, so these are made from its raw RSA operation,
 * and for ECDSA by a curve library that has no part in what is tested.
 */
import { type KeyObject, constants, createHash, privateEncrypt, randomBytes } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';

const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521, secp256k1 } as const;

/** ECDSA over a digest. `form`: DER, as AWS and Google answer, or r and s one after the other, as Azure does. */
export function signDigestWithCurve(key: KeyObject, digest: Uint8Array, form: 'der' | 'compact'): Uint8Array {
  const { crv, d = '' } = key.export({ format: 'jwk' }) as { crv?: string; d?: string };
  const curve = CURVES[crv as keyof typeof CURVES];
  return curve.sign(digest, Buffer.from(d, 'base64url'), { prehash: false, lowS: false, format: form });
}

const DIGEST_INFO: Readonly<Record<number, string>> = {
  32: '3031300d060960864801650304020105000420',
  48: '3041300d060960864801650304020205000430',
  64: '3051300d060960864801650304020305000440',
};

const HASHES: Readonly<Record<number, string>> = { 32: 'sha256', 48: 'sha384', 64: 'sha512' };

/** RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1) over a digest. */
export function signDigestPkcs1(key: KeyObject, digest: Uint8Array): Buffer {
  const info = Buffer.concat([Buffer.from(DIGEST_INFO[digest.length] ?? '', 'hex'), digest]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info);
}

/** RSASSA-PSS (RFC 8017 sections 8.1.1 and 9.1.1) over a digest, the salt as long as the digest. */
export function signDigestPss(key: KeyObject, digest: Uint8Array): Buffer {
  const hash = HASHES[digest.length] ?? '';
  const length = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const salt = randomBytes(digest.length);
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const db = Buffer.alloc(length - h.length - 1);
  db[db.length - salt.length - 1] = 1;
  salt.copy(db, db.length - salt.length);
  const mask = maskOf(hash, h, db.length);
  const masked = db.map((byte, index) => byte ^ (mask[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([masked, h, Buffer.of(0xbc)]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function maskOf(hash: string, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; blocks.length * seed.length < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    blocks.push(createHash(hash).update(seed).update(number).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}
