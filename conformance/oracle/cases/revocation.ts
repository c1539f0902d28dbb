/** Revocation (RFC 7009). */
import { type OracleCase, basic, form, raw } from '../requests.ts';
import { OTHER, READER, WEB, WORKER } from '../world.ts';

const rule = 'RFC 7009 section 2.1';
const worker = basic(WORKER);

export const REVOCATION: readonly OracleCase[] = [
  {
    name: 'an access token',
    rule,
    request: async (world) => form('revoke', { token: await world.accessToken() }, worker),
  },
  {
    name: 'an access token with the wrong hint',
    rule,
    request: async (world) =>
      form('revoke', { token: await world.accessToken(), token_type_hint: 'refresh_token' }, worker),
  },
  {
    name: 'an access token with a hint nobody knows',
    rule: 'RFC 7009 section 2.2.1',
    request: async (world) => form('revoke', { token: await world.accessToken(), token_type_hint: 'x' }, worker),
  },
  {
    name: 'a refresh token, by its public client',
    rule,
    request: async (world) => form('revoke', { token: await world.refreshToken(), client_id: WEB }),
  },
  {
    name: 'the same token again',
    rule: 'RFC 7009 section 2.2',
    request: async (world) => {
      const token = await world.accessToken();
      await world.send(form('revoke', { token }, worker));
      return form('revoke', { token }, worker);
    },
  },
  {
    name: 'an access token of another client',
    rule,
    request: async (world) => form('revoke', { token: await world.accessToken() }, basic(READER)),
  },
  {
    name: 'a refresh token of another client',
    rule,
    request: async (world) => form('revoke', { token: await world.refreshToken(), client_id: OTHER }),
  },
  {
    name: 'a token nobody issued',
    rule: 'RFC 7009 section 2.2',
    request: () => form('revoke', { token: 'not-a-token' }, worker),
  },
  {
    name: 'a token of 10 kB',
    rule: 'RFC 7009 section 2.2',
    request: () => form('revoke', { token: 'x'.repeat(10_000) }, worker),
  },
  { name: 'no token', rule, request: () => form('revoke', {}, worker) },
  { name: 'an empty token', rule, request: () => form('revoke', { token: '' }, worker) },
  {
    name: 'token repeated',
    rule: 'RFC 6749 section 3.2',
    request: () =>
      form(
        'revoke',
        [
          ['token', 'a'],
          ['token', 'b'],
        ],
        worker,
      ),
  },
  { name: 'nobody asks', rule, request: () => form('revoke', { token: 'x' }) },
  {
    name: 'an unknown client asks',
    rule,
    request: () => form('revoke', { token: 'x' }, basic({ id: 'nobody', secret: 'x' })),
  },
  {
    name: 'a client asks with a wrong secret',
    rule,
    request: () => form('revoke', { token: 'x' }, basic({ ...WORKER, secret: 'wrong' })),
  },
  {
    name: 'JSON',
    rule,
    request: () => raw('revoke', '{"token":"x"}', { ...worker, 'content-type': 'application/json' }),
  },
  { name: 'GET', rule, request: () => ({ endpoint: 'revoke', method: 'GET', headers: worker }) },
];
