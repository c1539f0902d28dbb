/** ATTACKS.md G15: cross-origin access by an exact list; preflights need no token and say nothing else (WHATWG Fetch section 3.2). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayBefore, type TestGateway } from './fixture.ts';
import type { ReportingOrigin } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';

const APP = 'https://app.test';
describe.each(ORIGINS)('$behind behind', ({ start }) => {
  let at: TestGateway<ReportingOrigin>;
  beforeAll(async () => {
    at = await startGatewayBefore(start, {
      routes: [
        {
          path: '/shared/**',
          to: 'origin',
          methods: ['GET', 'POST'],
          cors: { origins: [APP], credentials: true, expose: ['x-total'] },
        },
        { path: '/public/**', to: 'origin', auth: 'none', cors: { origins: ['*'] } },
        { path: '/private/**', to: 'origin' },
      ],
    });
  });
  afterAll(() => at.close());

  const send = async (method: string, path: string, lines: readonly string[]) => {
    const head = [`${method} ${path} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...lines].join('\r\n');
    const { responses } = await sendRaw(at.port, `${head}\r\n\r\n`, { quietMs: PATIENCE_MS });
    return { ...responses[0]!, seen: (await at.origin.take()).length };
  };
  const preflight = (path: string, origin: string, method = 'POST') =>
    send('OPTIONS', path, [
      `Origin: ${origin}`,
      `Access-Control-Request-Method: ${method}`,
      'Access-Control-Request-Headers: authorization',
    ]);

  describe('G15: preflight', () => {
    it('is answered without a token, and does not reach the origin', async () => {
      const { status, headers, body, seen } = await preflight('/shared/x', APP);
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type',
      });
      expect(headers['vary']).toContain('origin');
      expect([body, seen]).toEqual(['', 0]);
    });

    it.each([
      ['another origin', '/shared/x', 'https://evil.test'],
      ['null', '/shared/x', 'null'],
      ['a subdomain', '/shared/x', 'https://x.app.test'],
      ['a suffix', '/shared/x', 'https://app.test.evil.test'],
      ['a prefix', '/shared/x', 'https://evilapp.test'],
      ['another scheme', '/shared/x', 'http://app.test'],
      ['another port', '/shared/x', 'https://app.test:8443'],
      ['another case', '/shared/x', 'https://APP.test'],
      ['a route without CORS', '/private/x', APP],
      ['a path that is not there', '/nowhere', APP],
    ])('%s is a request like any other', async (_name, path, origin) => {
      const { status, headers, seen } = await preflight(path, origin);
      expect([status, seen]).toEqual([401, 0]);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    });
  });

  describe('G15: actual requests', () => {
    it('a listed origin may read the answer; the upstream’s own say does not count', async () => {
      const { status, headers } = await send('GET', '/shared/x', [
        `Origin: ${APP}`,
        `Authorization: Bearer ${at.issuer.token()}`,
      ]);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'access-control-allow-origin': APP, 'access-control-allow-credentials': 'true' });
      expect(headers['access-control-expose-headers']).toBe('x-request-id, x-total');
    });

    it('may read a refusal too, or its scripts could not tell why', async () => {
      const { status, headers } = await send('GET', '/shared/x', [`Origin: ${APP}`]);
      expect([status, headers['access-control-allow-origin']]).toEqual([401, APP]);
    });

    it.each(['https://evil.test', 'null'])('%s may not', async (origin) => {
      const { headers } = await send('GET', '/shared/x', [
        `Origin: ${origin}`,
        `Authorization: Bearer ${at.issuer.token()}`,
      ]);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(headers['vary']).toContain('origin');
    });

    it('"*" is open to all, without credentials', async () => {
      const { headers } = await send('GET', '/public/x', ['Origin: https://any.test']);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    });
  });
});
