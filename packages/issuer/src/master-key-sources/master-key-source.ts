/**
 * Where the master key comes from: a file or an environment variable that holds it (`secrets/master-key.ts`), or a file that holds
 * it wrapped by a key store, which is asked once, at start. A key store that is down at start stops the start; later it may be
 * down for as long as it likes.
 */
import { Secret } from '@sealgate/service';
import { IssuerError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { MasterKey, openMasterKey } from '../secrets/master-key.ts';
import { withinDeadline } from '../signers/deadline.ts';
import type { KeyStoreDependencies } from '../signers/key-store-dependencies.ts';
import { SignerError } from '../signers/signer-error.ts';
import type { WrappedMasterKeyConfig } from './config.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import { createKeyWrapper } from './create-key-wrapper.ts';
import { createWrappedKeyFile, readWrappedKey } from './wrapped-key-file.ts';

const KEY_BYTES = 32;

/** Gives the master key. */
export interface MasterKeySource {
  /** @throws {IssuerError} `master_key_missing`, `master_key_malformed`, `master_key_exposed`. @throws {SignerError} */
  open(): Promise<MasterKey>;
}

/** The source that the configuration names. */
export function createMasterKeySource(
  config: Secret | WrappedMasterKeyConfig,
  runtime: Runtime,
  dependencies: KeyStoreDependencies = {},
): MasterKeySource {
  if (config instanceof Secret) return { open: async () => openMasterKey(config, runtime) };
  return { open: () => openWrapped(config, runtime, dependencies) };
}

/**
 * Wraps a master key that exists already, to move from a plain file to a key store, or from one key store to another. The file of
 * the new configuration must not be there yet.
 *
 * @throws {IssuerError} `master_key_malformed`: not 32 bytes, or the file is there. @throws {SignerError}
 */
export async function wrapMasterKey(
  bytes: Uint8Array,
  config: WrappedMasterKeyConfig,
  dependencies: KeyStoreDependencies = {},
): Promise<void> {
  if (bytes.length !== KEY_BYTES) throw new IssuerError('master_key_malformed');
  await withWrapper(config, dependencies, async (wrapper, call) => {
    if (readWrappedKey(config.wrapped, wrapper.store) !== undefined) {
      throw new IssuerError('master_key_malformed', `${config.wrapped} holds a master key already`);
    }
    const wrapped = await call((signal) => wrapper.wrap(bytes, signal));
    // Nobody gives the plain key away before the wrapped one is known to open.
    const unwrapped = await call((signal) => wrapper.unwrap(wrapped, signal));
    if (!Buffer.from(unwrapped).equals(bytes)) throw new SignerError('integrity_failed', { signer: wrapper.name });
    createWrappedKeyFile(config.wrapped, wrapper.store, wrapped);
  });
}

function openWrapped(
  config: WrappedMasterKeyConfig,
  runtime: Runtime,
  dependencies: KeyStoreDependencies,
): Promise<MasterKey> {
  return withWrapper(config, dependencies, async (wrapper, call) => {
    if (readWrappedKey(config.wrapped, wrapper.store) === undefined) {
      const fresh = await call((signal) => wrapper.wrap(runtime.random(KEY_BYTES), signal));
      createWrappedKeyFile(config.wrapped, wrapper.store, fresh);
    }
    // Read back: of two processes that start at once, one has made the file that counts.
    const wrapped = readWrappedKey(config.wrapped, wrapper.store);
    if (wrapped === undefined) throw new IssuerError('master_key_missing');
    return new MasterKey(await call((signal) => wrapper.unwrap(wrapped, signal)));
  });
}

type Call = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

async function withWrapper<T>(
  config: WrappedMasterKeyConfig,
  dependencies: KeyStoreDependencies,
  work: (wrapper: KeyWrapper, call: Call) => Promise<T>,
): Promise<T> {
  const wrapper = await createKeyWrapper(config, dependencies);
  try {
    return await work(wrapper, async (step) => {
      try {
        return await withinDeadline(config.timeout, step);
      } catch (error) {
        throw error instanceof SignerError ? error.of(wrapper.name) : error;
      }
    });
  } finally {
    await wrapper.close();
  }
}
