/** The rules of a decision, in their order, and the trace that tells them. Local keys: no I/O. */
import { createVerifier, generateKey, JwtError, signJwt, type KeyResolver } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  createRevocationView,
  decide,
  DecisionTrace,
  type IntrospectionAnswer,
  type RoutePolicy,
  type TokenRef,
  type TrustedIssuers,
  type Verdict,
} from '../../src/index.ts';

const NOW = 1_800_000_000;
const ISSUER = 'https://id.test';
const key = generateKey('ES256', { kid: 'k1' });

const token = (claims: Record<string, unknown> = {}): string =>
  signJwt(
    {
      iss: ISSUER,
      aud: 'api',
      sub: 'alice',
      client_id: 'web',
      iat: NOW,
      exp: NOW + 600,
      scope: 'read write',
      roles: ['editor', 'viewer'],
      status: { status_list: { idx: 7, uri: `${ISSUER}/v1/status-lists/1` } },
      ...claims,
    },
    { key, typ: 'at+jwt' },
  );

interface World {
  readonly fresh?: boolean;
  readonly revoked?: string;
  readonly answer?: IntrospectionAnswer;
  readonly keys?: KeyResolver;
  readonly feed?: boolean;
}

const issuers = ({ fresh = true, revoked, answer = 'unknown', keys, feed = true }: World = {}): TrustedIssuers => {
  const rules = { issuer: ISSUER, audience: 'api', algorithms: ['ES256'], typ: 'at+jwt' } as const;
  const verifier = createVerifier({ ...rules, keys: keys ?? key, now: () => NOW, cache: true });
  const view = createRevocationView({ now: () => NOW });
  const records =
    revoked === undefined ? [] : [{ seq: 1, kind: 'subject' as const, id: revoked, before: NOW + 1, expires: NOW }];
  view.applySnapshot({ log: 'L', seq: 1 }, records);
  const issuer = {
    name: 'main',
    mapping: { subject: ['sub'], clientId: [['client_id']], scopes: [['scope']], roles: [['roles']] },
    revocation: feed
      ? {
          onStale: 'deny' as const,
          statusListPrefix: `${ISSUER}/v1/status-lists/`,
          isFresh: () => fresh,
          isRevoked: (ref: TokenRef) => view.isRevoked(ref),
        }
      : undefined,
    introspect: () => Promise.resolve(answer),
  };
  return { check: (text) => verifier.check(text), byUrl: (url) => (url === ISSUER ? issuer : undefined) };
};

const ask = (policy: RoutePolicy, authorization: string | readonly string[], world?: World, trace?: DecisionTrace) =>
  decide(
    {
      method: 'GET',
      path: '/',
      authorization: typeof authorization === 'string' ? [`Bearer ${authorization}`] : authorization,
      nowSeconds: NOW,
    },
    compilePolicy(policy),
    issuers(world),
    trace,
  );

const code = async (verdict: Verdict | Promise<Verdict>): Promise<string> => {
  const settled = await verdict;
  return settled.allow ? (settled.principal?.subject ?? 'anonymous') : `${settled.status} ${settled.code}`;
};

describe('a decision', () => {
  it.each<[string, RoutePolicy, string | readonly string[], string]>([
    ['no token', {}, [], '401 token_missing'],
    ['a good token', {}, token(), 'alice'],
    ['another scheme', {}, ['Basic YTpi'], '401 token_missing'],
    ['two fields', {}, ['Bearer a', 'Bearer b'], '400 invalid_request'],
    ['characters that no token has', {}, ['Bearer "a"'], '400 invalid_request'],
    ['rubbish', {}, 'rubbish', '401 invalid_token'],
    ['an expired token', {}, token({ exp: NOW }), '401 invalid_token'],
    ['a token for somebody else', {}, token({ aud: 'other' }), '401 invalid_token'],
    ['another issuer', {}, token({ iss: 'https://else.test' }), '401 invalid_token'],
    ['an issuer that the route does not admit', { issuers: ['partner'] }, token(), '401 invalid_token'],
    ['all scopes', { scopes: ['read', 'write'] }, token(), 'alice'],
    ['one scope of two', { scopes: ['read', 'admin'] }, token(), '403 insufficient_scope'],
    ['any scope', { scopes: { any: ['admin', 'write'] } }, token(), 'alice'],
    ['all and any', { scopes: { all: ['read'], any: ['admin'] } }, token(), '403 insufficient_scope'],
    ['a scope that contains another', { scopes: ['rea'] }, token(), '403 insufficient_scope'],
    ['an empty scope', { scopes: ['read'] }, token({ scope: '' }), '403 insufficient_scope'],
    ['roles', { roles: { any: ['admin', 'editor'] } }, token(), 'alice'],
    [
      'roles of which one is no string',
      { roles: ['editor'] },
      token({ roles: ['editor', 1] }),
      '403 insufficient_role',
    ],
    ['roles that are one string', { roles: ['editor'] }, token({ roles: 'editor' }), '403 insufficient_role'],
    ['a claim', { claims: { '/tenant/id': 7 } }, token({ tenant: { id: 7 } }), 'alice'],
    ['a claim of another type', { claims: { '/tenant': 7 } }, token({ tenant: '7' }), '403 insufficient_claims'],
    ['a claim with a list', { claims: { '/groups': ['a', 'b'] } }, token({ groups: ['a', 'b'] }), 'alice'],
    [
      'a list in another order',
      { claims: { '/groups': ['a', 'b'] } },
      token({ groups: ['b', 'a'] }),
      '403 insufficient_claims',
    ],
    ['a claim that is absent', { claims: { '/tenant': null } }, token(), '403 insufficient_claims'],
    ['an object with more', { claims: { '/t': { a: 1 } } }, token({ t: { a: 1, b: 2 } }), '403 insufficient_claims'],
    ['the first failing rule', { scopes: ['admin'], roles: ['admin'] }, token(), '403 insufficient_scope'],
    ['a sender-constrained token (RFC 9449 section 7.2)', {}, token({ cnf: { jkt: 'x' } }), '401 invalid_token'],
    [
      'a status list of another issuer',
      {},
      token({ status: { status_list: { idx: 1, uri: 'https://else.test/1' } } }),
      '401 invalid_token',
    ],
    [
      'a status index of a wrong type',
      {},
      token({ status: { status_list: { idx: '1', uri: `${ISSUER}/v1/status-lists/1` } } }),
      '401 invalid_token',
    ],
    ['no place in a status list', {}, token({ status: undefined }), 'alice'],
  ])('on %s', async (_name, policy, authorization, expected) => {
    expect(await code(ask(policy, authorization))).toBe(expected);
  });

  it('is synchronous where nothing has to be fetched', () => {
    expect(ask({ scopes: ['read'] }, token())).not.toBeInstanceOf(Promise);
    expect(ask({}, 'rubbish')).not.toBeInstanceOf(Promise);
  });

  it.each<[string, World, RoutePolicy, string]>([
    ['a stale view denies by default', { fresh: false }, {}, '503 temporarily_unavailable'],
    ['a stale view, and the route goes on', { fresh: false }, { onStale: 'allow' }, 'alice'],
    ['a stale view, and the issuer says yes', { fresh: false, answer: 'active' }, { onStale: 'introspect' }, 'alice'],
    [
      'a stale view, and the issuer says no',
      { fresh: false, answer: 'inactive' },
      { onStale: 'introspect' },
      '401 invalid_token',
    ],
    ['a stale view, and no answer', { fresh: false }, { onStale: 'introspect' }, '503 temporarily_unavailable'],
    ['a fresh view asks nobody', { answer: 'inactive' }, { onStale: 'introspect' }, 'alice'],
    ['revoked', { revoked: 'alice' }, {}, '401 invalid_token'],
    [
      'revoked, stale, and the route goes on',
      { revoked: 'alice', fresh: false },
      { onStale: 'allow' },
      '401 invalid_token',
    ],
    ['revoked, before scopes', { revoked: 'alice' }, { scopes: ['admin'] }, '401 invalid_token'],
    ['no feed', { feed: false, fresh: false, revoked: 'alice' }, {}, 'alice'],
  ])('with %s', async (_name, world, policy, expected) => {
    expect(await code(ask(policy, token(), world))).toBe(expected);
  });
});

describe('the trace', () => {
  const rulesOf = async (
    policy: RoutePolicy,
    authorization: string | readonly string[],
    world?: World,
  ): Promise<string[]> => {
    const trace = new DecisionTrace();
    await ask(policy, authorization, world, trace);
    return trace.steps.map(({ rule, passed }) => `${passed ? '+' : '-'}${rule}`);
  };
  const VERIFIED = ['+token', '+parse', '+issuer', '+key', '+signature', '+verified claims'];

  it('names every rule of an admitted request, in order', async () => {
    expect(await rulesOf({ scopes: ['read'], roles: ['editor'], claims: { '/sub': 'alice' } }, token())).toEqual([
      ...VERIFIED,
      '+revocation',
      '+freshness',
      '+scopes',
      '+roles',
      '+claims',
    ]);
  });

  it.each<[string, RoutePolicy, string | readonly string[], World, string[]]>([
    ['no token', {}, [], {}, ['-token']],
    ['optional and none', { auth: 'optional' }, [], {}, ['+token']],
    ['a route that looks at none', { auth: 'none' }, [], {}, ['+policy']],
    ['a malformed token', {}, 'a.b', {}, ['+token', '-parse']],
    ['a foreign issuer', {}, token({ iss: 'x' }), {}, ['+token', '-issuer']],
    ['an expired token', {}, token({ exp: NOW }), {}, ['+token', '-verified claims']],
    ['a bound token', {}, token({ cnf: {} }), {}, [...VERIFIED, '-binding']],
    ['a revoked token', {}, token(), { revoked: 'alice' }, [...VERIFIED, '-revocation']],
    ['a stale view', {}, token(), { fresh: false }, [...VERIFIED, '+revocation', '-freshness']],
    [
      'an answer of the issuer',
      { onStale: 'introspect' },
      token(),
      { fresh: false, answer: 'inactive' },
      [...VERIFIED, '+revocation', '+freshness', '-introspection'],
    ],
    ['a missing scope', { scopes: ['x'] }, token(), {}, [...VERIFIED, '+revocation', '+freshness', '-scopes']],
  ])('ends with the rule that decided: %s', async (_name, policy, authorization, world, rules) => {
    expect(await rulesOf(policy, authorization, world)).toEqual(rules);
  });

  it('says what was compared, and never holds the token', async () => {
    const trace = new DecisionTrace();
    const text = token();
    await ask({ scopes: { any: ['admin'] } }, text, {}, trace);
    expect(trace.steps.at(-1)).toEqual({
      rule: 'scopes',
      passed: false,
      why: 'needs any of [admin]; the token has [read, write]',
      source: 'RFC 6750 section 3.1',
      change: 'the token needs the scope "admin"',
    });
    expect(JSON.stringify(trace.steps)).not.toContain(text.slice(-20));
  });

  it('gives the same verdict as without', async () => {
    for (const policy of [{}, { scopes: ['admin'] }, { onStale: 'allow' as const }]) {
      expect(await ask(policy, token(), {}, new DecisionTrace())).toMatchObject({
        allow: (await ask(policy, token())).allow,
      });
    }
  });
});

describe('keys that cannot be had (ATTACKS.md G9)', () => {
  it('is 503 without a challenge, also after waiting for them', async () => {
    const unavailable = new JwtError('keys_unavailable');
    for (const find of [
      () => {
        throw unavailable;
      },
      () => Promise.reject(unavailable),
    ]) {
      const verdict = await ask({}, token(), { keys: { find, isCurrent: () => true } });
      expect(verdict).toMatchObject({ allow: false, status: 503, retryAfterSeconds: 5 });
      expect(verdict).not.toHaveProperty('challenge');
    }
  });
});
