/**
 * What a key store does for the master key: encrypts it under a key that never leaves the store, and decrypts it again. Nothing else
 * of the issuer's data ever goes there.
 */

/** Bound into the encryption where the store can, so that nothing wrapped for another purpose passes for a master key. */
export const PURPOSE = 'sealgate/master-key/v1';

/** A master key in its wrapped form. Not secret: without the key store it is nothing. */
export interface WrappedKey {
  /** The store's own, full name of the key that wrapped it. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** One key of one key store. Its errors are `SignerError`s. */
export interface KeyWrapper {
  /** Which store, as the configuration names it: what a wrapped key's file says. */
  readonly store: 'awsKms' | 'googleKms' | 'azureKeyVault';
  /** Key store and key, for messages: `aws-kms:alias/sealgate`. */
  readonly name: string;
  wrap(plaintext: Uint8Array, signal: AbortSignal): Promise<WrappedKey>;
  unwrap(wrapped: WrappedKey, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}
