/**
 * Which mechanism makes a signature of which algorithm, and what it is given (PKCS #11 Mechanisms version 3.1, sections 2.1 RSA,
 * 2.3 elliptic curves). Where a token has both, the digest is made here and the token signs it: less to send. Tokens in FIPS mode
 * may insist on digesting themselves.
 */
import { type DigestName, type SigningAlgorithm, digestOf, traitsOf } from '../signing-algorithm.ts';
import { SignerError } from '../signer-error.ts';
import { CKG, CKM } from './constants.ts';
import type { Mechanism } from './cryptoki.ts';

/** One way to make a signature. */
export interface MechanismPlan {
  readonly mechanism: Mechanism;
  /** What `C_Sign` is given for a message. */
  readonly input: (message: Uint8Array) => Uint8Array;
}

const HASHES: Readonly<
  Record<DigestName, { bytes: number; ckm: number; mgf: number; rsa: number; pss: number; ecdsa: number; info: string }>
> = {
  sha256: {
    bytes: 32,
    ckm: CKM.SHA256,
    mgf: CKG.MGF1_SHA256,
    rsa: CKM.SHA256_RSA_PKCS,
    pss: CKM.SHA256_RSA_PKCS_PSS,
    ecdsa: CKM.ECDSA_SHA256,
    info: '3031300d060960864801650304020105000420',
  },
  sha384: {
    bytes: 48,
    ckm: CKM.SHA384,
    mgf: CKG.MGF1_SHA384,
    rsa: CKM.SHA384_RSA_PKCS,
    pss: CKM.SHA384_RSA_PKCS_PSS,
    ecdsa: CKM.ECDSA_SHA384,
    info: '3041300d060960864801650304020205000430',
  },
  sha512: {
    bytes: 64,
    ckm: CKM.SHA512,
    mgf: CKG.MGF1_SHA512,
    rsa: CKM.SHA512_RSA_PKCS,
    pss: CKM.SHA512_RSA_PKCS_PSS,
    ecdsa: CKM.ECDSA_SHA512,
    info: '3051300d060960864801650304020305000440',
  },
};

/**
 * The ways to sign with an algorithm, the preferred one first.
 *
 * @throws {SignerError} `mechanism_unsupported`: PKCS #11 as used here has none.
 */
export function plansFor(algorithm: SigningAlgorithm): readonly MechanismPlan[] {
  const traits = traitsOf(algorithm);
  if (traits.family === 'okp') return [{ mechanism: { type: CKM.EDDSA }, input: asIs }];
  if (traits.family === 'akp' || traits.family === 'hmac') {
    throw new SignerError('mechanism_unsupported', { detail: `${algorithm} is not offered with PKCS#11` });
  }
  const hash = HASHES[traits.hash];
  const digested = (message: Uint8Array): Buffer => digestOf(message, traits.hash);
  if (traits.family === 'ec') {
    return [
      { mechanism: { type: CKM.ECDSA }, input: digested },
      { mechanism: { type: hash.ecdsa }, input: asIs },
    ];
  }
  if (traits.padding === 'pss') {
    // CK_RSA_PKCS_PSS_PARAMS; RFC 7518 section 3.5: the salt is as long as the digest.
    const parameter = [hash.ckm, hash.mgf, hash.bytes];
    return [
      { mechanism: { type: CKM.RSA_PKCS_PSS, parameter }, input: digested },
      { mechanism: { type: hash.pss, parameter }, input: asIs },
    ];
  }
  // RFC 8017 section 9.2: the digest goes into a DigestInfo, whose first bytes are constant for a hash.
  const prefix = Buffer.from(hash.info, 'hex');
  return [
    { mechanism: { type: CKM.RSA_PKCS }, input: (message) => Buffer.concat([prefix, digested(message)]) },
    { mechanism: { type: hash.rsa }, input: asIs },
  ];
}

function asIs(message: Uint8Array): Uint8Array {
  return message;
}
