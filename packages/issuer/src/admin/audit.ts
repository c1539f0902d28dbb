/** The audit, as administrators read it: docs/audit.md. */
import { listAudit, type AuditFilter, type AuditReport, type NotedHead } from '../audit/audit-reader.ts';
import { auditLine } from '../audit/audit-stream.ts';
import type { AdminContext } from './context.ts';

/** An event with its number and hash in the chain. */
export type AuditView = Readonly<Record<string, unknown>> & {
  readonly seq: number;
  readonly mac: string;
  readonly time: string;
};

export interface AuditAdmin {
  /** Events, the newest first, as they are streamed; up to what has been answered before this is asked. */
  list(filter: AuditFilter): Promise<readonly AuditView[]>;
  /**
   * Whether the chain is whole. Reads all of it.
   *
   * @param signal - Aborted when whoever asked does not wait any more.
   * @throws {IssuerError} `audit_check_under_way`. And the reason of the signal.
   */
  verify(noted?: NotedHead, signal?: AbortSignal): Promise<AuditReport>;
}

export function auditAdmin({ parts }: AdminContext): AuditAdmin {
  return {
    list: async (filter) => {
      await parts.sealAudit();
      return (await listAudit(parts.store, filter)).map((row) => JSON.parse(auditLine(row)) as AuditView);
    },
    verify: (noted, signal) => parts.verifyAudit(noted, signal),
  };
}
