/** Routes that are chosen by a header and ask for less than what answers without it: any client can send a header. */
import { describe, expect, it } from 'vitest';
import { gatewayConfigSchema } from './schema.ts';
import { configWarnings } from './warnings.ts';

const PLAIN = {
  path: '/orders/**',
  to: 'origin',
  require: { scopes: ['orders:read'], roles: { any: ['editor', 'admin'] }, claims: { '/tenant': 'acme' } },
};
const BETA = { ...PLAIN, headers: { 'x-beta': { present: true } } };

const messages = (...routes: readonly Record<string, unknown>[]): readonly string[] =>
  configWarnings(
    gatewayConfigSchema.parse({
      listen: 'http://127.0.0.1:0',
      issuers: { main: { url: 'https://id.test', audience: ['api'], algorithms: ['ES256'] } },
      upstreams: { origin: { urls: ['http://127.0.0.1:9'] } },
      routes,
    }),
  ).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a route that is chosen by a header', () => {
  it('may ask for the same, or for more', () => {
    expect(messages(PLAIN, BETA)).toEqual([]);
    expect(
      messages(PLAIN, { ...BETA, require: { ...PLAIN.require, scopes: ['orders:read', 'beta'], roles: ['admin'] } }),
    ).toEqual([]);
  });

  it('is told of when it asks for less, with what is missing', () => {
    const [message, ...more] = messages(PLAIN, { ...BETA, require: { scopes: [] } });
    expect(message).toBe(
      'routes.1: "* /orders/** [x-beta: *]" asks for less than "* /orders/**", and any client can send x-beta: *; what is missing: scopes, roles, claims',
    );
    expect(more).toEqual([]);
  });

  it.each([
    ['no token', { ...BETA, auth: 'none', require: undefined }, '`auth: required`'],
    ['a token or none', { ...BETA, auth: 'optional' }, '`auth: required`'],
    [
      'a role that will not do',
      { ...BETA, require: { ...PLAIN.require, roles: { any: ['admin', 'guest'] } } },
      'roles',
    ],
    ['another claim', { ...BETA, require: { ...PLAIN.require, claims: { '/tenant': 'other' } } }, 'claims'],
    ['stale knowledge', { ...BETA, onStale: 'allow' }, '`onStale`'],
  ])('%s', (_what, route, missing) => {
    expect(messages(PLAIN, route)).toEqual([expect.stringMatching(new RegExp(`what is missing: ${missing}$`, 'u'))]);
  });

  it.each([
    ['conditions', { when: 'claims.sub == "alice"' }, '`when`'],
    ['a policy service', { opa: { url: 'http://127.0.0.1:8181/v1/data/x' } }, '`opa`'],
    ['bound tokens', { require: { ...PLAIN.require, senderConstrained: 'dpop' } }, '`senderConstrained`'],
    ['issuers', { issuers: ['main'] }, 'issuers'],
    ['addresses', { access: { allow: ['10.0.0.0/8'] } }, '`access`'],
  ])('counts %s too', (_what, more, missing) => {
    expect(messages({ ...PLAIN, ...more }, BETA)).toEqual([expect.stringMatching(new RegExp(`: ${missing}$`, 'u'))]);
    expect(messages({ ...PLAIN, ...more }, { ...BETA, ...more })).toEqual([]);
  });

  it('is held against a wider path where its own has no other route', () => {
    const open = { path: '/orders/new', to: 'origin', headers: { 'x-v': '2' }, auth: 'none' };
    expect(messages(PLAIN, open)).toHaveLength(1);
    expect(messages(PLAIN, { ...open, headers: undefined })).toEqual([]);
    expect(messages({ ...PLAIN, methods: ['POST'] }, { ...open, methods: ['GET'] })).toEqual([]);
    expect(messages({ ...PLAIN, host: 'a.test' }, { ...open, host: 'b.test' })).toEqual([]);
  });
});
