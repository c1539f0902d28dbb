import { once } from 'node:events';
import { createServer } from 'node:net';
import { exportJwk, generateKey } from '@sealgate/jwt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  compilePolicy,
  createTrust,
  decide,
  GuardError,
  type RoutePolicy,
  type Trust,
  type TrustEvent,
  type TrustOptions,
  type Verdict,
} from '../../src/index.ts';
import { portOf } from '../feed/feed-server.ts';
import { AUDIENCE, CREDENTIAL, startTestIssuer, type TestIssuer } from '../test-issuer.ts';

let clock: number;
const now = (): number => clock;

let issuer: TestIssuer;
let trust: Trust;
let events: TrustEvent[];
let watchers: ((event: TrustEvent) => void)[];

const next = (type: TrustEvent['type']): Promise<TrustEvent> =>
  new Promise((resolve) => {
    watchers.push((event) => {
      if (event.type === type) resolve(event);
    });
  });

const settings = (overrides: Partial<TrustOptions['issuers'][string]> = {}): TrustOptions => ({
  issuers: {
    main: {
      url: issuer.url,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      client: CREDENTIAL,
      revocation: { feed: 'push', staleAfterSeconds: 30 },
      ...overrides,
    },
  },
  now,
  observe(event) {
    events.push(event);
    for (const watcher of watchers) watcher(event);
  },
});

const ask = async (token: string, policy: RoutePolicy = {}): Promise<Verdict> =>
  decide(
    { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds: clock },
    compilePolicy(policy, trust.names),
    trust,
  );

const codeOf = async (token: string, policy?: RoutePolicy): Promise<string> => {
  const verdict = await ask(token, policy);
  return verdict.allow ? 'allowed' : verdict.code;
};

beforeEach(async () => {
  clock = 1_800_000_000;
  events = [];
  watchers = [];
  issuer = await startTestIssuer({ now });
});

afterEach(async () => {
  await trust.close();
  await issuer.close();
});

describe('a trust in an issuer with a feed', () => {
  it('finds the issuer, its keys and its feed, and admits its tokens with who stands behind them', async () => {
    trust = createTrust(settings());
    await issuer.admit();
    await trust.ready;
    const token = issuer.token();
    const verdict = await ask(token, { scopes: ['orders:read'] });
    if (!verdict.allow) throw new Error(verdict.code);
    expect(verdict.principal).toMatchObject({
      subject: 'alice',
      clientId: 'web',
      scopes: ['orders:read', 'orders:write'],
      roles: ['editor'],
      issuer: issuer.url,
      issuerName: 'main',
      expiresAtSeconds: clock + 600,
    });
    expect(verdict.principal?.token).toBe(token);
    expect(Object.isFrozen(verdict.principal?.claims)).toBe(true);
    expect(trust.state()).toMatchObject([{ name: 'main', ready: true, keys: 1, lastError: undefined, lagSeconds: 0 }]);
  });

  it.each([
    ['token', (): string => '1:1'],
    ['session', (): string => 's1'],
    ['subject', (): string => 'alice'],
    ['client', (): string => 'web'],
    ['key', (): string => issuer.keys[0]?.kid ?? ''],
  ] as const)('refuses a token as soon as a %s revocation is confirmed', async (kind, id) => {
    trust = createTrust(settings());
    const stream = await issuer.admit();
    await trust.ready;
    const token = issuer.token();
    expect(await codeOf(token)).toBe('allowed');
    await issuer.revoke(stream, { seq: 1, kind, id: id() });
    expect(await codeOf(token)).toBe('invalid_token');
  });

  it('admits what a holder is given after its revocation', async () => {
    trust = createTrust(settings());
    const stream = await issuer.admit();
    await trust.ready;
    await issuer.revoke(stream, { seq: 1, kind: 'subject', id: 'alice' });
    clock += 1;
    expect(await codeOf(issuer.token())).toBe('allowed');
  });

  it('takes a new key from the feed before anybody fetched it, and drops one that is gone', async () => {
    trust = createTrust(settings());
    const stream = await issuer.admit();
    await trust.ready;
    const old = issuer.token();
    expect(await codeOf(old)).toBe('allowed');
    const fetched = issuer.requests.get('/.well-known/jwks.json');
    issuer.keys = [generateKey('ES256')];
    const changed = next('keys_changed');
    stream.send('keys', { keys: issuer.keys.map((key) => exportJwk(key)) });
    await changed;
    expect(await codeOf(issuer.token())).toBe('allowed');
    expect(issuer.requests.get('/.well-known/jwks.json')).toBe(fetched);
    expect(await codeOf(old)).toBe('invalid_token');
  });

  it('keeps its keys when a pushed set is not one', async () => {
    trust = createTrust(settings());
    const stream = await issuer.admit();
    await trust.ready;
    const malformed = next('keys_malformed');
    stream.send('keys', { keys: 'none' });
    await malformed;
    expect(await codeOf(issuer.token())).toBe('allowed');
  });

  it('refuses with 503, not 401, before it has heard from the issuer', async () => {
    trust = createTrust(settings());
    const verdict = await ask(issuer.token());
    expect(verdict).toMatchObject({ allow: false, status: 503, code: 'temporarily_unavailable', retryAfterSeconds: 5 });
  });
});

describe('an issuer that is down', () => {
  it('lets the trust start, refuse, and recover by itself', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const port = portOf(probe);
    probe.close();
    await once(probe, 'close');
    trust = createTrust({ ...settings({ url: `http://127.0.0.1:${port}` }), random: () => 0 });
    const event = await next('discovery_failed');
    expect(event).toMatchObject({ issuer: 'main', error: { code: 'discovery_failed' } });
    expect(await codeOf(issuer.token())).toBe('invalid_token');
    const late = await startTestIssuer({ port, now });
    expect(await codeOf(late.token())).toBe('temporarily_unavailable');
    // Its own clock rations retries of the key set.
    clock += 5;
    await late.admit();
    await trust.ready;
    expect(await codeOf(late.token())).toBe('allowed');
    await late.close();
  });

  describe('after it was heard (staleAfter 30 s)', () => {
    const startAndLose = async (overrides: Partial<TrustOptions['issuers'][string]> = {}): Promise<string> => {
      trust = createTrust(settings(overrides));
      const stream = await issuer.admit();
      await trust.ready;
      const token = issuer.token();
      expect(await codeOf(token)).toBe('allowed');
      const lost = next('feed_lost');
      issuer.server.refuseWith = (response) => response.writeHead(503).end();
      stream.cut();
      await lost;
      return token;
    };

    it('goes on with what is known for that long, then denies by default', async () => {
      const token = await startAndLose();
      clock += 30;
      expect(await codeOf(token)).toBe('allowed');
      clock += 0.001;
      expect(await codeOf(token)).toBe('temporarily_unavailable');
      expect(trust.state()[0]?.lastError).toBeInstanceOf(GuardError);
    });

    it('is not believed for longer because the clock stepped back', async () => {
      const token = await startAndLose();
      clock -= 31;
      const early = issuer.token({ iat: clock - 60, nbf: clock - 60, exp: clock + 600 });
      expect(await codeOf(early)).toBe('temporarily_unavailable');
      expect(await codeOf(token)).not.toBe('allowed');
    });

    it('lets a route choose to go on', async () => {
      const token = await startAndLose();
      clock += 300;
      expect(await codeOf(token, { onStale: 'allow' })).toBe('allowed');
      expect(await codeOf(token, { onStale: 'deny' })).toBe('temporarily_unavailable');
    });

    it('lets a route choose to ask the issuer, who is believed', async () => {
      const token = await startAndLose({ revocation: { feed: 'push', staleAfterSeconds: 30, onStale: 'introspect' } });
      clock += 31;
      expect(await codeOf(token)).toBe('allowed');
      issuer.introspect = () => ({ active: false });
      clock += 3;
      expect(await codeOf(token)).toBe('invalid_token');
      issuer.introspect = undefined;
      clock += 3;
      expect(await codeOf(token)).toBe('temporarily_unavailable');
      issuer.introspect = () => ({ active: 'yes' });
      expect(await codeOf(token)).toBe('temporarily_unavailable');
    });

    it('asks once for many requests with one token, and again after a moment', async () => {
      const token = await startAndLose({ revocation: { feed: 'push', onStale: 'introspect' } });
      clock += 31;
      const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(token)));
      expect(new Set(codes)).toEqual(new Set(['allowed']));
      expect(issuer.requests.get('/oauth/introspect')).toBe(1);
      clock += 3;
      await codeOf(token);
      expect(issuer.requests.get('/oauth/introspect')).toBe(2);
    });

    it('still checks scopes after the issuer was asked', async () => {
      const token = await startAndLose({ revocation: { feed: 'push', onStale: 'introspect' } });
      clock += 31;
      expect(await codeOf(token, { scopes: ['admin'] })).toBe('insufficient_scope');
    });

    it('refuses what it knows to be revoked, whatever the route chose', async () => {
      trust = createTrust(settings({ revocation: { feed: 'push', onStale: 'allow' } }));
      const stream = await issuer.admit();
      await trust.ready;
      const token = issuer.token();
      await issuer.revoke(stream, { seq: 1, kind: 'session', id: 's1' });
      stream.cut();
      clock += 300;
      expect(await codeOf(token)).toBe('invalid_token');
    });
  });
});

describe('what an issuer says of itself (RFC 8414 section 3.3)', () => {
  it('is not believed when it names another issuer', async () => {
    issuer.metadata['issuer'] = `${issuer.url}/`;
    trust = createTrust(settings());
    expect(await next('discovery_failed')).toMatchObject({ error: { code: 'issuer_mismatch' } });
    expect(await codeOf(issuer.token())).toBe('temporarily_unavailable');
  });

  it('must offer the feed that is configured', async () => {
    delete issuer.metadata['sealgate_feed_endpoint'];
    trust = createTrust(settings());
    expect(await next('discovery_failed')).toMatchObject({
      error: { code: 'endpoint_missing', path: 'sealgate_feed_endpoint' },
    });
  });

  it('must not lead to a plain http address beyond this machine', async () => {
    issuer.metadata['sealgate_feed_endpoint'] = 'http://192.0.2.1/v1/feed';
    trust = createTrust(settings());
    expect(await next('discovery_failed')).toMatchObject({ error: { code: 'endpoint_insecure' } });
  });
});

describe('an issuer without a feed', () => {
  it('has its tokens live until they expire, and needs no credential', async () => {
    trust = createTrust({
      issuers: { partner: { url: issuer.url, audience: AUDIENCE, algorithms: ['ES256'], typ: 'JWT' } },
      now,
    });
    await trust.ready;
    const token = issuer.token(
      { client_id: undefined, jti: undefined, status: { status_list: 'theirs' } },
      { typ: 'JWT' },
    );
    expect(await codeOf(token)).toBe('allowed');
    expect(await codeOf(issuer.token())).toBe('invalid_token');
    clock += 600;
    expect(await codeOf(token)).toBe('invalid_token');
    expect(trust.state()).toMatchObject([{ lagSeconds: undefined, feed: undefined, revocations: undefined }]);
  });

  it('may keep scopes and roles elsewhere', async () => {
    trust = createTrust({
      issuers: {
        keycloak: {
          url: issuer.url,
          audience: AUDIENCE,
          algorithms: ['ES256'],
          typ: 'JWT',
          mapping: { roles: '/realm_access/roles', clientId: '/azp', scopes: '/scp' },
        },
      },
      now,
    });
    await trust.ready;
    const token = issuer.token({ azp: 'app', realm_access: { roles: ['admin'] }, scp: ['a', 'b'] }, { typ: 'JWT' });
    const verdict = await ask(token, { roles: ['admin'], scopes: ['b'] });
    expect(verdict).toMatchObject({
      allow: true,
      principal: { clientId: 'app', roles: ['admin'], scopes: ['a', 'b'] },
    });
    expect(await codeOf(token, { roles: ['editor'] })).toBe('insufficient_role');
  });
});

describe('several issuers', () => {
  it('keeps their keys apart, and lets a route admit some', async () => {
    const other = await startTestIssuer({ now });
    trust = createTrust({
      issuers: {
        main: { url: issuer.url, audience: AUDIENCE, algorithms: ['ES256'] },
        partner: { url: other.url, audience: AUDIENCE, algorithms: ['ES256'] },
      },
      now,
    });
    await trust.ready;
    expect(await codeOf(issuer.token())).toBe('allowed');
    expect(await codeOf(other.token())).toBe('allowed');
    expect(await codeOf(other.token(), { issuers: ['main'] })).toBe('invalid_token');
    expect(await codeOf(other.token(), { issuers: ['main', 'partner'] })).toBe('allowed');
    // Signed by one, in the name of the other (ATTACKS.md T18).
    expect(await codeOf(other.token({ iss: issuer.url }))).toBe('invalid_token');
    expect(await codeOf(other.token({ iss: 'https://nobody.test' }))).toBe('invalid_token');
    await other.close();
  });
});

describe('options that cannot work', () => {
  const refusal = (change: (options: TrustOptions['issuers'][string]) => unknown): GuardError => {
    try {
      const main = change({ url: 'https://id.test', audience: 'a', algorithms: ['ES256'] });
      createTrust({ issuers: { main } } as TrustOptions);
    } catch (error) {
      if (error instanceof GuardError) return error;
      throw error;
    }
    throw new Error('the options were taken');
  };

  it.each([
    ['plain http', { url: 'http://id.test' }, 'endpoint_insecure', 'issuers.main.url'],
    ['no URL', { url: 'id.test' }, 'options_invalid', 'issuers.main.url'],
    ['a URL with a query', { url: 'https://id.test/?a=b' }, 'options_invalid', 'issuers.main.url'],
    ['a URL with credentials', { url: 'https://a:b@id.test/' }, 'options_invalid', 'issuers.main.url'],
    ['a member it does not know', { audiences: 'a' }, 'options_invalid', 'issuers.main.audiences'],
    [
      'a feed without a credential',
      { revocation: { feed: 'push' } },
      'options_invalid',
      'issuers.main.revocation.feed',
    ],
    ['half a credential', { client: { id: 'a' } }, 'options_invalid', 'issuers.main.client'],
    ['no algorithm', { algorithms: [] }, 'options_invalid', 'issuers'],
    ['no audience', { audience: '' }, 'options_invalid', 'issuers'],
    ['a mapping that is no pointer', { mapping: { roles: 'roles' } }, 'policy_invalid', 'issuers.main.mapping.roles'],
    [
      'a feed that is never fresh',
      { client: CREDENTIAL, revocation: { feed: 'push', staleAfterSeconds: 0 } },
      'options_invalid',
      'issuers.main.revocation.staleAfterSeconds',
    ],
  ])('are refused at once: %s', async (_name, change, code, path) => {
    trust = createTrust({ issuers: { a: { url: issuer.url, audience: 'a', algorithms: ['ES256'] } } });
    expect(refusal((options) => ({ ...options, ...change }))).toMatchObject({ code, path });
  });
});
