/** Introspection (RFC 7662). */
import { type OracleCase, basic, form, post, raw } from '../requests.ts';
import { READER, WEB, WORKER } from '../world.ts';

const rule = 'RFC 7662 section 2';
const reader = basic(READER);

export const INTROSPECTION: readonly OracleCase[] = [
  {
    name: 'an access token',
    rule,
    request: async (world) => form('introspect', { token: await world.accessToken() }, reader),
  },
  {
    name: 'an access token, the reader by post',
    rule,
    request: async (world) => form('introspect', { token: await world.accessToken(), ...post(READER) }),
  },
  {
    name: 'a refresh token',
    rule,
    request: async (world) => form('introspect', { token: await world.refreshToken() }, reader),
  },
  {
    name: 'an access token with the right hint',
    rule,
    request: async (world) =>
      form('introspect', { token: await world.accessToken(), token_type_hint: 'access_token' }, reader),
  },
  {
    name: 'an access token with the wrong hint',
    rule,
    request: async (world) =>
      form('introspect', { token: await world.accessToken(), token_type_hint: 'refresh_token' }, reader),
  },
  {
    name: 'an access token with a hint nobody knows',
    rule,
    request: async (world) => form('introspect', { token: await world.accessToken(), token_type_hint: 'x' }, reader),
  },
  {
    name: 'a revoked access token',
    rule: 'RFC 7662 section 2.2',
    request: async (world) => {
      const token = await world.accessToken();
      await world.send(form('revoke', { token }, basic(WORKER)));
      return form('introspect', { token }, reader);
    },
  },
  {
    name: 'a revoked refresh token',
    rule: 'RFC 7662 section 2.2',
    request: async (world) => {
      const token = await world.refreshToken();
      await world.send(form('revoke', { token, client_id: WEB }));
      return form('introspect', { token }, reader);
    },
  },
  { name: 'a token nobody issued', rule, request: () => form('introspect', { token: 'not-a-token' }, reader) },
  { name: 'a token of 10 kB', rule, request: () => form('introspect', { token: 'x'.repeat(10_000) }, reader) },
  { name: 'a token with a NUL', rule, request: () => form('introspect', { token: 'a\0b' }, reader) },
  { name: 'no token', rule, request: () => form('introspect', {}, reader) },
  { name: 'an empty token', rule, request: () => form('introspect', { token: '' }, reader) },
  {
    name: 'token repeated',
    rule: 'RFC 6749 section 3.2',
    request: () =>
      form(
        'introspect',
        [
          ['token', 'a'],
          ['token', 'b'],
        ],
        reader,
      ),
  },
  { name: 'nobody asks', rule: 'RFC 7662 section 2.1', request: () => form('introspect', { token: 'x' }) },
  {
    name: 'a public client asks',
    rule: 'RFC 7662 section 2.1',
    request: () => form('introspect', { token: 'x', client_id: WEB }),
  },
  {
    name: 'an unknown client asks',
    rule: 'RFC 7662 section 2.3',
    request: () => form('introspect', { token: 'x' }, basic({ id: 'nobody', secret: 'x' })),
  },
  {
    name: 'a client asks with a wrong secret',
    rule: 'RFC 7662 section 2.3',
    request: () => form('introspect', { token: 'x' }, basic({ ...READER, secret: 'wrong' })),
  },
  {
    name: 'a client asks that may not',
    rule: 'RFC 7662 section 2.1',
    request: async (world) => form('introspect', { token: await world.accessToken() }, basic(WORKER)),
  },
  {
    name: 'JSON',
    rule,
    request: () => raw('introspect', '{"token":"x"}', { ...reader, 'content-type': 'application/json' }),
  },
  { name: 'GET', rule, request: () => ({ endpoint: 'introspect', method: 'GET', headers: reader }) },
];
