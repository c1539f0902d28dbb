/** Rate limits: who is counted, what the client is told (draft-ietf-httpapi-ratelimit-headers-10, RFC 6585 section 4). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
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
    ],
    defaults: { rateLimit: { by: 'ip', limit: 5, per: '1h' } },
  });
});
afterAll(() => at.close());

async function statuses(path: string, callers: readonly { ip?: string; token?: string }[]): Promise<number[]> {
  const found: number[] = [];
  for (const { ip = '192.0.2.1', token } of callers) {
    const headers = { 'x-forwarded-for': ip, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    found.push((await fetch(`${at.url}${path}`, { headers })).status);
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
    const [a1, a2, a3, b] = [at.issuer.token(), at.issuer.token(), at.issuer.token(), at.issuer.token({ sub: 'bob' })];
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

describe('what the client is told', () => {
  it('the policy and what is left, and when to come back', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    const first = await fetch(`${at.url}/by-ip`, { headers });
    expect(first.headers.get('ratelimit-policy')).toBe('"ip";q=2;w=3600');
    expect(first.headers.get('ratelimit')).toMatch(/^"ip";r=1;t=180[01]$/u);
    await fetch(`${at.url}/by-ip`, { headers });
    const refused = await fetch(`${at.url}/by-ip`, { headers });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('ratelimit')).toMatch(/^"ip";r=0;t=3(?:600|59[89])$/u);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1700);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
  });
});
