import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Secret } from '../config/secret.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** Texts that must never be seen in a log, in the shapes that secrets have. */
const CANARIES = {
  jwt: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canarysignature',
  refresh: 'sgr_canarycanarycanarycanarycanary',
  plain: 'canary horse battery staple',
};

function capture(use: (logger: Logger) => void, base: Record<string, unknown> = {}): string {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  use(createLogger({ stream, base }));
  return lines.join('');
}

describe('no log line holds a secret', () => {
  const { jwt, refresh, plain } = CANARIES;
  const cyclic: Record<string, unknown> = { password: plain };
  cyclic['self'] = cyclic;

  it.each<[string, (logger: Logger) => void]>([
    ['a token in the message', (log) => log.info(`got ${jwt}`)],
    ['a refresh token in the message', (log) => log.info(`got ${refresh} twice: ${refresh}`)],
    ['a format argument', (log) => log.info('got %s', jwt)],
    ['a token under any name', (log) => log.info({ value: jwt, list: [refresh] }, 'x')],
    ['a password by its name', (log) => log.info({ password: plain }, 'x')],
    ['an authorization code by its name', (log) => log.info({ code: plain, body: { user_code: plain } }, 'x')],
    [
      'names in another spelling',
      (log) => log.info({ clientSecret: plain, Client_Secret: plain, 'X-Api-Key': plain }, 'x'),
    ],
    ['nested members', (log) => log.info({ a: { b: [{ refresh_token: plain }] } }, 'x')],
    ['headers', (log) => log.info({ headers: { Authorization: `Basic ${plain}`, cookie: plain } }, 'x')],
    ['an Authorization value in a text', (log) => log.info('sent Authorization: Bearer canary.token')],
    [
      'a request',
      (log) => log.info({ req: { method: 'GET', url: `/cb?code=${plain}`, headers: { authorization: plain } } }, 'x'),
    ],
    ['an error message', (log) => log.error(new Error(`bad token ${jwt}`))],
    ['an error as a member', (log) => log.error({ err: new TypeError(refresh, { cause: new Error(jwt) }) }, 'x')],
    [
      'members of an error',
      (log) => log.error({ err: Object.assign(new Error('x'), { token: plain, request: plain }) }, 'x'),
    ],
    [
      'an error under another name',
      (log) => log.error({ reason: Object.assign(new Error(plain), { token: plain }) }, 'x'),
    ],
    ['bindings of a child', (log) => log.child({ password: plain, nested: { token: plain } }).info('x')],
    ['bindings of a grandchild', (log) => log.child({ a: 1 }).child({ secret: plain }).info('x')],
    ['bindings set later', (log) => log.setBindings({ secret: plain })],
    ['a Secret', (log) => log.info({ key: Secret.of(plain) }, 'x')],
    ['a buffer', (log) => log.info({ data: Buffer.from(plain) }, 'x')],
    ['a private JWK', (log) => log.info({ jwk: { kty: 'OKP', d: plain } }, 'x')],
    ['a PEM', (log) => log.info('key -----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----')],
    ['a URL with user info', (log) => log.info({ url: 'https://user:canary@db.test/x' }, 'x')],
    ['a cycle', (log) => log.info(cyclic, 'x')],
    ['a map', (log) => log.info({ m: new Map([['token', plain]]) }, 'x')],
  ])('%s', (_name, use) => {
    expect(capture(use)).not.toContain('canary');
  });

  it('neither in what stands on every line', () => {
    expect(capture((log) => log.info('x'), { token: plain })).not.toContain('canary');
  });
});

describe('a log line', () => {
  it('is one JSON object with level, ISO time, message and members', () => {
    const line: unknown = JSON.parse(
      capture((log) => log.info({ status: 200, path: '/orders' }, 'request'), { service: 'gateway' }),
    );
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      service: 'gateway',
      status: 200,
      path: '/orders',
      message: 'request',
    });
  });

  it('has the method and path of a request without its query, and the status of a response', () => {
    const text = capture((log) => log.info({ req: { method: 'GET', url: '/a?b=c' }, res: { statusCode: 204 } }, 'x'));
    expect(JSON.parse(text)).toMatchObject({ req: { method: 'GET', path: '/a' }, res: { status: 204 } });
  });

  it('has a stack for a programming fault, and none for an error with a code', () => {
    const coded = Object.assign(new Error('refused'), { code: 'token_expired' });
    expect(capture((log) => log.error({ err: new Error('fault') }, 'x'))).toContain('"stack"');
    expect(capture((log) => log.error({ err: coded }, 'x'))).not.toContain('"stack"');
  });

  it('cannot be split by a line break in a member', () => {
    expect(
      capture((log) => log.info({ path: '/a\n{"level":"error"}' }, 'x\ny'))
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });
});
