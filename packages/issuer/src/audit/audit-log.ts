/**
 * The audit as the rest of the issuer uses it: {@link AuditLog.append} writes an event in the unit of work that does what it tells, so that
 * there is neither without the other; {@link AuditLog.record} writes one that stands alone.
 *
 * Where units share commits, the chain is extended once in each commit. Where each commits by itself, chaining follows within a moment,
 * by one process at a time, so that units of work never wait for each other because of the audit (`sealer.ts`). ADR 13.
 */
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';
import type { Store, Transaction } from '../store/store.ts';
import { insertPending } from './audit-rows.ts';
import { pendingMac } from './chain.ts';
import { writeEvent, type AuditEvent } from './event.ts';
import type { Sealer } from './sealer.ts';

/** What those who only tell events need of it. */
export interface Audit {
  append(tx: Transaction, event: AuditEvent): Promise<void>;
  record(event: AuditEvent): Promise<void>;
}

export interface AuditLogParts {
  readonly store: Store;
  readonly key: MacKey;
  readonly runtime: Runtime;
  readonly sealer: Sealer;
}

export class AuditLog implements Audit {
  readonly #parts: AuditLogParts;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  /** In the unit of work that does it. */
  async append(tx: Transaction, event: AuditEvent): Promise<void> {
    const { key, runtime, sealer } = this.#parts;
    const written = writeEvent(event, runtime);
    if (tx.leave !== undefined) return tx.leave(sealer.sealInCommit, written);
    const { id, body } = written;
    await tx.runByEnd(insertPending, { id, body, mac: pendingMac(key, body) });
    sealer.wake();
  }

  /** By itself, durably before it resolves. */
  async record(event: AuditEvent): Promise<void> {
    await this.#parts.store.write((tx) => this.append(tx, event));
  }
}
