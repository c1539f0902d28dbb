/** What housekeeping keeps of refresh families: all that recognises reuse while a family lives, nothing a day after it was revoked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFamily } from '../../src/families/refresh-families.ts';
import { tidy } from '../../src/housekeeping.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { createSession } from '../../src/sessions/sessions.ts';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { STORE_KINDS, migrated, type Databases } from '../stores.ts';

const DAY_MS = 24 * 3_600_000;
const REVOKED_MS = 10 * DAY_MS;
const GENERATIONS = 25;

const addUser = query((db, p: { id: string }) =>
  db.insertInto('user_account').values({
    id: p.id,
    username: p.id,
    password_hash: '',
    roles: '[]',
    tenant: null,
    disabled_ms: null,
    not_before_seconds: 0,
    created_ms: 0,
    updated_ms: 0,
  }),
);
const addClient = query((db, p: { id: string }) =>
  db.insertInto('client').values({
    id: p.id,
    name: p.id,
    authentication: 'none',
    grants: '[]',
    scopes: '[]',
    audiences: '[]',
    introspection: 0,
    dpop_bound: 0,
    certificate_bound: 0,
    disabled_ms: null,
    not_before_seconds: 0,
    version: 1,
    created_ms: 0,
    updated_ms: 0,
  }),
);
const addGeneration = query((db, p: { hash: Uint8Array; family: string; generation: number }) =>
  db.insertInto('refresh_token').values({
    hash: p.hash,
    family: p.family,
    generation: p.generation,
    created_ms: 0,
    consumed_ms: 1,
    sealed_successor: null,
  }),
);
const revoke = query((db, p: { id: string; now: number }) =>
  db.updateTable('refresh_family').set({ revoked_ms: p.now, revoked_reason: 'reuse' }).where('id', '=', p.id),
);
const generations = query((db) =>
  db
    .selectFrom('refresh_token')
    .select((e) => ['family', e.fn.countAll<number | string>().as('count')])
    .groupBy('family')
    .orderBy('family'),
);
const families = query((db) => db.selectFrom('refresh_family').select('id').orderBy('id'));

async function addFamily(store: Store, id: string): Promise<void> {
  const times = { nowMs: 0, idleExpiresMs: 90 * DAY_MS, expiresMs: 90 * DAY_MS };
  const holder = { subject: 'usr_a', clientId: 'app' };
  await store.write(async (tx) => {
    const device = { address: '', userAgent: '' };
    await createSession(tx, { id: `ses_${id}`, ...holder, ...times, methods: ['pwd'], device });
    const secret = systemRuntime.random(32);
    const grant = { scope: [], audience: [], sender: {} };
    await createFamily(tx, { id, sessionId: `ses_${id}`, ...holder, ...grant, ...times, secret });
    for (let generation = 2; generation <= GENERATIONS; generation++) {
      await tx.run(addGeneration, { hash: systemRuntime.random(32), family: id, generation });
    }
  });
}

describe.each(STORE_KINDS)('refresh families on $name', (kind) => {
  let databases: Databases;
  let store: Store;
  beforeAll(async () => {
    databases = await kind.start();
    store = await migrated(await databases.create());
    await store.execute(addUser, { id: 'usr_a' });
    await store.execute(addClient, { id: 'app' });
  });
  afterAll(async () => {
    await store.close();
    await databases.stop();
  });

  it('go in small steps a day after they were revoked; a living one keeps every generation', async () => {
    for (const id of ['fam_dead', 'fam_fresh', 'fam_live']) await addFamily(store, id);
    await store.execute(revoke, { id: 'fam_dead', now: REVOKED_MS });
    await store.execute(revoke, { id: 'fam_fresh', now: REVOKED_MS + 1 });
    const counts = async () =>
      Object.fromEntries((await store.all(generations, {})).map(({ family, count }) => [family, Number(count)]));
    const all = { fam_dead: GENERATIONS, fam_fresh: GENERATIONS, fam_live: GENERATIONS };

    expect(await tidy(store, REVOKED_MS + DAY_MS, 10)).toBe(false);
    expect(await counts()).toEqual(all);

    const later = REVOKED_MS + DAY_MS + 1;
    expect(await tidy(store, later, 10)).toBe(true);
    expect(await counts()).toEqual({ ...all, fam_dead: GENERATIONS - 10 });
    expect(await store.all(families, {})).toHaveLength(3);
    while (await tidy(store, later, 10));
    expect(await counts()).toEqual({ fam_fresh: GENERATIONS, fam_live: GENERATIONS });
    expect(await store.all(families, {})).toEqual([{ id: 'fam_fresh' }, { id: 'fam_live' }]);
  });
});
