/** The refresh token grant (RFC 6749 section 6, RFC 9700 section 4.14). */
import { type OracleCase, basic, form } from '../requests.ts';
import { LIMITED, OTHER, WEB, WORKER, type World } from '../world.ts';

const rule = 'RFC 6749 section 6';

function refresh(token: string, more: Record<string, string> = {}) {
  return form('token', { grant_type: 'refresh_token', refresh_token: token, client_id: WEB, ...more });
}

async function used(world: World): Promise<string> {
  const token = await world.refreshToken();
  await world.send(refresh(token));
  return token;
}

export const REFRESH: readonly OracleCase[] = [
  { name: 'good', rule, request: async (world) => refresh(await world.refreshToken()) },
  { name: 'no token', rule, request: () => form('token', { grant_type: 'refresh_token', client_id: WEB }) },
  { name: 'an empty token', rule, request: () => refresh('') },
  { name: 'a token nobody issued', rule, request: () => refresh('not-a-token') },
  { name: 'a token of 10 kB', rule, request: () => refresh('x'.repeat(10_000)) },
  { name: 'a token with a NUL', rule, request: () => refresh('a\0b') },
  {
    name: 'a token with another last character',
    rule,
    request: async (world) => refresh(`${await world.refreshToken()}x`),
  },
  { name: 'an access token', rule, request: async (world) => refresh(await world.accessToken()) },
  {
    name: 'a token of another public client',
    rule,
    request: async (world) => refresh(await world.refreshToken(), { client_id: OTHER }),
  },
  {
    name: 'a token of a public client, by a confidential one',
    rule,
    request: async (world) =>
      form('token', { grant_type: 'refresh_token', refresh_token: await world.refreshToken() }, basic(LIMITED)),
  },
  {
    name: 'by a client that may not refresh',
    rule: 'RFC 6749 section 5.2',
    request: () => form('token', { grant_type: 'refresh_token', refresh_token: 'x' }, basic(WORKER)),
  },
  {
    name: 'without a client',
    rule,
    request: async (world) => form('token', { grant_type: 'refresh_token', refresh_token: await world.refreshToken() }),
  },
  {
    name: 'for fewer scopes',
    rule,
    request: async (world) => refresh(await world.refreshToken(), { scope: 'orders:read' }),
  },
  {
    name: 'for more scopes',
    rule,
    request: async (world) => refresh(await world.refreshToken(), { scope: 'orders:read planets:move' }),
  },
  {
    name: 'for a malformed scope',
    rule: 'RFC 6749 section 3.3',
    request: async (world) => refresh(await world.refreshToken(), { scope: 'orders"read' }),
  },
  {
    name: 'again, the successor unused',
    rule: 'RFC 9700 section 4.14.2',
    request: async (world) => refresh(await used(world)),
  },
  {
    name: 'a revoked token',
    rule: 'RFC 7009 section 2',
    request: async (world) => {
      const token = await world.refreshToken();
      await world.send(form('revoke', { token, client_id: WEB }));
      return refresh(token);
    },
  },
  {
    name: 'refresh_token repeated',
    rule: 'RFC 6749 section 3.2',
    request: async (world) => {
      const token = await world.refreshToken();
      return form('token', [
        ['grant_type', 'refresh_token'],
        ['client_id', WEB],
        ['refresh_token', token],
        ['refresh_token', token],
      ]);
    },
  },
];
