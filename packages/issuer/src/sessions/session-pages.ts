/** Live sessions for administrators: one, a user's a page at a time, and the removal of what a removed user or client leaves. */
import { query } from '../store/query.ts';
import type { Reader, Store } from '../store/store.ts';
import { sessionView, type SessionView } from './sessions.ts';

const byId = query((db, p: { id: string; now: number }) =>
  db
    .selectFrom('session')
    .selectAll()
    .where('id', '=', p.id)
    .where('revoked_ms', 'is', null)
    .where('idle_expires_ms', '>', p.now),
);

const ofSubject = query((db, p: { subject: string; now: number; after: string; limit: number }) =>
  db
    .selectFrom('session')
    .selectAll()
    .where('subject', '=', p.subject)
    .where('revoked_ms', 'is', null)
    .where('idle_expires_ms', '>', p.now)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
);

const someOfSubject = query((db, p: { holder: string; limit: number }) =>
  db
    .deleteFrom('session')
    .where('id', 'in', db.selectFrom('session').select('id').where('subject', '=', p.holder).limit(p.limit)),
);

const someOfClient = query((db, p: { holder: string; limit: number }) =>
  db
    .deleteFrom('session')
    .where('id', 'in', db.selectFrom('session').select('id').where('client', '=', p.holder).limit(p.limit)),
);

const STEP = 200;

/** A session that has not ended. */
export async function findSession(reader: Reader, id: string, nowMs: number): Promise<SessionView | undefined> {
  const row = await reader.first(byId, { id, now: nowMs });
  return row && sessionView(row);
}

/** @param after - The last id of the page before; empty for the first. */
export async function pageOfSessions(
  reader: Reader,
  page: { readonly subject: string; readonly now: number; readonly after: string; readonly limit: number },
): Promise<SessionView[]> {
  return (await reader.all(ofSubject, page)).map(sessionView);
}

/** Removes every session of a holder whose sessions have been revoked, with its families, in small steps. */
export async function removeSessionsOf(store: Store, kind: 'subject' | 'client', holder: string): Promise<void> {
  const statement = kind === 'subject' ? someOfSubject : someOfClient;
  while ((await store.execute(statement, { holder, limit: STEP })) === STEP);
}
