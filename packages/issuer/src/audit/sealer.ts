/**
 * Seals events: numbers them, chains their hashes and moves the head. On SQLite in the commit that writes them. On PostgreSQL it takes the events
 * that wait, in order, a batch in one unit of work; any number of processes may share a database, and who finds another one sealing
 * leaves it to that one. An event that waits and that no issuer wrote is not sealed: it is told as an event of its own.
 */
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';
import type { AuditPendingTable } from '../store/schema.ts';
import type { SharedWork, Store, Transaction } from '../store/store.ts';
import {
  createHead,
  holdHead,
  insertSealed,
  insertSealedTogether,
  moveHead,
  readHead,
  readPending,
  removePending,
  sealedAmong,
  signedHead,
} from './audit-rows.ts';
import { isSame, pendingMac, rowMac, signHead, type ChainRow, type SignedHead } from './chain.ts';
import { factsOf, writeEvent, type WrittenEvent } from './event.ts';

/** Bounds how long a batch holds the event loop on SQLite. */
const BATCH = 200;
/** An event waits this long for others that share its batch. */
const GATHER_MS = 100;
/** What another process left behind when it died is found within this. */
const LOOK_EVERY_MS = 2_000;

export interface SealerOptions {
  readonly store: Store;
  readonly key: MacKey;
  readonly runtime: Runtime;
  /** Told of each batch, after its commit. */
  readonly onSealed: (rows: readonly ChainRow[]) => void;
  readonly onTrouble: (error: unknown) => void;
}

export class Sealer {
  readonly #options: SealerOptions;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #sealing: Promise<void> | undefined;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Seals the events of a commit as part of it. */
  readonly sealInCommit: SharedWork<WrittenEvent> = async (tx, events) => {
    const head = await tx.first(readHead, {});
    if (head === undefined) throw new TypeError('the audit was not begun');
    const rows = await this.#extend(tx, signedHead(head), events);
    for (const row of rows) await tx.run(insertSealed, { ...row });
    return () => this.#options.onSealed(rows);
  };

  /** Makes the head on first start, and begins to look. */
  async start(): Promise<void> {
    const { store, key } = this.#options;
    const { signature } = signHead(key, { floorSeq: 0, floorMac: '', seq: 0, mac: '' });
    await store.execute(createHead, { signature });
    this.#look = setInterval(() => this.wake(), LOOK_EVERY_MS).unref();
    this.wake();
  }

  /** There is something to seal. */
  wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.seal().catch(this.#options.onTrouble);
    }, GATHER_MS).unref();
  }

  /** Seals all that waits now. */
  async seal(): Promise<void> {
    // What was written since the round under way began is for the next one.
    while (this.#sealing !== undefined) await this.#sealing;
    this.#sealing = this.#sealAll().finally(() => (this.#sealing = undefined));
    return this.#sealing;
  }

  /** Seals the rest, and stops. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
    // So that nothing written from here on starts it again.
    this.#timer = setTimeout(() => undefined, 0);
    await this.seal().catch(this.#options.onTrouble);
  }

  async #sealAll(): Promise<void> {
    for (;;) {
      const { taken, sealed } = await this.#options.store.write((tx) => this.#sealBatch(tx));
      if (sealed.length > 0) this.#options.onSealed(sealed);
      if (taken < BATCH) return;
    }
  }

  async #sealBatch(tx: Transaction): Promise<{ taken: number; sealed: ChainRow[] }> {
    const row = await tx.first(holdHead, {});
    if (row === undefined) return { taken: 0, sealed: [] };
    const pending = await tx.all(readPending, { limit: BATCH });
    if (pending.length === 0) return { taken: 0, sealed: [] };
    const ids = JSON.stringify(pending.map(({ id }) => id));
    const known = new Set((await tx.all(sealedAmong, { ids })).map(({ id }) => id));
    const sealed = await this.#extend(tx, signedHead(row), this.#genuine(pending, known));
    await tx.run(insertSealedTogether, { rows: JSON.stringify(sealed.map(columns)) });
    await tx.run(removePending, { ids });
    return { taken: pending.length, sealed };
  }

  /** Those that an issuer wrote, each once; and one that tells of the others. */
  #genuine(pending: readonly AuditPendingTable[], known: ReadonlySet<string>): WrittenEvent[] {
    const { key, runtime } = this.#options;
    const genuine = pending.flatMap(({ id, body, mac }): WrittenEvent[] => {
      const facts = factsOf(body);
      return isSame(pendingMac(key, body), mac) && facts.id === id && !known.has(id) ? [{ ...facts, body }] : [];
    });
    const forged = pending.length - genuine.length;
    if (forged === 0) return genuine;
    const told = writeEvent(
      { event: 'audit_forged', actor: { kind: 'issuer' }, outcome: 'refused', target: `rows:${forged}` },
      runtime,
    );
    return [...genuine, told];
  }

  /** Moves the head over new rows, which the caller writes. */
  async #extend(tx: Transaction, from: SignedHead, events: readonly WrittenEvent[]): Promise<ChainRow[]> {
    const { key } = this.#options;
    let { seq, mac } = from;
    const rows = events.map((event): ChainRow => {
      mac = rowMac(key, mac, ++seq, event.body);
      return { ...event, seq, mac };
    });
    await tx.run(moveHead, { ...signHead(key, { ...from, seq, mac }) });
    return rows;
  }
}

function columns({ seq, id, atMs, event, subject, body, mac }: ChainRow): unknown[] {
  return [seq, id, atMs, event, subject, body, mac];
}
