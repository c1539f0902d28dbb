/**
 * The audit: each security event is one row, there if and only if what it tells was done, in one chain whatever number of processes write
 * (ADR 13). Once on each database.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listAudit, verifyAudit } from '../../src/audit/audit-reader.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { insertPending } from '../../src/audit/audit-rows.ts';
import { pendingMac } from '../../src/audit/chain.ts';
import { writeEvent } from '../../src/audit/event.ts';
import { pruneAudit } from '../../src/audit/retention.ts';
import { Sealer } from '../../src/audit/sealer.ts';
import type { RawStatement } from '../../src/store/store.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { MacKey } from '../../src/secrets/mac.ts';
import type { PostgresStore } from '../../src/store/postgres.ts';
import type { SqliteStore } from '../../src/store/sqlite.ts';
import { migrated, STORE_KINDS, type Databases, type TestDatabase } from '../stores.ts';

const key = new MacKey(Buffer.alloc(32, 1));
const DAY_MS = 24 * 3_600_000;

describe.each(STORE_KINDS)('the audit on $name', (kind) => {
  let databases: Databases;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    databases = await kind.start();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  afterAll(() => databases.stop());

  async function open(database: TestDatabase, nowMs: () => number = systemRuntime.nowMs) {
    const store = await migrated(database);
    const runtime = { ...systemRuntime, nowMs };
    const streamed: string[] = [];
    const sealer = new Sealer({
      store,
      key,
      runtime,
      onSealed: (rows) => streamed.push(...rows.map(({ body }) => body)),
      onTrouble: (error) => {
        throw error;
      },
    });
    await sealer.start();
    const log = new AuditLog({ store, key, runtime, sealer });
    closing.push(async () => {
      await sealer.close();
      await store.close();
    });
    return { store, log, sealer, runtime, streamed };
  }

  const tampered = (store: SqliteStore | PostgresStore, ...statements: string[]) =>
    store.script(async () => statements.map((sql): RawStatement => ({ sql, parameters: [] })), 1);

  const event = (subject: string) => ({ event: 'login', actor: { kind: 'user', id: subject }, subject }) as const;

  it('writes an event with what it tells, or neither', async () => {
    const { store, log, sealer } = await open(await databases.create());
    await store.write((tx) => log.append(tx, event('usr_done')));
    const failing = store.write(async (tx) => {
      await log.append(tx, event('usr_undone'));
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    await sealer.seal();
    const rows = await listAudit(store, { limit: 10 });
    expect(rows.map(({ subject }) => subject)).toEqual(['usr_done']);
    expect(await verifyAudit(store, key)).toMatchObject({ faults: [], rows: 1, waiting: 0 });
  });

  it('makes one chain of what several processes write and seal at once, losing and repeating nothing', async () => {
    const database = await databases.create();
    const processes = await Promise.all([open(database), open(database), open(database)]);
    await Promise.all(
      processes.flatMap(({ store, log, sealer }, process) =>
        Array.from({ length: 150 }, async (_, index) => {
          await store.write((tx) => log.append(tx, event(`usr_${process}_${index}`)));
          if (index % 40 === 0) await sealer.seal();
        }),
      ),
    );
    for (const { sealer } of processes) await sealer.seal();
    const [first] = processes;
    if (first === undefined) throw new TypeError('no process');
    expect(await verifyAudit(first.store, key)).toMatchObject({
      faults: [],
      rows: 450,
      head: { seq: 450 },
      waiting: 0,
    });
    const subjects = (await listAudit(first.store, { limit: 1000 })).map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(450);
    // Each row is streamed once, by whoever sealed it.
    expect(processes.flatMap(({ streamed }) => streamed)).toHaveLength(450);
  });

  it.each([
    ['a text altered', `update audit_event set body = replace(body, 'usr_3', 'usr_4') where seq = 4`, 'altered'],
    ['a column altered', `update audit_event set subject = 'usr_9' where seq = 4`, 'altered'],
    ['a row removed', 'delete from audit_event where seq = 4', 'removed'],
    ['the newest rows removed', 'delete from audit_event where seq > 7', 'truncated'],
    ['everything removed', 'delete from audit_event', 'truncated'],
    ['the head set back', 'update audit_head set seq = 7', 'head_altered'],
    ['the head removed', 'delete from audit_head', 'head_altered'],
  ])('shows %s in the database', async (_name, sql, kind) => {
    const { store, log, sealer } = await open(await databases.create());
    for (let index = 0; index < 10; index++) await log.record(event(`usr_${index}`));
    await sealer.seal();
    expect((await verifyAudit(store, key)).faults).toEqual([]);
    await tampered(store, sql);
    expect((await verifyAudit(store, key)).faults[0]).toMatchObject({ kind });
  });

  it('seals no event that was put among the waiting, and none twice, and tells of both', async () => {
    const { store, sealer, runtime } = await open(await databases.create());
    // As it waits where the chain is not extended with each commit.
    const written = writeEvent(event('usr_genuine'), runtime);
    await store.execute(insertPending, { id: written.id, body: written.body, mac: pendingMac(key, written.body) });
    await tampered(store, `insert into audit_pending (id, body, mac) select id || 'x', body, mac from audit_pending`);
    await sealer.seal();
    const [told, genuine, ...more] = await listAudit(store, { limit: 10 });
    expect(told).toMatchObject({ event: 'audit_forged', body: expect.stringContaining('rows:1') });
    expect(genuine).toMatchObject({ subject: 'usr_genuine' });
    expect(more).toEqual([]);
    const { id, body } = genuine ?? { id: '', body: '' };
    await store.execute(insertPending, { id, body, mac: pendingMac(key, body) });
    await sealer.seal();
    expect((await listAudit(store, { limit: 10 })).map((row) => row.event)).toEqual([
      'audit_forged',
      'audit_forged',
      'login',
    ]);
    expect((await verifyAudit(store, key)).faults).toEqual([]);
  });

  it('removes rows for their age from the beginning, and stays right', async () => {
    let nowMs = 1_800_000_000_000;
    const { store, log, sealer, runtime } = await open(await databases.create(), () => nowMs);
    const prune = () => pruneAudit({ store, key, audit: log, runtime, keepMs: 10 * DAY_MS }, 100);
    for (const subject of ['usr_old', 'usr_older']) await log.record(event(subject));
    nowMs += 5 * DAY_MS;
    await log.record(event('usr_young'));
    await sealer.seal();
    nowMs += 5.5 * DAY_MS;
    // Rows go together, once a day.
    expect(await prune()).toBe(0);
    nowMs += DAY_MS;
    expect(await prune()).toBe(2);
    expect(await prune()).toBe(0);
    await sealer.seal();
    expect((await listAudit(store, { limit: 10 })).map((row) => row.subject ?? row.event)).toEqual([
      'audit_pruned',
      'usr_young',
    ]);
    expect((await verifyAudit(store, key)).faults).toEqual([]);
    await tampered(store, 'delete from audit_event where seq = 3');
    expect((await verifyAudit(store, key)).faults).not.toEqual([]);
  });

  it('is checked in steps between which others run, until nobody waits for it any more', async () => {
    const { store, log, sealer } = await open(await databases.create());
    await Promise.all(Array.from({ length: 1000 }, (_, index) => log.record(event(`usr_${index}`))));
    await sealer.seal();
    let turns = 0;
    const checked = new AbortController();
    const others = (async () => {
      for (; !checked.signal.aborted; turns++) await new Promise((resolve) => setImmediate(resolve));
    })();
    expect(await verifyAudit(store, key)).toMatchObject({ faults: [], rows: 1000 });
    checked.abort();
    await others;
    expect(turns).toBeGreaterThanOrEqual(4);
    const gone = new AbortController();
    const abandoned = verifyAudit(store, key, { signal: gone.signal });
    gone.abort();
    await expect(abandoned).rejects.toBe(gone.signal.reason);
  });

  it('is found by subject, event, actor and time, the newest first', async () => {
    let nowMs = 1_800_000_000_000;
    const { store, log, sealer } = await open(await databases.create(), () => nowMs);
    const told = async (...events: Parameters<typeof log.record>[0][]) => {
      for (const each of events) await log.record(each);
      await sealer.seal();
      nowMs += 1000;
    };
    const logout = { event: 'logout', actor: { kind: 'user', id: 'usr_a' }, subject: 'usr_a' } as const;
    const by = { actor: { kind: 'client', id: 'usr_a' } } as const;
    await told(event('usr_a'));
    await told(event('usr_b'), event('usr_a'));
    // A clock that was set back: numbers go on, and the order is that of the times.
    nowMs -= 3000;
    await told({ event: 'user_created', actor: { kind: 'operator' }, subject: 'usr_a' }, logout);
    await told({ event: 'refresh', ...by, subject: 'usr_b' }, { event: 'user_changed', ...by, subject: 'usr_a' });
    const start = 1_800_000_000_000;
    const found = async (filter: object) =>
      (await listAudit(store, { limit: 3, ...filter })).map(({ seq }) => seq).join();
    expect(await found({})).toBe('3,2,7');
    expect(await found({ before: { atMs: start + 1000, seq: 2 } })).toBe('7,6,1');
    expect(await found({ before: { atMs: start, seq: 6 } })).toBe('1,5,4');
    expect(await found({ subject: 'usr_a' })).toBe('3,7,1');
    expect(await found({ event: 'login' })).toBe('3,2,1');
    expect(await found({ event: 'login', subject: 'usr_a' })).toBe('3,1');
    expect(await found({ actor: 'user:usr_a' })).toBe('3,1,5');
    expect(await found({ actor: 'client:usr_a' })).toBe('7,6');
    expect(await found({ actor: 'operator' })).toBe('4');
    expect(await found({ actor: 'issuer' })).toBe('');
    expect(await found({ actor: 'client:usr_a', event: 'user_changed' })).toBe('7');
    expect(await found({ actor: 'client:usr_a', subject: 'usr_b', event: 'refresh' })).toBe('6');
    expect(await found({ sinceMs: start })).toBe('3,2,7');
    expect(await found({ sinceMs: start, untilMs: start + 1000 })).toBe('7,6,1');
    expect(await found({ untilMs: start })).toBe('5,4');
    expect(await found({ untilMs: start, before: { atMs: start + 1000, seq: 2 } })).toBe('5,4');
    expect(await found({ subject: 'usr_a', sinceMs: start, untilMs: start + 1000 })).toBe('7,1');
    expect(await found({ event: 'login', untilMs: start + 1000 })).toBe('1');
    expect(await found({ actor: 'user:usr_a', untilMs: start + 1000, limit: 1 })).toBe('1');
  });
});
