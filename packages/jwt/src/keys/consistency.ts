/**
 * Checks that the two halves of a private key belong together.
 *
 * A JWK carries both, and OpenSSL believes it. A private key beside somebody else's public half signs what nobody can verify, or,
 * for EdDSA, leaks itself. One signature made and verified at import settles it.
 */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { AlgorithmInfo } from '../algorithms.ts';
import { JwtError } from '../errors.ts';

const PROBE = Buffer.from('sealgate: do the halves of this key belong together?');

/** @throws {JwtError} `key_malformed`. */
export function assertPairConsistent(privateKey: KeyObject, info: AlgorithmInfo): void {
  const hash = info.family === 'rsa' || info.family === 'ec' ? info.hash : null;
  let matches = false;
  try {
    matches = verify(hash, PROBE, publicHalf(privateKey), sign(hash, PROBE, privateKey));
  } catch {
    // Some inconsistent keys fail to sign at all.
  }
  if (!matches)
    throw new JwtError('key_malformed', { reason: 'the private and the public half do not belong together' });
}

/** The public half as the key itself states it, which is what will be published. */
function publicHalf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}
