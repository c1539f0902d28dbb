/** ATTACKS.md G1: what is matched is what is forwarded; a path that can be read in two ways is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayBefore, type TestGateway } from './fixture.ts';
import type { ReportingOrigin } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';

describe.each(ORIGINS)('$behind behind', ({ start }) => {
  let at: TestGateway<ReportingOrigin>;
  beforeAll(async () => {
    at = await startGatewayBefore(start);
  });
  afterAll(() => at.close());

  const get = async (target: string) => {
    const { responses } = await sendRaw(
      at.port,
      `GET ${target} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n`,
      { quietMs: PATIENCE_MS },
    );
    return { status: responses[0]?.status, seen: await at.origin.take() };
  };

  describe('G1: a path that could reach a protected place from an open one', () => {
    it.each([
      '/open/../admin',
      '/open/..%2fadmin',
      '/open/%2e%2e/admin',
      '/open/.%2e/admin',
      '/open/%252e%252e/admin',
      '/open/..;/admin',
      '/open/;/../admin',
      '/open;/../admin',
      '//admin',
      '/open//admin',
      '/open/\\admin',
      '/open/..\\admin',
      '/open/%5c..%5cadmin',
      '/open/%00/admin',
      '/open/a%00.png',
      '/open/a%0d%0aX-Y:1',
      '/open/a#/../../admin',
      '/open/a%23b',
      '/open/a%3fb',
      '/open/%c0%ae%c0%ae/admin',
      '/open/%ff',
      '/open/%u002e%u002e/admin',
      '/open/%2',
      '/open/./admin',
      '/open/.',
      '/open/..',
      'http://api.test/open/x',
      'http://other.test/open/x',
      '*',
      'open/x',
    ])('%s is refused and nothing reaches the origin', async (target) => {
      const { status, seen } = await get(target);
      expect([400, 401]).toContain(status);
      expect(status).toBe(400);
      expect(seen).toEqual([]);
    });

    it.each([
      ['/open/%61', '/open/a'],
      ['/open/a%20b?x=%2F..%2f', '/open/a%20b?x=%2F..%2f'],
      ['/open/%7euser/%40me', '/open/~user/@me'],
      ['/%6fpen/x', '/open/x'],
      ['/open/caf%c3%a9', '/open/caf%C3%A9'],
      ['/open/x?', '/open/x?'],
      ['/open/x?a=/../admin', '/open/x?a=/../admin'],
    ])('%s is forwarded as %s, which is what was matched', async (target, forwarded) => {
      const { status, seen } = await get(target);
      expect(status).toBe(200);
      expect(seen.map((request) => request.target)).toEqual([forwarded]);
    });

    it('a request line has one space where it has one (RFC 9112 section 3)', async () => {
      const { status, seen } = await get(' /open/a');
      expect(status).toBe(400);
      expect(seen).toEqual([]);
    });

    it.each(['/admin', '/admin/', '/%61dmin', '/admin?x'])('%s is protected in every spelling', async (target) => {
      const { status, seen } = await get(target);
      expect(status).toBe(401);
      expect(seen).toEqual([]);
    });

    it('white space and control characters in the request line never become a request', async () => {
      for (const line of [
        'GET /open/a b HTTP/1.1',
        'GET /open/a\tHTTP/1.1',
        'GET /open/\u0001 HTTP/1.1',
        'GET /open/\u00e9 HTTP/1.1',
      ]) {
        const { responses } = await sendRaw(at.port, `${line}\r\nHost: api.test\r\nConnection: close\r\n\r\n`, {
          quietMs: PATIENCE_MS,
        });
        expect([line, responses[0]?.status]).toEqual([line, 400]);
      }
      expect(await at.origin.take()).toEqual([]);
    });
  });
});
