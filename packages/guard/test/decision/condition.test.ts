/** `when` and the policy service: conditions on claims and request, and what happens when they cannot be judged. */
import { createVerifier, generateKey, signJwt } from '@sealgate/jwt';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePolicy,
  createOpaService,
  decide,
  GuardError,
  RequestView,
  type OpaOptions,
  type RequestFacts,
  type RoutePolicy,
  type TrustedIssuers,
} from '../../src/index.ts';

const NOW = 1_800_000_000;
const key = generateKey('ES256');
const verifier = createVerifier({
  issuer: 'https://id.test',
  audience: 'api',
  algorithms: ['ES256'],
  keys: key,
  now: () => NOW,
});
const issuer = {
  name: 'main',
  mapping: { subject: ['sub'], clientId: [['client_id']], scopes: [['scope']], roles: [['roles']] },
  revocation: undefined,
  introspect: () => Promise.resolve('unknown' as const),
};
const issuers: TrustedIssuers = { check: (text) => verifier.check(text), byUrl: () => issuer };
const claims = {
  sub: 'alice',
  tenant: 'acme',
  level: 3,
  roles: ['editor', 'viewer'],
  nothing: null,
  address: { city: 'Bern' },
};
const token = signJwt({ iss: 'https://id.test', aud: 'api', exp: NOW + 60, scope: 'read', ...claims }, { key });

const facts: RequestFacts = {
  method: 'GET',
  path: '/orders/7',
  query: 'page=2&name=a+b',
  rawHeaders: ['X-Tenant-Id', 'acme', 'Accept', 'a', 'accept', 'b', 'Authorization', 'Bearer secret', 'Cookie', 'c=1'],
  authorization: [`Bearer ${token}`],
  nowSeconds: NOW,
};

const answer = async (policy: RoutePolicy, more: Partial<RequestFacts> = {}): Promise<string> => {
  const verdict = await decide({ ...facts, ...more }, compilePolicy(policy), issuers);
  return verdict.allow ? (verdict.principal?.subject ?? 'anonymous') : `${verdict.status} ${verdict.code}`;
};

describe('a condition', () => {
  it.each([
    'claims.tenant == request.headers["x-tenant-id"]',
    'claims.level == 3 && claims.level >= 2',
    '"editor" in claims.roles',
    'claims.roles.exists(role, role.startsWith("edit"))',
    'claims.address.city == "Bern"',
    'claims.nothing == null',
    '!has(claims.missing)',
    'request.method == "GET" && request.path.startsWith("/orders/")',
    'request.query.page == "2" && request.query.name == "a b"',
    'request.headers.accept == "a, b"',
    '!("authorization" in request.headers) && !("cookie" in request.headers)',
    '!("__proto__" in claims) && !has(claims.constructor)',
  ])('admits when it holds: %s', async (when) => {
    expect(await answer({ when })).toBe('alice');
  });

  it.each([
    ['is false', 'claims.tenant == "other"'],
    ['names a claim that is absent', 'claims.missing == "x"'],
    ['names a header that is absent', 'request.headers["x-nothing"] == claims.tenant'],
    ['negates what cannot be known', '!(claims.missing == "x")'],
    ['compares what has no order', 'claims.tenant > 3'],
    ['divides by zero', '1 / (claims.level == 3 ? 0 : 1) == 1'],
    ['is no truth value', 'claims.tenant'],
    ['reaches for a prototype', 'claims.constructor == null'],
    ['reads beyond a list', 'claims.roles[9] == "editor"'],
  ])('denies when it %s', async (_name, when) => {
    expect(await answer({ when })).toBe('403 condition_unmet');
  });

  it('denies when the query names a parameter twice, as the service behind may read the other one', async () => {
    expect(await answer({ when: 'request.query.page == "2"' }, { query: 'page=2&page=3' })).toBe('403 condition_unmet');
    expect(await answer({ when: '!("admin" in request.query)' }, { query: 'a=1&a=2' })).toBe('403 condition_unmet');
  });

  it('must hold together with all others, and after scopes', async () => {
    expect(await answer({ when: ['true', 'claims.level == 4'] })).toBe('403 condition_unmet');
    expect(await answer({ when: 'false', scopes: ['write'] })).toBe('403 insufficient_scope');
  });

  it('judges a request without token, where one is optional, with no claims', async () => {
    const open = { auth: 'optional', when: 'request.method == "GET" || claims.sub == "alice"' } as const;
    expect(await answer(open, { authorization: [] })).toBe('anonymous');
    expect(await answer(open, { authorization: [], method: 'POST' })).toBe('401 token_missing');
    expect(await answer(open, { method: 'POST' })).toBe('alice');
  });

  it('is judged at once', () => {
    expect(decide(facts, compilePolicy({ when: 'claims.level == 3' }), issuers)).not.toBeInstanceOf(Promise);
  });

  it.each([
    ['claims.tenant ==', 'line 1'],
    ['true &&\n request.methode == "GET"', 'line 2, column 10'],
    ['request.method == 3', 'no such overload'],
    ['tenant == "acme"', 'Unknown variable: tenant'],
    ['"a"', 'must be true or false'],
    ['', ''],
    ['claims.tenant.matches("(a+)+$")', '`matches` is not available'],
    ['claims.roles.all(a, claims.roles.exists(b, a == b))', 'within another pass'],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, ''],
    [`true${' && true'.repeat(600)}`, ''],
  ])('is refused when the policy is made: %s', (when, detail) => {
    expect(() => compilePolicy({ when })).toThrow(GuardError);
    expect(() => compilePolicy({ when })).toThrow(detail);
  });

  it('is refused where no token is looked at', () => {
    expect(() => compilePolicy({ auth: 'none', when: 'true' })).toThrow('auth');
  });

  it('never throws anything but its own error, whatever text it is made from', () => {
    const word = fc.constantFrom(
      'claims',
      'request',
      '.',
      'a',
      '[',
      ']',
      '(',
      ')',
      '==',
      '&&',
      '!',
      '1',
      '"x"',
      ' ',
      '?',
      ':',
      'in',
      'all',
      ',',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 14 }).map((words) => words.join('')),
        ),
        (when) => {
          try {
            for (const condition of compilePolicy({ when }).conditions) condition.evaluate({}, new RequestView(facts));
          } catch (error) {
            if (!(error instanceof GuardError)) throw error;
          }
        },
      ),
    );
  });
});

describe('the policy service (OPA)', () => {
  const opa = (
    reply: (body: unknown) => Response | Promise<Response>,
    options: Partial<OpaOptions> = {},
  ): RoutePolicy => ({
    policyService: createOpaService({
      url: 'http://127.0.0.1:8181/v1/data/orders/allow',
      fetch: async (_url, init) => reply(typeof init?.body === 'string' ? JSON.parse(init.body) : undefined),
      ...options,
    }),
  });

  it('is sent claims and request, and never the token', async () => {
    let seen: unknown;
    const policy = opa((body) => {
      seen = body;
      return Response.json({ result: true });
    });
    expect(await answer(policy)).toBe('alice');
    expect(seen).toMatchObject({
      input: {
        claims: { sub: 'alice' },
        request: { method: 'GET', path: '/orders/7', query: { page: '2' }, headers: { 'x-tenant-id': 'acme' } },
      },
    });
    expect(JSON.stringify(seen)).not.toContain('Bearer');
    expect(JSON.stringify(seen)).not.toContain(token.slice(-20));
  });

  it.each<[string, unknown, string]>([
    ['true', { result: true }, 'alice'],
    ['an object that allows', { result: { allow: true } }, 'alice'],
    ['false', { result: false }, '403 condition_unmet'],
    ['no result: the rule is undefined', {}, '403 condition_unmet'],
    ['a word', { result: 'true' }, '403 condition_unmet'],
    ['a number', { result: { allow: 1 } }, '403 condition_unmet'],
    ['a list', [true], '503 temporarily_unavailable'],
  ])('answers %s', async (_name, body, expected) => {
    expect(await answer(opa(() => Response.json(body)))).toBe(expected);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['is broken', () => new Response('', { status: 500 })],
    ['sends a redirect', () => new Response('', { status: 302, headers: { location: 'https://else.test' } })],
    ['talks rubbish', () => new Response('rubbish')],
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ])('closes the route when it %s, unless told otherwise', async (_name, reply) => {
    const failures: string[] = [];
    const onFailed = ({ code }: GuardError) => failures.push(code);
    expect(await answer(opa(reply, { onFailed }))).toBe('503 temporarily_unavailable');
    expect(await answer(opa(reply, { onFailure: 'allow' }))).toBe('alice');
    expect(failures).toEqual(['policy_service_failed']);
  });

  it('closes the route when it does not answer in time', async () => {
    const fetch: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    expect(await answer(opa(() => Response.json({}), { fetch, timeoutMs: 1 }))).toBe('503 temporarily_unavailable');
  });

  it('is not asked about what is refused before', async () => {
    const policy = opa(() => Promise.reject(new Error('asked')));
    expect(await answer({ ...policy, scopes: ['write'] })).toBe('403 insufficient_scope');
    expect(await answer({ ...policy, when: 'false' })).toBe('403 condition_unmet');
    expect(await answer(policy, { authorization: [] })).toBe('401 token_missing');
  });

  it('is not allowed to be far away without TLS', () => {
    expect(() => createOpaService({ url: 'http://opa.test:8181/v1/data/x' })).toThrow(GuardError);
  });
});
