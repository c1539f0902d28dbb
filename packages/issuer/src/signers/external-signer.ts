/**
 * A `Signer` whose private key never enters this process. What the key stores have in common is here, once: the public key is
 * fetched and must be one for the configured algorithm; every call has a deadline; and no signature leaves that the public key
 * does not verify, so that a fault on the way, in the store or in its driver never becomes a token.
 *
 * How one store is spoken to is its driver's business: `pkcs11/driver.ts`, `aws-kms.ts`, `google-kms.ts`, `azure-key-vault.ts`.
 */
import type { KeyObject } from 'node:crypto';
import { type Key, type Signer, thumbprint } from '@sealgate/jwt';
import { withinDeadline } from './deadline.ts';
import { SignerError } from './signer-error.ts';
import { type SigningAlgorithm, isSignature, keyFor } from './signing-algorithm.ts';

/** How one key in one key store is spoken to. Its errors are {@link SignerError}s. */
export interface SignerDriver {
  /** Key store and key, for messages: `aws-kms:alias/sealgate`. */
  readonly name: string;
  /** Fetches the public key. Called once, before any signature. */
  publicKey(signal: AbortSignal): Promise<KeyObject>;
  /** Signs `bytes` (not yet digested). The signature is in the form of a JWS (RFC 7518 section 3). */
  sign(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A signer outside this process. */
export interface ExternalSigner extends Signer {
  readonly alg: SigningAlgorithm;
  /** The JWK thumbprint (RFC 7638) of the public key, so the same key has the same `kid` wherever it is configured. */
  readonly kid: string;
  /** Key store and key, for messages and metrics: `aws-kms:alias/sealgate`. Not secret. */
  readonly name: string;
  /** For the JWKS: its `kid` and `alg` are the signer's. */
  readonly publicKey: Key;
  /** @throws {SignerError} */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** Ends sessions and connections. Signatures in progress end first; later ones throw `closed`. */
  close(): Promise<void>;
}

/** Signed once when a signer opens: proves that the caller may sign, and that private and public key belong together. */
const PROBE = new TextEncoder().encode('sealgate: can this key sign?');

/**
 * Opens a signer: fetches its public key, checks it against `algorithm`, and has one signature made.
 *
 * @param timeoutMs - Bound on each call, opening included.
 * @throws {SignerError} any code but `closed`. The driver is closed then.
 */
export async function openExternalSigner(
  driver: SignerDriver,
  algorithm: SigningAlgorithm,
  timeoutMs: number,
): Promise<ExternalSigner> {
  let closed = false;
  const call = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await withinDeadline(timeoutMs, work);
    } catch (error) {
      throw error instanceof SignerError ? error.of(driver.name) : error;
    }
  };
  const signWith = (key: KeyObject, bytes: Uint8Array): Promise<Uint8Array> =>
    call(async (signal) => {
      const signature = await driver.sign(bytes, signal);
      if (await isSignature(algorithm, key, bytes, signature)) return signature;
      throw new SignerError('integrity_failed', {
        detail: 'the signature is not one of the key whose public half was read',
      });
    });

  try {
    const { object, kid } = await call(async (signal) => {
      const found = await driver.publicKey(signal);
      return { object: found, kid: thumbprint(keyFor(algorithm, found)) };
    });
    await signWith(object, PROBE);
    return {
      alg: algorithm,
      kid,
      name: driver.name,
      publicKey: keyFor(algorithm, object, kid),
      async sign(bytes) {
        if (closed) throw new SignerError('closed', { signer: driver.name });
        return signWith(object, bytes);
      },
      async close() {
        if (closed) return;
        closed = true;
        await driver.close();
      },
    };
  } catch (error) {
    await driver.close();
    throw error;
  }
}
