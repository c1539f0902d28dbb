/** The rows of the audit: those that wait to be sealed, those that are, and the head. Where statements are round trips, many rows go through one, as JSON. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { jsonStrings, lockRows, query, type DatabaseKind } from '../store/query.ts';
import type { AuditEventTable, Tables } from '../store/schema.ts';
import type { ChainRow, SignedHead } from './chain.ts';

export const insertPending = query((db, p: { id: string; body: string; mac: string }) =>
  db.insertInto('audit_pending').values({ id: p.id, body: p.body, mac: p.mac }),
);

export const readPending = query((db, p: { limit: number }) =>
  db.selectFrom('audit_pending').selectAll().orderBy('id').limit(p.limit),
);

export const createHead = query((db, p: { signature: string }) =>
  db
    .insertInto('audit_head')
    .values({ id: 1, floor_seq: 0, floor_mac: '', seq: 0, mac: '', signature: p.signature })
    .onConflict((c) => c.column('id').doNothing()),
);

export const readHead = query((db) => db.selectFrom('audit_head').selectAll().where('id', '=', 1));

/** The head, unless another process is sealing: that one seals what there is. */
export const holdHead = query((db, _p, kind) => {
  const head = db.selectFrom('audit_head').selectAll().where('id', '=', 1);
  return kind === 'sqlite' ? head : head.forUpdate().skipLocked();
});

/** The head, when whoever seals has finished. */
export const waitForHead = query((db, _p, kind) =>
  lockRows(db.selectFrom('audit_head').selectAll().where('id', '=', 1), kind),
);

export const moveHead = query(
  (db, p: { floorSeq: number; floorMac: string; seq: number; mac: string; signature: string }) =>
    db
      .updateTable('audit_head')
      .set({ floor_seq: p.floorSeq, floor_mac: p.floorMac, seq: p.seq, mac: p.mac, signature: p.signature })
      .where('id', '=', 1),
);

export const sealedAmong = query((db, p: { ids: string }, kind) =>
  db.selectFrom('audit_event').select('id').where('id', 'in', jsonStrings(p.ids, kind)),
);

export const removePending = query((db, p: { ids: string }, kind) =>
  db.deleteFrom('audit_pending').where('id', 'in', jsonStrings(p.ids, kind)),
);

export const insertSealed = query(
  (
    db,
    p: { seq: number; id: string; atMs: number; event: string; subject: string | null; body: string; mac: string },
  ) =>
    db.insertInto('audit_event').values({
      seq: p.seq,
      id: p.id,
      at_ms: p.atMs,
      event: p.event,
      subject: p.subject,
      body: p.body,
      mac: p.mac,
    }),
);

const COLUMNS = ['seq', 'id', 'at_ms', 'event', 'subject', 'body', 'mac'] as const;

/** `rows` is a JSON array of arrays, each in the order of the columns. */
export const insertSealedTogether = query((db, p: { rows: string }, kind) =>
  db
    .insertInto('audit_event')
    .columns(COLUMNS)
    .expression(
      kind === 'sqlite'
        ? sql`select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 from json_each(${p.rows})`
        : sql`select (r->>0)::bigint, r->>1, (r->>2)::bigint, r->>3, r->>4, r->>5, r->>6 from json_array_elements(${p.rows}::json) as r`,
    ),
);

export const rowsAfter = query((db, p: { seq: number; limit: number }) =>
  db.selectFrom('audit_event').selectAll().where('seq', '>', p.seq).orderBy('seq').limit(p.limit),
);

/** Where a list goes on: below this row, in the order of time, and of numbers within a millisecond. */
export interface AuditPosition {
  readonly atMs: number;
  readonly seq: number;
}

/** Rows below a position and not before a time. */
export type Slice = { sinceMs: number; atMs: number; seq: number; limit: number };

/** The newest first. Each index of a filter ends in these columns. */
const newestFirst = (db: Kysely<Tables>, p: Slice) =>
  db
    .selectFrom('audit_event')
    .selectAll()
    .where('at_ms', '>=', p.sinceMs)
    .where((e) => e(e.refTuple('at_ms', 'seq'), '<', e.tuple(p.atMs, p.seq)))
    .orderBy('at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(p.limit);

export const newestRows = query((db, p: Slice) => newestFirst(db, p));

export const newestOfSubject = query((db, p: Slice & { subject: string }) =>
  newestFirst(db, p).where('subject', '=', p.subject),
);

export const newestOfEvent = query((db, p: Slice & { event: string }) =>
  newestFirst(db, p).where('event', '=', p.event),
);

/** @see {@link actorText} for `actor`. */
export const newestOfActor = query((db, p: Slice & { actor: string }, kind) =>
  newestFirst(db, p).where(actorColumn(kind), '=', p.actor),
);

/** Who did it, out of the text: in no column of its own, which would have to be held against the text. */
export function actorColumn(kind: DatabaseKind): RawBuilder<string> {
  return kind === 'sqlite'
    ? sql<string>`substr(body, instr(body, '"actor":{') + 8, instr(substr(body, instr(body, '"actor":{') + 8), '}'))`
    : sql<string>`substring(body from '"actor":({[^}]*})')`;
}

export const removeUpTo = query((db, p: { seq: number }) => db.deleteFrom('audit_event').where('seq', '<=', p.seq));

export function chainRow(row: AuditEventTable): ChainRow {
  const { seq, id, event, subject, body, mac } = row;
  return { seq, id, atMs: row.at_ms, event, subject, body, mac };
}

export function signedHead(row: {
  floor_seq: number;
  floor_mac: string;
  seq: number;
  mac: string;
  signature: string;
}): SignedHead {
  return { floorSeq: row.floor_seq, floorMac: row.floor_mac, seq: row.seq, mac: row.mac, signature: row.signature };
}
