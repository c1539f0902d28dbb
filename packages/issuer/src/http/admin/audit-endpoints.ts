/** `/admin/v1/audit`: what happened, and whether the record of it is whole. */
import type * as z from 'zod';
import { endpoint, type Endpoint } from './endpoint.ts';
import { sequenceOf } from './revocation-endpoints.ts';
import { auditCheckBody, auditPageSchema, auditQuery, auditReportSchema } from './schemas.ts';
import { writeCursor } from './wire.ts';

type WireEvent = z.input<typeof auditPageSchema>['items'][number];

export const AUDIT_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listAudit',
    method: 'GET',
    path: '/audit',
    summary: 'Security events, the newest first, a page at a time.',
    query: auditQuery,
    answer: auditPageSchema,
    handle: async ({ admin, query: { event, subject, limit, cursor } }) => {
      const after = sequenceOf(cursor);
      const before = after === undefined ? undefined : Number(after);
      const events = await admin.audit.list({ event, subject, before, limit: limit + 1 });
      const items = events.slice(0, limit);
      const next = events.length > limit ? items.at(-1)?.seq : undefined;
      // The issuer wrote them, in this form.
      return { body: { items: items as unknown as WireEvent[], ...writeCursor(next?.toString()) } };
    },
  }),
  endpoint({
    id: 'checkAudit',
    method: 'POST',
    path: '/audit/verify',
    summary: 'Whether the chain of events is whole: nothing altered, removed, added or cut off. Reads all of it.',
    body: auditCheckBody,
    answer: auditReportSchema,
    handle: async ({ admin, body: { head } }) => {
      const [, seq, mac] = /^(\d+):(.+)$/u.exec(head ?? '') ?? [];
      const noted = seq === undefined || mac === undefined ? undefined : { seq: Number(seq), mac };
      const report = await admin.audit.verify(noted);
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
