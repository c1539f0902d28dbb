/** `/admin/v1/audit`: what happened, and whether the record of it is whole. */
import type * as z from 'zod';
import { endpoint, type Endpoint } from './endpoint.ts';
import { FirstPartyError } from '../problems.ts';
import type { AuditPosition } from '../../audit/audit-rows.ts';
import { auditCheckBody, auditPageSchema, auditQuery, auditReportSchema } from './schemas.ts';
import { readCursor, writeCursor } from './wire.ts';

type WireEvent = z.input<typeof auditPageSchema>['items'][number];

export const AUDIT_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listAudit',
    method: 'GET',
    path: '/audit',
    summary: 'Security events, the newest first, a page at a time.',
    query: auditQuery,
    answer: auditPageSchema,
    handle: async ({ admin, query: { event, subject, actor, since, until, cursor, limit } }) => {
      const events = await admin.audit.list({
        event,
        subject,
        actor,
        sinceMs: since === undefined ? undefined : since * 1000,
        untilMs: until === undefined ? undefined : until * 1000,
        before: positionOf(cursor),
        limit: limit + 1,
      });
      const items = events.slice(0, limit);
      const last = events.length > limit ? items.at(-1) : undefined;
      const next = last && `${Date.parse(last.time)}.${last.seq}`;
      // The issuer wrote them, in this form.
      return { body: { items: items as unknown as WireEvent[], ...writeCursor(next) } };
    },
  }),
  endpoint({
    id: 'checkAudit',
    method: 'POST',
    path: '/audit/verify',
    summary:
      'Whether the chain of events is whole: nothing altered, removed, added or cut off. Reads all of it: one check at a time.',
    body: auditCheckBody,
    answer: auditReportSchema,
    refusals: ['temporarily_unavailable'],
    handle: async ({ admin, body: { head }, signal }) => {
      const [, seq, mac] = /^(\d+):(.+)$/u.exec(head ?? '') ?? [];
      const noted = seq === undefined || mac === undefined ? undefined : { seq: Number(seq), mac };
      const report = await admin.audit.verify(noted, signal);
      return {
        body: {
          whole: report.faults.length === 0,
          events: report.rows,
          waiting: report.waiting,
          head: `${report.head.seq}:${report.head.mac}`,
          faults: [...report.faults],
        },
      };
    },
  }),
];

/** Behind which event a page begins. */
function positionOf(cursor: string | undefined): AuditPosition | undefined {
  const text = readCursor(cursor);
  if (text === undefined) return undefined;
  const [, atMs, seq] = /^(\d{1,15})\.(\d{1,15})$/u.exec(text) ?? [];
  if (atMs !== undefined && seq !== undefined) return { atMs: Number(atMs), seq: Number(seq) };
  throw new FirstPartyError('invalid_request', 'query member "cursor": not one that was answered here');
}
