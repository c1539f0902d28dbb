/** `/admin/v1/sessions`. */
import { endpoint, type Endpoint } from './endpoint.ts';
import {
  confirmationSchema,
  sessionPageSchema,
  sessionQuery,
  sessionSchema,
  sessionsEndQuery,
  waitQuery,
} from './schemas.ts';
import { readCursor, wireConfirmation, wirePage, wireSession } from './wire.ts';
import { waitMs } from './wait.ts';

export const SESSION_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listSessions',
    method: 'GET',
    path: '/sessions',
    summary: 'The sessions of a user that have not ended, a page at a time.',
    query: sessionQuery,
    answer: sessionPageSchema,
    refusals: ['not_found'],
    handle: async ({ admin, query: { user, limit, cursor } }) => ({
      body: wirePage(await admin.pageSessions(user, { after: readCursor(cursor), limit }), wireSession),
    }),
  }),
  endpoint({
    id: 'endSessions',
    method: 'DELETE',
    path: '/sessions',
    summary: 'Ends every session of a user, and revokes every token.',
    query: sessionsEndQuery,
    answer: confirmationSchema,
    refusals: ['not_found'],
    handle: async ({ admin, query }) => ({
      body: wireConfirmation(await admin.revokeUser(query.user, waitMs(query))),
    }),
  }),
  endpoint({
    id: 'readSession',
    method: 'GET',
    path: '/sessions/:id',
    summary: 'A session that has not ended.',
    answer: sessionSchema,
    refusals: ['not_found'],
    handle: async ({ admin, param }) => ({ body: wireSession(await admin.readSession(param('id'))) }),
  }),
  endpoint({
    id: 'endSession',
    method: 'DELETE',
    path: '/sessions/:id',
    summary: 'Ends a session, and revokes its tokens.',
    query: waitQuery,
    answer: confirmationSchema,
    refusals: ['not_found'],
    handle: async ({ admin, param, query }) => {
      await admin.readSession(param('id'));
      return { body: wireConfirmation(await admin.revokeSession(param('id'), waitMs(query))) };
    },
  }),
];
