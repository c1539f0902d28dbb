/** ATTACKS.md G4: where a request came from is what the gateway saw, unless a trusted proxy says otherwise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayBefore, type TestGateway } from './fixture.ts';
import { seenValues, type ReportingOrigin } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';

const FORGED = [
  'X-Forwarded-For: 203.0.113.9',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.test',
  'X-Forwarded-Port: 443',
  'X-Forwarded-Prefix: /x',
  'Forwarded: for=203.0.113.9;proto=https;host=evil.test',
  'X-Real-IP: 203.0.113.9',
  'True-Client-IP: 203.0.113.9',
  'CF-Connecting-IP: 203.0.113.9',
  'X_Forwarded_For: 203.0.113.9',
  'X-Original-URL: /admin',
  'X-Rewrite-URL: /admin',
  'X-HTTP-Method-Override: DELETE',
];

const send = async (at: TestGateway<ReportingOrigin>, lines: readonly string[]) => {
  const head = ['GET /open/x HTTP/1.1', 'Host: api.test:81', 'Connection: close', ...lines].join('\r\n');
  const { responses } = await sendRaw(at.port, `${head}\r\n\r\n`, { quietMs: PATIENCE_MS });
  expect(responses[0]?.status).toBe(200);
  return (await at.origin.take())[0]!;
};

describe.each(ORIGINS)('$behind behind', ({ start }) => {
  describe('G4: from a peer that is not trusted', () => {
    let at: TestGateway<ReportingOrigin>;
    beforeAll(async () => {
      at = await startGatewayBefore(start);
    });
    afterAll(() => at.close());

    it('nothing of it is believed or passed on', async () => {
      const seen = await send(at, FORGED);
      expect(seenValues(seen, 'x-forwarded-for')).toEqual(['127.0.0.1']);
      expect(seenValues(seen, 'x-forwarded-proto')).toEqual(['http']);
      expect(seenValues(seen, 'x-forwarded-host')).toEqual(['api.test:81']);
      expect(JSON.stringify(seen.rawHeaders)).not.toMatch(/203\.0\.113|evil|admin|DELETE/u);
      expect(seenValues(seen, 'host')).toEqual([new URL(at.origin.url).host]);
    });
  });

  describe('G4: from a trusted proxy', () => {
    let at: TestGateway<ReportingOrigin>;
    beforeAll(async () => {
      at = await startGatewayBefore(start, { trustProxies: ['127.0.0.0/8', '10.0.0.0/8'] });
    });
    afterAll(() => at.close());

    it.each([
      ['one hop', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
      ['a trusted chain', '203.0.113.9, 10.1.1.1', '203.0.113.9, 10.1.1.1, 127.0.0.1'],
      ['a forged start of the chain', '1.1.1.1, 203.0.113.9, 10.1.1.1', '203.0.113.9, 10.1.1.1, 127.0.0.1'],
      ['what is no address', 'evil, 203.0.113.9', '203.0.113.9, 127.0.0.1'],
      ['nothing', '', '127.0.0.1'],
      ['an IPv6 client with a port', '[2001:db8::1]:443', '2001:db8::1, 127.0.0.1'],
    ])('%s', async (_name, chain, expected) => {
      const seen = await send(at, [
        `X-Forwarded-For: ${chain}`,
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: www.test',
      ]);
      expect(seenValues(seen, 'x-forwarded-for')).toEqual([expected]);
      expect(seenValues(seen, 'x-forwarded-proto')).toEqual(['https']);
      expect(seenValues(seen, 'x-forwarded-host')).toEqual(['www.test']);
    });

    it('two values, or one that is no host, are not taken', async () => {
      const seen = await send(at, ['X-Forwarded-Proto: https', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: a b']);
      expect(seenValues(seen, 'x-forwarded-proto')).toEqual(['http']);
      expect(seenValues(seen, 'x-forwarded-host')).toEqual(['api.test:81']);
    });
  });
});
