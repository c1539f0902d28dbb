/** `/admin/v1/clients`, and the secrets of each. */
import type * as z from 'zod';
import type { ClientView } from '../../admin/clients.ts';
import { versionOf } from '../../admin/context.ts';
import type { ClientChange } from '../../clients/client.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import {
  clientChangeBody,
  clientPageSchema,
  clientSchema,
  createdClientSchema,
  createdSecretSchema,
  newClientBody,
  newSecretBody,
  pageQuery,
} from './schemas.ts';
import { readCursor, wireClient, wirePage, wireSecret } from './wire.ts';

const shown = (client: ClientView) => ({ body: wireClient(client), version: versionOf(client) });

export const CLIENT_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listClients',
    method: 'GET',
    path: '/clients',
    summary: 'Clients by id, a page at a time.',
    query: pageQuery,
    answer: clientPageSchema,
    handle: async ({ admin, query: { limit, cursor } }) => ({
      body: wirePage(await admin.listClients({ after: readCursor(cursor), limit }), wireClient),
    }),
  }),
  endpoint({
    id: 'createClient',
    method: 'POST',
    path: '/clients',
    summary: 'Creates a client. The secret of a confidential one is made here, and shown this once.',
    body: newClientBody,
    status: 201,
    answer: createdClientSchema,
    versioned: true,
    refusals: ['conflict'],
    handle: async ({ admin, body }) => {
      const input = newClient(body);
      if (!body.confidential) {
        const client = await admin.createClient(input);
        return { body: { client: wireClient(client) }, version: versionOf(client) };
      }
      const { client, secret } = await admin.createConfidentialClient(input);
      return { body: { client: wireClient(client), client_secret: secret }, version: versionOf(client) };
    },
  }),
  endpoint({
    id: 'readClient',
    method: 'GET',
    path: '/clients/:id',
    summary: 'A client.',
    answer: clientSchema,
    versioned: true,
    refusals: ['not_found'],
    handle: async ({ admin, param }) => shown(await admin.readClient(param('id'))),
  }),
  endpoint({
    id: 'changeClient',
    method: 'PATCH',
    path: '/clients/:id',
    summary: 'Changes, disables or enables a client.',
    body: clientChangeBody,
    answer: clientSchema,
    versioned: true,
    conditional: true,
    refusals: ['not_found', 'conflict', 'precondition_failed'],
    handle: async ({ admin, param, body, ifMatch }) =>
      shown(await admin.changeClient(param('id'), clientChange(body), { ifMatch })),
  }),
  endpoint({
    id: 'deleteClient',
    method: 'DELETE',
    path: '/clients/:id',
    summary: 'Revokes everything that was issued to the client, and forgets it. The audit stays.',
    conditional: true,
    refusals: ['not_found', 'conflict', 'precondition_failed'],
    handle: async ({ admin, param, ifMatch }) => {
      await admin.deleteClient(param('id'), { ifMatch });
      return {};
    },
  }),
  endpoint({
    id: 'addClientSecret',
    method: 'POST',
    path: '/clients/:id/secrets',
    summary: 'Makes a second secret, to put in the place of the first. Shown this once.',
    body: newSecretBody,
    status: 201,
    answer: createdSecretSchema,
    refusals: ['not_found', 'conflict'],
    handle: async ({ admin, param, body: { expires_at: expires } }) => {
      const expiresMs = expires === undefined ? undefined : expires * 1000;
      return { body: wireSecret(await admin.addClientSecret(param('id'), { expiresMs })) };
    },
  }),
  endpoint({
    id: 'removeClientSecret',
    method: 'DELETE',
    path: '/clients/:id/secrets/:secret',
    summary: 'Removes a secret that another has replaced.',
    refusals: ['not_found', 'conflict'],
    handle: async ({ admin, param }) => {
      await admin.removeClientSecret(param('id'), param('secret'));
      return {};
    },
  }),
];

function newClient(body: z.output<typeof newClientBody>) {
  const { id, name, grants, scopes, audiences, introspection } = body;
  return {
    id,
    ...(name === undefined ? {} : { name }),
    grants,
    scopes,
    audiences,
    introspection,
    dpopBoundAccessTokens: body.dpop_bound_access_tokens,
    tlsClientCertificateBoundAccessTokens: body.tls_client_certificate_bound_access_tokens,
  };
}

/** Without the members that are not there. */
function clientChange(body: z.output<typeof clientChangeBody>): ClientChange {
  const {
    dpop_bound_access_tokens: dpopBoundAccessTokens,
    tls_client_certificate_bound_access_tokens: tlsClientCertificateBoundAccessTokens,
    ...rest
  } = body;
  const change = { ...rest, dpopBoundAccessTokens, tlsClientCertificateBoundAccessTokens };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
