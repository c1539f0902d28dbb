/**
 * ATTACKS.md G11 and G12 where it matters who is behind: bodies that are too large, or cut, or waited for, before nginx and Apache. None of them may take
 * half a body for a whole one, nor what comes next for a part of it.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayBefore, type TestGateway } from './fixture.ts';
import { seenValues, type ReportingOrigin, type SeenRequest } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';
import { ORIGINS } from './web-server-origins.ts';

const BODY = 'a'.repeat(1024);
const CHUNK = `400\r\n${BODY}\r\n`;
const chunked = (target: string, chunks: string, more = ''): string =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\n${more}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
const declared = (target: string, body: string, more = ''): string =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

describe.each(ORIGINS.filter(({ behind }) => behind !== 'Node'))('$behind behind', ({ start }) => {
  let at: TestGateway<ReportingOrigin>;
  beforeAll(async () => {
    at = await startGatewayBefore(start, {
      // One connection upstream: what a request leaves on it would reach the next.
      upstreams: { origin: { maxConnections: 1 } },
      limits: { requestTimeout: '1s' },
      defaults: { bodyLimit: '1kb' },
    });
  });
  afterAll(() => at.close());

  const statusOf = async (octets: string): Promise<number | undefined> => {
    const { responses } = await sendRaw(at.port, octets, { quietMs: PATIENCE_MS, expect: 1 });
    return responses[0]?.status;
  };
  const bodies = (seen: readonly SeenRequest[], target: string): string[] =>
    seen.filter((request) => request.target === target).map(({ body }) => body);

  it('G11: a body of exactly the limit arrives whole, declared or chunked', async () => {
    expect(await statusOf(declared('/open/declared', BODY))).toBe(200);
    expect(await statusOf(chunked('/open/chunked', `${CHUNK}0\r\n\r\n`))).toBe(200);
    const seen = await at.origin.take();
    expect([bodies(seen, '/open/declared'), bodies(seen, '/open/chunked')]).toEqual([[BODY], [BODY]]);
  });

  it.each<[string, string, number | undefined]>([
    ['too large: 413', chunked('/open/cut', `${CHUNK}${CHUNK}0\r\n\r\n`), 413],
    ['too slow: 408', chunked('/open/cut', '5\r\nhe'), 408],
  ])('G11: a body that is %s, and the next request is the next', async (_name, octets, status) => {
    expect(await statusOf(octets)).toBe(status);
    expect(await statusOf(declared('/open/next', 'whole'))).toBe(200);
    const seen = await at.origin.take();
    expect(bodies(seen, '/open/next')).toEqual(['whole']);
    for (const { body } of seen) expect(body.length).toBeLessThanOrEqual(BODY.length);
    expect(seen.filter(({ target }) => !['/open/cut', '/open/next'].includes(target))).toEqual([]);
  });

  it('G11: a client that leaves in the middle of its body, likewise', async () => {
    const socket = connect(at.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(chunked('/open/left', '5\r\nhello\r\n'), () => socket.destroy());
    await once(socket, 'close');
    expect(await statusOf(declared('/open/next', 'whole'))).toBe(200);
    const seen = await at.origin.take();
    expect(bodies(seen, '/open/next')).toEqual(['whole']);
    expect(seen.filter(({ target }) => !['/open/left', '/open/next'].includes(target))).toEqual([]);
  });

  it('G12: 100-continue is answered once, and the request arrives once', async () => {
    const { responses } = await sendRaw(at.port, declared('/open/continued', 'ok', 'Expect: 100-continue\r\n'), {
      quietMs: PATIENCE_MS,
      expect: 2,
    });
    expect(responses.map(({ status }) => status)).toEqual([100, 200]);
    expect(bodies(await at.origin.take(), '/open/continued')).toEqual(['ok']);
  });

  it('G12: an upgrade that is none of ours is an ordinary request', async () => {
    const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    expect(await statusOf(`GET /open/upgrade HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n`)).toBe(200);
    const seen = await at.origin.take();
    expect(seen.map(({ target }) => target)).toEqual(['/open/upgrade']);
    for (const field of ['upgrade', 'http2-settings', 'connection']) {
      for (const request of seen)
        expect(seenValues(request, field).join().toLowerCase()).not.toMatch(/upgrade|h2c|aam/u);
    }
  });
});
