/**
 * Data keys: random keys for one purpose each, stored sealed under the master key. What was made with one (the check values of client
 * secrets) goes on being good when the master key is replaced.
 */
import type { Runtime } from '../runtime.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import { open, seal } from '../secrets/seal.ts';
import { query } from '../store/query.ts';
import type { Store, Transaction } from '../store/store.ts';

const KEY_BYTES = 32;

const find = query((db, p: { name: string }) => db.selectFrom('data_key').select('sealed').where('name', '=', p.name));

const all = query((db) => db.selectFrom('data_key').select(['name', 'sealed']));

const insert = query((db, p: { name: string; sealed: Uint8Array; now: number }) =>
  db
    .insertInto('data_key')
    .values({ name: p.name, sealed: p.sealed, created_ms: p.now })
    .onConflict((c) => c.column('name').doNothing()),
);

const replace = query((db, p: { name: string; sealed: Uint8Array }) =>
  db.updateTable('data_key').set({ sealed: p.sealed }).where('name', '=', p.name),
);

/**
 * The data key of a name; made when it is not there. Of several processes that make it, one wins.
 *
 * @throws {IssuerError} `sealed_data_rejected`: another master key sealed this database.
 */
export async function openDataKey(store: Store, masterKey: MasterKey, runtime: Runtime, name: string): Promise<Buffer> {
  const sealingKey = masterKey.derive('data-key/v1');
  const fresh = seal(runtime.random(KEY_BYTES), sealingKey, sealContext(name), runtime);
  const sealed = await store.write(async (tx) => {
    await tx.run(insert, { name, sealed: fresh, now: runtime.nowMs() });
    return (await tx.first(find, { name }))?.sealed ?? fresh;
  });
  return open(sealed, sealingKey, sealContext(name));
}

/** The data key of a name, if it is there. Changes nothing. @throws {IssuerError} `sealed_data_rejected`. */
export async function readDataKey(store: Store, masterKey: MasterKey, name: string): Promise<Buffer | undefined> {
  const row = await store.first(find, { name });
  return row && open(row.sealed, masterKey.derive('data-key/v1'), sealContext(name));
}

/** Seals every data key again, as part of replacing the master key. */
export async function resealDataKeys(tx: Transaction, from: MasterKey, to: MasterKey, runtime: Runtime): Promise<void> {
  for (const { name, sealed } of await tx.all(all, {})) {
    const plain = open(sealed, from.derive('data-key/v1'), sealContext(name));
    await tx.run(replace, { name, sealed: seal(plain, to.derive('data-key/v1'), sealContext(name), runtime) });
  }
}

function sealContext(name: string): string {
  return `data-key ${name}`;
}
