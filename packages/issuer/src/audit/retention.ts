/**
 * Removes audit rows for their age, from the beginning of the chain and in small steps. The head remembers, under its signature, where the chain
 * now begins, and an event tells of it.
 */
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';
import type { Store } from '../store/store.ts';
import { moveHead, removeUpTo, rowsAfter, signedHead, waitForHead } from './audit-rows.ts';
import { signHead } from './chain.ts';
import type { Audit } from './audit-log.ts';

/** Rows go together, once a day: otherwise each step's own event would be the reason for the next step. */
const TOGETHER_MS = 24 * 3_600_000;

export interface RetentionParts {
  readonly store: Store;
  readonly key: MacKey;
  readonly audit: Audit;
  readonly runtime: Runtime;
  readonly keepMs: number;
}

/** One step. @returns how many rows were removed. */
export async function pruneAudit(parts: RetentionParts, limit: number): Promise<number> {
  const { store, key, audit, runtime, keepMs } = parts;
  const nowMs = runtime.nowMs();
  return store.write(async (tx) => {
    const row = await tx.first(waitForHead, {});
    if (row === undefined) return 0;
    const oldest = await tx.all(rowsAfter, { seq: row.floor_seq, limit });
    if (oldest[0] === undefined || oldest[0].at_ms >= nowMs - keepMs - TOGETHER_MS) return 0;
    // The rows from the beginning up to the first that is young enough: the chain has no holes.
    const young = oldest.findIndex(({ at_ms: atMs }) => atMs >= nowMs - keepMs);
    const due = young < 0 ? oldest : oldest.slice(0, young);
    const last = due.at(-1);
    if (last === undefined) return 0;
    await tx.run(removeUpTo, { seq: last.seq });
    await tx.run(moveHead, { ...signHead(key, { ...signedHead(row), floorSeq: last.seq, floorMac: last.mac }) });
    // A step that is not the last has no event of its own.
    if (due.length < limit) {
      await audit.append(tx, { event: 'audit_pruned', actor: { kind: 'issuer' }, target: `seq:${last.seq}` });
    }
    return due.length;
  });
}
