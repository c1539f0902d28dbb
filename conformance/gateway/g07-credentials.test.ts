/** ATTACKS.md G7, G8, G9: exactly one token, optional means absent, and no key means no. */
import { generateKey } from '@sealgate/jwt';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startGatewayBefore, type TestGateway } from './fixture.ts';
import type { ReportingOrigin } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';
import { createGateway } from '@sealgate/gateway';
import type { AddressInfo } from 'node:net';

describe.each(ORIGINS)('$behind behind', ({ start }) => {
  let at: TestGateway<ReportingOrigin>;
  let token: string;
  beforeAll(async () => {
    at = await startGatewayBefore(start);
    token = at.issuer.token();
  });
  afterAll(() => at.close());

  const send = async (path: string, lines: readonly string[]) => {
    const head = [`GET ${path} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...lines].join('\r\n');
    const { responses } = await sendRaw(at.port, `${head}\r\n\r\n`, { quietMs: PATIENCE_MS });
    const [response] = responses;
    return {
      status: response?.status,
      challenge: response?.headers['www-authenticate'],
      seen: (await at.origin.take()).length,
    };
  };

  describe('G7: one token in one place', () => {
    it.each([
      ['two headers', () => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`], 400],
      [
        'two headers, one of another scheme',
        () => [`Authorization: Bearer ${token}`, 'authorization: Basic eA=='],
        400,
      ],
      ['two tokens in one header', () => [`Authorization: Bearer ${token}, Bearer ${token}`], 400],
      ['Bearer twice', () => [`Authorization: Bearer Bearer ${token}`], 400],
      ['two spaces', () => [`Authorization: Bearer  ${token}`], 400],
      ['a tab', () => [`Authorization: Bearer\t${token}`], 400],
      ['no token', () => ['Authorization: Bearer'], 400],
      ['another scheme', () => ['Authorization: Basic eDp5'], 401],
      ['a folded header', () => ['Authorization: Bearer', ` ${token}`], 400],
      ['the scheme in lower case', () => [`authorization: bearer ${token}`], 200],
      ['the scheme in capitals', () => [`AUTHORIZATION: BEARER ${token}`], 200],
    ])('%s', async (_name, lines, expected) => {
      const { status, seen } = await send('/orders/1', lines());
      expect(status).toBe(expected);
      expect(seen).toBe(expected === 200 ? 1 : 0);
    });

    it('a token in the query is no token (RFC 9700 section 4.3.2)', async () => {
      expect(await send(`/orders/1?access_token=${token}`, [])).toMatchObject({ status: 401, seen: 0 });
    });
  });

  describe('G8: optional authentication', () => {
    it.each([
      ['none passes', () => [], 200],
      ['a good one passes', () => [`Authorization: Bearer ${token}`], 200],
      ['a bad one does not', () => [`Authorization: Bearer ${token.slice(0, -4)}AAAA`], 401],
      ['another scheme does not', () => ['Authorization: Basic eDp5'], 401],
      ['half a header does not', () => ['Authorization: Bearer'], 400],
      ['an empty header does not', () => ['Authorization:'], 401],
    ])('%s', async (_name, lines, expected) => {
      const { status, seen } = await send('/maybe/x', lines());
      expect([status, seen]).toEqual([expected, expected === 200 ? 1 : 0]);
    });
  });

  describe('G9: keys', () => {
    it('a key that the issuer does not have signs nothing here', async () => {
      const foreign = at.issuer.token({}, generateKey('ES256', { kid: 'test-key' }));
      expect(await send('/orders/1', [`Authorization: Bearer ${foreign}`])).toMatchObject({ status: 401, seen: 0 });
      const unknown = at.issuer.token({}, generateKey('ES256', { kid: 'unknown' }));
      expect(await send('/orders/1', [`Authorization: Bearer ${unknown}`])).toMatchObject({ status: 401, seen: 0 });
    });

    it('an issuer that cannot be reached closes the door: 503, and never forwarded', async () => {
      const hole = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => {
        hole.listen(0, '127.0.0.1', resolve);
      });
      const issuerUrl = `http://127.0.0.1:${(hole.address() as AddressInfo).port}`;
      const gateway = await createGateway({ config: configFor(at.origin.url, issuerUrl) });
      const { url } = await gateway.listen();
      const good = at.issuer.token({ iss: issuerUrl });
      const response = await fetch(`${url}/orders/1`, { headers: { authorization: `Bearer ${good}` } });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).not.toBeNull();
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect((await fetch(`${url}/open/x`)).status).toBe(200);
      expect(await at.origin.take()).toHaveLength(1);
      await gateway.close();
      hole.close();
    });
  });
});
