/** The audit of one issuer process, put together: the log that others write to, the sealer, the stream, the removal of old rows. */
import type { Logger, Metrics } from '@sealgate/service';
import { IssuerError } from '../errors.ts';
import { openDataKey } from '../keys/data-keys.ts';
import type { Runtime } from '../runtime.ts';
import { MacKey } from '../secrets/mac.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import type { Store } from '../store/store.ts';
import { AuditLog } from './audit-log.ts';
import { verifyAudit, type AuditReport, type NotedHead } from './audit-reader.ts';
import { openAuditStream, type AuditStreamTarget } from './audit-stream.ts';
import { pruneAudit } from './retention.ts';
import { Sealer } from './sealer.ts';

/** The data key of the chain: it outlives the master key, so that a new one does not break the chain. */
export const AUDIT_KEY_NAME = 'audit';

export interface AuditParts {
  readonly store: Store;
  readonly masterKey: MasterKey;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: { readonly keep: number; readonly stream?: AuditStreamTarget | undefined };
}

export interface RunningAudit {
  readonly log: AuditLog;
  /** Seals what waits now, so that it can be read. */
  readonly seal: () => Promise<void>;
  /** Seals what waits, and checks the whole chain, one check at a time. @throws {IssuerError} `audit_check_under_way`. */
  readonly verify: (noted?: NotedHead, signal?: AbortSignal) => Promise<AuditReport>;
  /** Removes rows for their age, one step. @returns how many. */
  readonly prune: (limit: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function startAudit(parts: AuditParts): Promise<RunningAudit> {
  const { store, masterKey, runtime, logger, metrics, settings } = parts;
  const key = new MacKey(await openDataKey(store, masterKey, runtime, AUDIT_KEY_NAME));
  const sealedTotal = metrics.counter({
    name: 'sealgate_issuer_audit_events_total',
    help: 'Audit events sealed by this process',
  });
  const stream = settings.stream === undefined ? undefined : openAuditStream(settings.stream);
  const onTrouble = (error: unknown) => logger.error({ err: error }, 'the audit cannot be sealed');
  const sealer = new Sealer({
    store,
    key,
    runtime,
    onTrouble,
    onSealed: (rows) => {
      sealedTotal.inc(rows.length);
      const forged = rows.some(({ event }) => event === 'audit_forged');
      if (forged) logger.error('audit events were found that no issuer wrote: somebody else writes to the database');
      try {
        stream?.(rows);
      } catch (error) {
        logger.error({ err: error, from: rows[0]?.seq, to: rows.at(-1)?.seq }, 'the audit stream cannot be written');
      }
    },
  });
  await sealer.start();
  const log = new AuditLog({ store, key, runtime, sealer });
  let checking = false;
  const verify = async (noted?: NotedHead, signal?: AbortSignal) => {
    if (checking) throw new IssuerError('audit_check_under_way');
    checking = true;
    try {
      await sealer.seal();
      return await verifyAudit(store, key, { noted, signal });
    } finally {
      checking = false;
    }
  };
  return {
    log,
    seal: () => sealer.seal(),
    verify,
    prune: (limit) => pruneAudit({ store, key, audit: log, runtime, keepMs: settings.keep }, limit),
    close: () => sealer.close(),
  };
}
