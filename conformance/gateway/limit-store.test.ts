/** Limits that hold across gateways: several of them on one real Redis server, which is lost and comes back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type RawConfig, type TestGateway } from './fixture.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

let redis: RedisServer;
let gateways: TestGateway[];
const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-store-'));

const config = (store: unknown): RawConfig => ({
  trustProxies: ['127.0.0.1'],
  limits: { store },
  routes: [
    { path: '/bucket', to: 'origin', auth: 'none', rateLimit: { by: 'route', limit: 20, per: '1h' } },
    {
      path: '/window',
      to: 'origin',
      auth: 'none',
      rateLimit: { by: 'route', limit: 20, per: '1h', algorithm: 'sliding-window' },
    },
    { path: '/quota', to: 'origin', auth: 'optional', quota: { by: 'client', limit: 20 } },
    {
      path: '/both',
      to: 'origin',
      auth: 'optional',
      rateLimit: [
        { by: 'ip', limit: 5, per: '1h' },
        { by: 'sub', limit: 2, per: '1h' },
      ],
    },
    { path: '/lost', to: 'origin', auth: 'none', rateLimit: { by: 'ip', limit: 2, per: '1h' } },
  ],
});

beforeAll(async () => {
  redis = await startRedis();
  gateways = await Promise.all([1, 2, 3].map(() => startGateway(config({ url: redis.url, timeout: '2s' }))));
  await Promise.all(gateways.map((at) => storeIs(at, 1)));
});
afterAll(async () => {
  await Promise.all(gateways.map((at) => at.close()));
  await redis.close();
  rmSync(folder, { recursive: true });
});

async function metric(at: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${at.adminUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(text)?.[1]);
}

/** Waits until the gateway says so. */
async function storeIs(at: TestGateway, state: 0 | 1): Promise<void> {
  const isSo = async () => (await metric(at, 'sealgate_gateway_limit_store_up')) === state;
  await vi.waitUntil(isSo, { timeout: 10_000, interval: 50 });
}

const get = (at: TestGateway, target: string, ip = '192.0.2.1', token?: string): Promise<Response> =>
  fetch(`${at.url}${target}`, {
    headers: { 'x-forwarded-for': ip, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });

describe('several gateways and one store', () => {
  it.each(['/bucket', '/window', '/quota'])('let exactly the limit through together: %s', async (target) => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => get(gateways[index % 3]!, target)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
  });

  it('tell the client what is left of all of them', async () => {
    const [one, two] = gateways;
    const ip = '192.0.2.2';
    expect((await get(one!, '/both', ip)).headers.get('ratelimit')).toMatch(/^"sub";r=1;/u);
    expect((await get(two!, '/both', ip)).headers.get('ratelimit')).toMatch(/^"sub";r=0;/u);
    const refused = await get(one!, '/both', ip);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1700);
    expect(refused.headers.get('ratelimit-policy')).toBe('"ip";q=5;w=3600, "sub";q=2;w=3600');
  });

  it('count guesses at tokens against the address, and tell nothing more once it is refused', async () => {
    const [one, two] = gateways;
    const ip = '192.0.2.3';
    const tries = [one!, two!, one!, two!, one!, two!, two!];
    const statuses: number[] = [];
    for (const at of tries) statuses.push((await get(at, '/both', ip, 'bad')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it('ask once for each request, and not at all for one that was just refused', async () => {
    const [one] = gateways;
    const ip = '192.0.2.4';
    const statuses = [];
    for (let round = 0; round < 4; round++) statuses.push((await get(one!, '/lost', ip)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect(await metric(one!, 'sealgate_gateway_limit_store_unanswered_total')).toBe(0);
  });
});

describe('a store over TLS, with a password', () => {
  it('is used when certificate and password are right, and else the gateway counts by itself', async () => {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'.split(' '),
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    expect(made.status).toBe(0);
    writeFileSync(path.join(folder, 'password'), 'correct horse\n');
    writeFileSync(path.join(folder, 'wrong'), 'battery staple\n');
    const secure = await startRedis([
      `tls-cert-file ${cert}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${cert}`,
      'requirepass "correct horse"',
    ]);
    const url = `rediss://localhost:${secure.port}`;
    const start = (store: RawConfig) => startGateway(config({ url, timeout: '2s', ...store }));
    const [right, unknown, wrong] = await Promise.all([
      start({ ca: cert, password: `file:${path.join(folder, 'password')}` }),
      start({ password: `file:${path.join(folder, 'password')}` }),
      start({ ca: cert, password: `file:${path.join(folder, 'wrong')}` }),
    ]);
    try {
      await storeIs(right, 1);
      expect((await get(right, '/lost')).status).toBe(200);
      for (const at of [unknown, wrong]) {
        expect(await metric(at, 'sealgate_gateway_limit_store_up')).toBe(0);
        const statuses = [await get(at, '/lost'), await get(at, '/lost'), await get(at, '/lost')].map((a) => a.status);
        expect(statuses).toEqual([200, 200, 429]);
      }
    } finally {
      await Promise.all([right, unknown, wrong].map((at) => at.close()));
      await secure.close();
    }
  });
});

describe('a store that is lost', () => {
  it('costs no request: each gateway counts by itself, says so, and goes back when it can', async () => {
    const [one, two] = [gateways[0]!, gateways[1]!];
    await redis.kill();
    await Promise.all([storeIs(one, 0), storeIs(two, 0)]);
    for (const at of [one, two]) {
      const statuses = [];
      for (let round = 0; round < 3; round++) statuses.push((await get(at, '/lost', '192.0.2.9')).status);
      expect(statuses).toEqual([200, 200, 429]);
    }
    expect(await metric(one, 'sealgate_gateway_limit_store_unanswered_total')).toBeGreaterThanOrEqual(3);
    await redis.start();
    await Promise.all([storeIs(one, 1), storeIs(two, 1)]);
    const ip = '192.0.2.10';
    const statuses = [];
    for (const at of [one, two, one]) statuses.push((await get(at, '/lost', ip)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});
