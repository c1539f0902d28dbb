/** `/admin/v1/users`. */
import { versionOf } from '../../admin/context.ts';
import type { UserView } from '../../admin/users.ts';
import type { UserChange } from '../../users/change-user.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { newPasswordBody, newUserBody, userChangeBody, userPageSchema, userQuery, userSchema } from './schemas.ts';
import { readCursor, wirePage, wireUser } from './wire.ts';

const shown = (user: UserView) => ({ body: wireUser(user), version: versionOf(user) });

export const USER_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    summary: 'Users by name, a page at a time.',
    query: userQuery,
    answer: userPageSchema,
    handle: async ({ admin, query: { limit, cursor, tenant, username } }) => {
      if (username === undefined) {
        return { body: wirePage(await admin.listUsers({ tenant, after: readCursor(cursor), limit }), wireUser) };
      }
      const user = await admin.findUser(username);
      const isWanted = user !== undefined && (tenant === undefined || user.tenant === tenant);
      return { body: { items: isWanted ? [wireUser(user)] : [] } };
    },
  }),
  endpoint({
    id: 'createUser',
    method: 'POST',
    path: '/users',
    summary: 'Creates a user.',
    body: newUserBody,
    status: 201,
    answer: userSchema,
    versioned: true,
    refusals: ['conflict', 'password_unacceptable', 'temporarily_unavailable'],
    handle: async ({ admin, body: { tenant, ...user } }) =>
      shown(await admin.createUser({ ...user, ...(tenant === undefined ? {} : { tenant }) })),
  }),
  endpoint({
    id: 'readUser',
    method: 'GET',
    path: '/users/:id',
    summary: 'A user.',
    answer: userSchema,
    versioned: true,
    refusals: ['not_found'],
    handle: async ({ admin, param }) => shown(await admin.readUser(param('id'))),
  }),
  endpoint({
    id: 'changeUser',
    method: 'PATCH',
    path: '/users/:id',
    summary: 'Changes, disables or enables a user. Tokens have new roles from the next refresh on.',
    body: userChangeBody,
    answer: userSchema,
    versioned: true,
    conditional: true,
    refusals: ['not_found', 'conflict', 'precondition_failed'],
    handle: async ({ admin, param, body, ifMatch }) =>
      shown(await admin.changeUser(param('id'), present(body), { ifMatch })),
  }),
  endpoint({
    id: 'deleteUser',
    method: 'DELETE',
    path: '/users/:id',
    summary: 'Ends every session, revokes every token, and forgets the user. The audit stays.',
    conditional: true,
    refusals: ['not_found', 'precondition_failed'],
    handle: async ({ admin, param, ifMatch }) => {
      await admin.deleteUser(param('id'), { ifMatch });
      return {};
    },
  }),
  endpoint({
    id: 'setPassword',
    method: 'PUT',
    path: '/users/:id/password',
    summary: 'Replaces the password, and ends every session.',
    body: newPasswordBody,
    refusals: ['not_found', 'password_unacceptable', 'temporarily_unavailable'],
    handle: async ({ admin, param, body: { password } }) => {
      await admin.setPassword(param('id'), password);
      return {};
    },
  }),
  endpoint({
    id: 'forcePasswordReset',
    method: 'POST',
    path: '/users/:id/password-reset',
    summary: 'The password counts no more, every session ends, and a link to set another is mailed.',
    refusals: ['not_found', 'conflict', 'temporarily_unavailable'],
    handle: async ({ admin, param }) => {
      await admin.forcePasswordReset(param('id'));
      return {};
    },
  }),
];

/** Without the members that are not there. */
function present(change: { readonly [Member in keyof UserChange]: UserChange[Member] | undefined }): UserChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
