/**
 * The audit as the rest of the issuer uses it: {@link AuditLog.append} writes an event in the unit of work that does what it tells, so that
 * there is neither without the other; {@link AuditLog.record} writes one that stands alone. Chaining follows within a moment, by one process at
 * a time (`sealer.ts`), so that units of work never wait for each other because of the audit. ADR 13.
 */
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';
import type { Store, Transaction } from '../store/store.ts';
import { insertPending } from './audit-rows.ts';
import { pendingMac } from './chain.ts';
import { writeEvent, type AuditEvent } from './event.ts';

/** What those who only tell events need of it. */
export interface Audit {
  append(tx: Transaction, event: AuditEvent): Promise<void>;
  record(event: AuditEvent): Promise<void>;
}

export class AuditLog implements Audit {
  readonly #store: Store;
  readonly #key: MacKey;
  readonly #runtime: Runtime;
  /** Called when there is something to seal. */
  onWritten: () => void = () => undefined;

  constructor(store: Store, key: MacKey, runtime: Runtime) {
    this.#store = store;
    this.#key = key;
    this.#runtime = runtime;
  }

  /** In the unit of work that does it. */
  async append(tx: Transaction, event: AuditEvent): Promise<void> {
    await tx.run(insertPending, this.#row(event));
    this.onWritten();
  }

  /** By itself, durably before it resolves. */
  async record(event: AuditEvent): Promise<void> {
    await this.#store.execute(insertPending, this.#row(event));
    this.onWritten();
  }

  #row(event: AuditEvent): { id: string; body: string; mac: string } {
    const { id, body } = writeEvent(event, this.#runtime);
    return { id, body, mac: pendingMac(this.#key, body) };
  }
}
