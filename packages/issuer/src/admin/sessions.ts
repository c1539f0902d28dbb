/** Sessions, as administrators see and end them. */
import { IssuerError } from '../errors.ts';
import type { Confirmation } from '../revocation/confirmations.ts';
import { revokeSession } from '../revocation/revoke.ts';
import { findSession, pageOfSessions } from '../sessions/session-pages.ts';
import { listSessions, type SessionView } from '../sessions/sessions.ts';
import { findUser } from '../users/users.ts';
import { pageOf, type AdminContext, type Page, type WaitOption } from './context.ts';

export interface SessionAdmin {
  /** A user's live sessions, the one used last first. */
  listSessions(userId: string): Promise<readonly SessionView[]>;
  /** The same, a page at a time, by id. @throws {IssuerError} `user_unknown`. */
  pageSessions(
    userId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<Page<SessionView>>;
  /** @throws {IssuerError} `session_unknown`. */
  readSession(id: string): Promise<SessionView>;
  /** Ends a session, also one that is not there any more. Resolves when the connected verifiers have confirmed. */
  revokeSession(id: string, options?: WaitOption): Promise<Confirmation>;
}

export function sessionAdmin(context: AdminContext): SessionAdmin {
  const { parts, caller } = context;
  const { store, runtime } = parts;

  const isOurs = async (userId: string) =>
    caller.tenant === undefined || (await findUser(store, userId))?.tenant === caller.tenant;

  const read = async (id: string) => {
    const session = await findSession(store, id, runtime.nowMs());
    if (session === undefined || !(await isOurs(session.subject))) throw new IssuerError('session_unknown');
    return session;
  };

  return {
    listSessions: async (userId) => ((await isOurs(userId)) ? listSessions(store, userId, runtime.nowMs()) : []),
    pageSessions: async (userId, { after = '', limit }) => {
      if ((await findUser(store, userId)) === undefined || !(await isOurs(userId))) {
        throw new IssuerError('user_unknown');
      }
      const wanted = { subject: userId, now: runtime.nowMs(), after, limit: limit + 1 };
      const rows = await pageOfSessions(store, wanted);
      return pageOf(
        rows,
        limit,
        ({ id }) => id,
        (session) => session,
      );
    },
    readSession: read,
    revokeSession: async (id, options) => {
      if (caller.tenant !== undefined) await read(id);
      return context.revoke(async (tx, revoking) => {
        await context.tell(tx, { event: 'session_ended', session: id });
        return revokeSession(tx, id, revoking);
      }, options);
    },
  };
}
