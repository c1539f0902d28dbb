/**
 * Replaces the master key: everything that is sealed under the old one is sealed under the new one, all or nothing. For a database that no
 * issuer is using; afterwards the issuer is started with the new key.
 */
import type { Runtime } from '../runtime.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import type { Store } from '../store/store.ts';
import { resealDataKeys } from './data-keys.ts';
import { resealSigningKeys } from './signing-keys.ts';

/** @throws {IssuerError} `sealed_data_rejected` if `from` is not the key that sealed it; nothing has changed then. */
export async function replaceMasterKey(store: Store, from: MasterKey, to: MasterKey, runtime: Runtime): Promise<void> {
  await store.write(async (tx) => {
    await resealSigningKeys(tx, from, to, runtime);
    await resealDataKeys(tx, from, to, runtime);
  });
}
