/**
 * Packages that only some installations need: the clients of key stores are optional peer dependencies, loaded when a
 * configuration names their store.
 */
import { SignerError } from './signer-error.ts';

/**
 * The module that `load` imports, taken for a `T`.
 *
 * @param packageName - What to tell the reader to install.
 * @throws {SignerError} `package_missing` if it is not installed, or is there but cannot be loaded on this machine.
 */
export async function loadOptionalPackage<T>(packageName: string, load: () => Promise<unknown>): Promise<T> {
  try {
    return (await load()) as T;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    throw new SignerError('package_missing', {
      detail: absent
        ? `the package ${packageName} is not installed; run "npm install ${packageName}"`
        : `the package ${packageName} is installed but cannot be loaded; reinstall it on this machine`,
      ...(code === undefined || absent ? {} : { reason: code }),
    });
  }
}
