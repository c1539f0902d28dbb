/** `/admin/v1/keys`: signing keys and their states. */
import { endpoint, type Endpoint } from './endpoint.ts';
import { confirmationSchema, keySchema, keysSchema, rotateBody, waitQuery } from './schemas.ts';
import { waitMs } from './wait.ts';
import { wireConfirmation, wireKey } from './wire.ts';

export const KEY_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listKeys',
    method: 'GET',
    path: '/keys',
    summary: 'Every signing key with its state, the oldest first.',
    answer: keysSchema,
    handle: async ({ admin }) => ({ body: { items: (await admin.keys.list()).map(wireKey) } }),
  }),
  endpoint({
    id: 'rotateKey',
    method: 'POST',
    path: '/keys/rotate',
    summary:
      'Publishes a successor of the active key. It signs once every connected verifier has confirmed it and the key set’s cache age has passed.',
    body: rotateBody,
    status: 202,
    answer: keysSchema,
    refusals: ['conflict'],
    handle: async ({ admin, body: { algorithm } }) => {
      await admin.keys.rotate(algorithm);
      return { body: { items: (await admin.keys.list()).filter(({ alg }) => alg === algorithm).map(wireKey) } };
    },
  }),
  endpoint({
    id: 'readKey',
    method: 'GET',
    path: '/keys/:kid',
    summary: 'A signing key.',
    answer: keySchema,
    refusals: ['not_found'],
    handle: async ({ admin, param }) => ({ body: wireKey(await admin.keys.read(param('kid'))) }),
  }),
  endpoint({
    id: 'compromiseKey',
    method: 'POST',
    path: '/keys/:kid/compromise',
    summary:
      'Distrusts a key everywhere and replaces it at once. When every connected verifier has confirmed, none admits a token of it; the tokens of every user and client that it signed are gone.',
    query: waitQuery,
    answer: confirmationSchema,
    refusals: ['not_found'],
    handle: async ({ admin, param, query }) => ({
      body: wireConfirmation(await admin.keys.compromise(param('kid'), waitMs(query))),
    }),
  }),
];
