/** Rate limits: who is counted, what the client is told (draft-ietf-httpapi-ratelimit-headers-10, RFC 6585 section 4). */
import type { ServerResponse } from 'node:http';
import { connect, type ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';
import { getOver } from './http2-client.ts';

const OFTEN = { by: 'ip', limit: 2, per: '1h' };
const MANY = { ...OFTEN, limit: 1000 };

describe.each(['HTTP/1.1', 'HTTP/2'])('over %s', (version) => {
  let at: TestGateway;
  let session: ClientHttp2Session | undefined;
  type Init = { readonly headers?: Record<string, string>; readonly signal?: AbortSignal };
  const get = (path: string, init: Init = {}): Promise<Response> =>
    session === undefined ? fetch(`${at.url}${path}`, init) : getOver(session, path, init);
  beforeAll(async () => {
    at = await startGateway({
      http2: { cleartext: true },
      trustProxies: ['127.0.0.1'],
      routes: [
        { path: '/by-ip', to: 'origin', auth: 'none', rateLimit: { by: 'ip', limit: 2, per: '1h' } },
        { path: '/by-sub', to: 'origin', rateLimit: { by: 'sub', limit: 2, per: '1h' } },
        { path: '/by-client', to: 'origin', rateLimit: { by: 'client', limit: 2, per: '1h' } },
        { path: '/by-claim', to: 'origin', rateLimit: { by: 'claim', claim: '/tenant', limit: 2, per: '1h' } },
        { path: '/by-route', to: 'origin', auth: 'none', rateLimit: { by: 'route', limit: 2, per: '1h' } },
        {
          path: '/guess',
          to: 'origin',
          rateLimit: [
            { by: 'ip', limit: 3, per: '1h' },
            { by: 'sub', limit: 1, per: '1h' },
          ],
        },
        { path: '/window', to: 'origin', auth: 'none', rateLimit: { ...OFTEN, algorithm: 'sliding-window' } },
        { path: '/quota', to: 'origin', quota: { limit: 2 }, rateLimit: MANY },
        {
          path: '/together',
          to: 'origin',
          rateLimit: [
            { by: 'client', limit: 2, per: '1h' },
            { by: 'sub', limit: 1, per: '1h' },
          ],
        },
        { path: '/at-once', to: 'origin', concurrency: { by: 'sub', limit: 1 }, rateLimit: { ...OFTEN, limit: 1000 } },
        { path: '/busy-route', to: 'origin', auth: 'none', concurrency: { by: 'route', limit: 1 }, rateLimit: MANY },
        { path: '/busy-upstream', to: 'narrow', auth: 'none', rateLimit: MANY },
        {
          path: '/from',
          to: 'origin',
          auth: 'none',
          access: { allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.66'] },
          rateLimit: MANY,
        },
      ],
      access: { deny: ['203.0.113.0/24'] },
      upstreams: { narrow: { maxRequests: 1 } },
      defaults: { rateLimit: { by: 'ip', limit: 5, per: '1h' } },
    });
    if (version === 'HTTP/2') session = connect(at.url);
  });
  afterAll(async () => {
    session?.destroy();
    await at.close();
  });

  async function statuses(path: string, callers: readonly { ip?: string; token?: string }[]): Promise<number[]> {
    const found: number[] = [];
    for (const { ip = '192.0.2.1', token } of callers) {
      const headers = { 'x-forwarded-for': ip, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      found.push((await get(path, { headers })).status);
    }
    return found;
  }

  describe('who is counted', () => {
    it('an address, an IPv6 one by its /64', async () => {
      expect(await statuses('/by-ip', [{}, {}, {}, { ip: '192.0.2.2' }])).toEqual([200, 200, 429, 200]);
      const neighbours = [
        { ip: '2001:db8:1:2::1' },
        { ip: '2001:db8:1:2:ffff::9' },
        { ip: '2001:db8:1:2:3::' },
        { ip: '2001:db8:1:3::1' },
      ];
      expect(await statuses('/by-ip', neighbours)).toEqual([200, 200, 429, 200]);
    });

    it('a subject, whatever token it shows', async () => {
      const [a1, a2, a3, b] = [
        at.issuer.token(),
        at.issuer.token(),
        at.issuer.token(),
        at.issuer.token({ sub: 'bob' }),
      ];
      expect(await statuses('/by-sub', [{ token: a1 }, { token: a2 }, { token: a3 }, { token: b }])).toEqual([
        200, 200, 429, 200,
      ]);
    });

    it('a client, a claim, or everybody', async () => {
      const [one, two] = [
        at.issuer.token({ client_id: 'one', tenant: 'x' }),
        at.issuer.token({ client_id: 'two', tenant: 'y' }),
      ];
      const callers = [{ token: one }, { token: one }, { token: one }, { token: two }];
      expect(await statuses('/by-client', callers)).toEqual([200, 200, 429, 200]);
      expect(await statuses('/by-claim', callers)).toEqual([200, 200, 429, 200]);
      expect(await statuses('/by-route', [{}, { ip: '192.0.2.7' }, { ip: '192.0.2.8' }])).toEqual([200, 200, 429]);
    });

    it('guesses at tokens cost the address its allowance; refused ones cost the subject nothing', async () => {
      const ip = '192.0.2.30';
      const token = at.issuer.token({ sub: 'carol' });
      const bad = `${token.slice(0, -4)}AAAA`;
      expect(
        await statuses('/guess', [
          { ip, token: bad },
          { ip, token: bad },
          { ip, token },
          { ip, token },
        ]),
      ).toEqual([401, 401, 200, 429]);
      expect(await statuses('/guess', [{ ip: '192.0.2.31', token }])).toEqual([429]);
    });

    it('paths that are not there count too', async () => {
      const ip = '192.0.2.40';
      const tries = Array.from({ length: 6 }, () => ({ ip }));
      expect(await statuses('/nowhere', tries)).toEqual([401, 401, 401, 401, 401, 429]);
    });
  });

  describe('a sliding window, a quota', () => {
    it('refuse what is beyond them, each with its own name', async () => {
      const token = at.issuer.token({ client_id: 'heavy' });
      expect(await statuses('/window', [{}, {}, {}])).toEqual([200, 200, 429]);
      expect(await statuses('/quota', [{ token }, { token }, { token }])).toEqual([200, 200, 429]);
      const headers = { authorization: `Bearer ${token}` };
      const refused = await get('/quota', { headers });
      expect(refused.headers.get('ratelimit-policy')).toBe('"ip";q=1000;w=3600, "client-month";q=2');
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(31 * 86_400);
    });

    it('take nothing from an allowance when another refuses', async () => {
      const [dave, erin] = [at.issuer.token({ sub: 'dave' }), at.issuer.token({ sub: 'erin' })];
      const tries = [{ token: dave }, { token: dave }, { token: dave }, { token: erin }];
      expect(await statuses('/together', tries)).toEqual([200, 429, 429, 200]);
    });
  });

  describe('requests at once', () => {
    /** Starts one that stays under way until it is let go. */
    async function hold(path: string, token?: string): Promise<() => Promise<number>> {
      const arrived = Promise.withResolvers<ServerResponse>();
      at.origin.on(path, (_req, res) => arrived.resolve(res));
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = get(path, { headers });
      const res = await arrived.promise;
      at.origin.on(path, (_req, other) => other.end('{}'));
      return async () => {
        res.end('{}');
        const { status } = await answer;
        // The place is free when the gateway has closed the exchange, which may be a moment after the answer was read.
        await vi.waitUntil(async () => (await statuses(path, [token === undefined ? {} : { token }]))[0] === 200);
        return status;
      };
    }

    it('of one subject: 429 beyond, and a place again when one has ended', async () => {
      const [token, other] = [at.issuer.token({ sub: 'frank' }), at.issuer.token({ sub: 'grace' })];
      const release = await hold('/at-once', token);
      expect(await statuses('/at-once', [{ token }, { token: other }])).toEqual([429, 200]);
      const refused = await get('/at-once', { headers: { authorization: `Bearer ${token}` } });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ code: 'too_many_at_once' });
      expect(await release()).toBe(200);
    });

    it.each(['/busy-route', '/busy-upstream'])('of everybody: 503 beyond: %s', async (path) => {
      const release = await hold(path);
      const refused = await get(path);
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ code: 'overloaded' });
      expect(await release()).toBe(200);
    });

    it('a client that leaves frees its place', async () => {
      const leaving = new AbortController();
      const arrived = Promise.withResolvers<void>();
      at.origin.on('/busy-route', () => arrived.resolve());
      const answer = get('/busy-route', { signal: leaving.signal }).catch(() => 'left');
      await arrived.promise;
      at.origin.on('/busy-route', (_req, res) => res.end('{}'));
      leaving.abort();
      expect(await answer).toBe('left');
      await vi.waitUntil(async () => (await statuses('/busy-route', [{}]))[0] === 200);
    });
  });

  describe('who may come from where', () => {
    it.each([
      ['192.0.2.1', '/from', 200],
      ['::ffff:192.0.2.1', '/from', 200],
      ['::ffff:c000:201', '/from', 200],
      ['192.0.2.66', '/from', 403],
      ['::ffff:c000:242', '/from', 403],
      ['198.51.100.1', '/from', 403],
      ['2001:db8::1', '/from', 200],
      ['203.0.113.9', '/by-ip', 403],
      ['203.0.113.9', '/nowhere', 403],
    ])('%s at %s: %i', async (ip, path, status) => {
      expect(await statuses(path, [{ ip }])).toEqual([status]);
    });

    it('what somebody claims of himself counts only behind a trusted proxy', async () => {
      const direct = await startGateway({
        access: { deny: ['127.0.0.1'] },
        routes: [{ path: '/**', to: 'origin', auth: 'none' }],
      });
      const answer = await fetch(`${direct.url}/x`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'address_denied' }]);
      await direct.close();
    });
  });

  describe('what the client is told', () => {
    it('the policy and what is left, and when to come back', async () => {
      const headers = { 'x-forwarded-for': '198.51.100.1' };
      const first = await get('/by-ip', { headers });
      expect(first.headers.get('ratelimit-policy')).toBe('"ip";q=2;w=3600');
      expect(first.headers.get('ratelimit')).toMatch(/^"ip";r=1;t=180[01]$/u);
      await get('/by-ip', { headers });
      const refused = await get('/by-ip', { headers });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('ratelimit')).toMatch(/^"ip";r=0;t=3(?:600|59[89])$/u);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1700);
      expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    });
  });
});
