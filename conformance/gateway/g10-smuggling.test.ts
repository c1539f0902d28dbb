/**
 * ATTACKS.md G10: whatever the octets, either they are refused, or the origin sees exactly the requests the gateway decided about
 * (RFC 9112 sections 2.2, 5.1, 6.1, 6.3, 7.1).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayBefore, type TestGateway } from './fixture.ts';
import type { ReportingOrigin } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';

const SMUGGLED = 'GET /admin/secret HTTP/1.1\r\nHost: api.test\r\n\r\n';
const post = (lines: readonly string[], body: string): string =>
  `${['POST /open/x HTTP/1.1', 'Host: api.test', ...lines].join('\r\n')}\r\n\r\n${body}`;

describe.each(ORIGINS)('$behind behind', ({ start }) => {
  let at: TestGateway<ReportingOrigin>;
  beforeAll(async () => {
    at = await startGatewayBefore(start);
  });
  afterAll(() => at.close());

  describe('G10: refused, and nothing of it reaches the origin', () => {
    it.each([
      ['CL and TE', post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['TE and CL', post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${SMUGGLED}`)],
      ['two different lengths', post(['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`], SMUGGLED)],
      ['two equal lengths', post(['Content-Length: 5', 'Content-Length: 5'], 'hello')],
      ['a list of lengths', post(['Content-Length: 5, 5'], 'hello')],
      ['a signed length', post(['Content-Length: +5'], 'hello')],
      ['a hexadecimal length', post(['Content-Length: 0x5'], 'hello')],
      ['a length with a space', post(['Content-Length: 5 5'], 'hello')],
      ['an enormous length', post(['Content-Length: 99999999999999999999'], 'hello')],
      ['xchunked', post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['chunked twice', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['chunked, identity', post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${SMUGGLED}`)],
      ['identity, chunked', post(['Transfer-Encoding: identity, chunked'], '0\r\n\r\n')],
      ['gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')],
      ['TE with a vertical tab', post(['Transfer-Encoding: \u000bchunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['a space before the colon', post(['Transfer-Encoding : chunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['a folded TE', post(['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${SMUGGLED}`)],
      ['obs-fold', post(['X-Fold: a', ' b', 'Content-Length: 0'], '')],
      ['a bare LF after a header', `POST /open/x HTTP/1.1\r\nHost: api.test\nContent-Length: 0\r\n\r\n`],
      ['a bare LF after the request line', 'GET /open/x HTTP/1.1\nHost: api.test\r\n\r\n'],
      ['a bare CR in a value', 'GET /open/x HTTP/1.1\r\nHost: api.test\r\nX-A: b\rX-User-Id: root\r\n\r\n'],
      ['NUL in a value', 'GET /open/x HTTP/1.1\r\nHost: api.test\r\nX-A: b\u0000c\r\n\r\n'],
      ['a chunk size with a sign', post(['Transfer-Encoding: chunked'], '+5\r\nhello\r\n0\r\n\r\n')],
      ['a chunk size with 0x', post(['Transfer-Encoding: chunked'], '0x5\r\nhello\r\n0\r\n\r\n')],
      ['a chunk size with a space', post(['Transfer-Encoding: chunked'], '5 \r\nhello\r\n0\r\n\r\n')],
      ['a bare LF after a chunk size', post(['Transfer-Encoding: chunked'], '5\nhello\r\n0\r\n\r\n')],
      ['a bare LF after a chunk', post(['Transfer-Encoding: chunked'], '5\r\nhello\n0\r\n\r\n')],
      ['an overlong chunk', post(['Transfer-Encoding: chunked'], '3\r\nhello\r\n0\r\n\r\n')],
      ['an overflowing chunk size', post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n')],
      ['no chunk size', post(['Transfer-Encoding: chunked'], '\r\nhello\r\n0\r\n\r\n')],
      ['two hosts', 'GET /open/x HTTP/1.1\r\nHost: api.test\r\nHost: evil.test\r\n\r\n'],
      ['no host', 'GET /open/x HTTP/1.1\r\n\r\n'],
      ['an empty host', 'GET /open/x HTTP/1.1\r\nHost:\r\n\r\n'],
      ['a host with a path', 'GET /open/x HTTP/1.1\r\nHost: api.test/admin\r\n\r\n'],
      ['a host with user info', 'GET /open/x HTTP/1.1\r\nHost: a@api.test\r\n\r\n'],
      ['HTTP/0.9', 'GET /open/x\r\n\r\n'],
      ['HTTP/2.0 in text', 'GET /open/x HTTP/2.0\r\nHost: api.test\r\n\r\n'],
      ['HTTP/1.2', 'GET /open/x HTTP/1.2\r\nHost: api.test\r\n\r\n'],
      ['a method with a space', 'GE T /open/x HTTP/1.1\r\nHost: api.test\r\n\r\n'],
      ['a method in lower case', 'get /open/x HTTP/1.1\r\nHost: api.test\r\n\r\n'],
      ['an invented method', 'FROB /open/x HTTP/1.1\r\nHost: api.test\r\n\r\n'],
      ['CONNECT', 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n'],
      ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ])('%s', async (_name, octets) => {
      const { responses, closed } = await sendRaw(at.port, octets, { firstMs: PATIENCE_MS, quietMs: 150 });
      expect((await at.origin.take()).filter(({ target }) => target !== '/open/x')).toEqual([]);
      for (const { status } of responses) expect(status).toBeGreaterThanOrEqual(400);
      expect(responses.length === 0 ? closed : true).toBe(true);
      expect(responses.length).toBeLessThanOrEqual(1);
      expect(await at.origin.take()).toEqual([]);
    });
  });

  describe('G10: what passes is the same request at the origin', () => {
    it('chunked, with extensions, is one request with one body', async () => {
      const octets = post(
        ['Transfer-Encoding: chunked', 'Connection: close'],
        `5;name=value\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n`,
      );
      const { responses } = await sendRaw(at.port, octets, { quietMs: PATIENCE_MS });
      const seen = await at.origin.take();
      expect(responses.map(({ status }) => status)).toEqual([200]);
      expect(seen.map(({ method, target, body }) => ({ method, target, body }))).toEqual([
        { method: 'POST', target: '/open/x', body: 'hello' },
      ]);
      expect(JSON.stringify(seen[0]?.rawHeaders)).not.toContain('Trailer');
    });

    it('a body that looks like a request stays a body', async () => {
      const octets = post([`Content-Length: ${SMUGGLED.length}`, 'Connection: close'], SMUGGLED);
      await sendRaw(at.port, octets, { quietMs: PATIENCE_MS });
      expect((await at.origin.take()).map(({ target, body }) => ({ target, body }))).toEqual([
        { target: '/open/x', body: SMUGGLED },
      ]);
    });

    it('a GET with a body reaches the origin as a GET with that body', async () => {
      const octets = `GET /open/x HTTP/1.1\r\nHost: api.test\r\nContent-Length: ${SMUGGLED.length}\r\nConnection: close\r\n\r\n${SMUGGLED}`;
      await sendRaw(at.port, octets, { quietMs: PATIENCE_MS });
      expect((await at.origin.take()).map(({ method, target, body }) => ({ method, target, body }))).toEqual([
        { method: 'GET', target: '/open/x', body: SMUGGLED },
      ]);
    });

    it('two pipelined requests are two, decided one by one', async () => {
      const first = 'GET /open/1 HTTP/1.1\r\nHost: api.test\r\n\r\n';
      const second = 'GET /admin/2 HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n';
      const { responses } = await sendRaw(at.port, first + second, { quietMs: PATIENCE_MS });
      expect(responses.map(({ status }) => status)).toEqual([200, 401]);
      expect((await at.origin.take()).map(({ target }) => target)).toEqual(['/open/1']);
    });

    it('HTTP/1.0 without a host is answered and its connection closed', async () => {
      const { responses, closed } = await sendRaw(at.port, 'GET /open/x HTTP/1.0\r\n\r\n', { quietMs: PATIENCE_MS });
      expect([responses[0]?.status, closed]).toEqual([200, true]);
      expect(await at.origin.take()).toHaveLength(1);
    });
  });
});
