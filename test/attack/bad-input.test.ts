/** `sealgate attack` asked wrongly, or where no answer can be judged: one line that says what is wrong and what to do, and exit code 2. */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runSealgate } from '../harness/server-process.ts';
import { startLeakyApi } from './leaky-api.ts';
import type { RunningLeakyApi } from './leaky-api.ts';
import { reportOf, runAttack } from './run-attack.ts';

let api: RunningLeakyApi;
beforeAll(async () => {
  api = await startLeakyApi([]);
  writeFileSync(api.file('opaque'), 'sgr_not-a-jwt');
  writeFileSync(api.file('empty'), '\n');
  writeFileSync(api.file('two'), `${api.token} ${api.token}`);
  writeFileSync(api.file('no-keys'), '{"keys":[]}');
  writeFileSync(api.file('other-key'), readFileSync(api.file('signing-key'), 'utf8').replace(/MIG.*/u, 'MIG'));
  writeFileSync(api.file('a-secret'), 'a secret of some length');
});
afterAll(() => api.close());

const quick = ['--only=T1', '--rate=1000'];

describe('asked wrongly', () => {
  const orders = () => `${api.address}/orders`;
  const token = () => `--token=${api.file('token')}`;
  it.each<[string, () => readonly string[], string]>([
    ['no address', () => [], "missing required argument 'url'"],
    ['no URL', () => ['orders', token()], 'the target takes an address such as http://'],
    ['another scheme', () => ['ftp://127.0.0.1/orders', token()], 'the target takes an address such as http://'],
    ['user name in the address', () => ['http://a:b@127.0.0.1/', token()], 'with user name or password'],
    ['a fragment', () => [`${orders()}#x`, token()], 'with a fragment'],
    ['somebody else’s machine', () => ['http://192.0.2.1/orders', token()], 'not of this machine'],
    ['a name that may be anybody’s', () => ['http://api.example/orders', token()], '--i-own-this-target'],
    ['keys of somebody else', () => [orders(), token(), '--public-key=http://192.0.2.1/jwks'], 'not of this machine'],
    [
      'log-out at somebody else’s',
      () => [orders(), token(), '--logout=http://192.0.2.1/'],
      '--logout http://192.0.2.1',
    ],
    ['an unknown id', () => [orders(), token(), '--only=T1,T99'], '--only: there is no attack "T99"'],
    ['nothing left', () => [orders(), token(), '--only=T1', '--skip=T1'], 'leave nothing to try'],
    ['no rate', () => [orders(), token(), '--rate=0'], '--rate takes requests a second, 1 to 1000'],
    ['a rate beyond the bound', () => [orders(), token(), '--rate=5000'], '--rate takes requests a second'],
    ['a path without a slash', () => [orders(), token(), '--open=healthz'], '--open takes a path of the target'],
    ['a path with a line break', () => [orders(), token(), '--optional=/a\r\nb'], '--optional takes a path'],
    [
      'no such token file',
      () => [orders(), '--token=/nowhere/token'],
      'the file that --token names: there is no such file',
    ],
    [
      'no such variable',
      () => [orders(), '--token=env:SEALGATE_NO_SUCH'],
      'the variable SEALGATE_NO_SUCH: it is not set',
    ],
    ['an empty file', () => [orders(), `--token=${api.file('empty')}`], '--token: there is no token in it'],
    ['two tokens', () => [orders(), `--token=${api.file('two')}`], '--token: it holds more than a token'],
    ['an opaque token', () => [orders(), `--token=${api.file('opaque')}`], '--token is no signed JWT'],
    ['no public key', () => [orders(), token(), `--public-key=${api.file('no-keys')}`], 'no public key in it'],
    ['no answer with keys', () => [orders(), token(), `--public-key=${api.address}/none`], 'answered 404'],
    [
      'a broken key',
      () => [orders(), token(), `--signing-key=${api.file('other-key')}`],
      'no private key as JWK or PEM',
    ],
    [
      'a key of another kind',
      () => [orders(), token(), `--signing-key=${api.file('a-secret')}`],
      'no key for the algorithm',
    ],
    ['a folder that is not there', () => [orders(), token(), '--sarif=/nowhere/x'], 'its folder cannot be written to'],
    ['an unknown option', () => [orders(), token(), '--jnuit=x'], 'unknown option'],
  ])('%s', async (_name, args, message) => {
    const { exit, stdout, stderr } = await runAttack([
      ...args(),
      ...(args().some((arg) => arg.startsWith('--only')) ? [] : ['--only=T1']),
    ]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain(api.token.split('.')[1]);
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it('takes the token from standard input when none is named, with the line break of echo', async () => {
    expect(await runAttack([orders(), ...quick], `${api.token}\n`)).toMatchObject({ exit: 0, stderr: '' });
  });

  it('says the same as a process', async () => {
    const { code, stderr } = await runSealgate(['attack', 'http://192.0.2.1/orders', token()]);
    expect([code, stderr.startsWith('sealgate: the target http://192.0.2.1 is not of this machine')]).toEqual([
      2,
      true,
    ]);
  });
});

describe('where no answer can be judged', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
  const serve = async (handler: RequestListener): Promise<string> => {
    const server = createServer(handler);
    servers.push(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  };
  const attack = (address: string, more: readonly string[] = quick) =>
    runAttack([address, `--token=${api.file('token')}`, ...more]);
  const hasToken = (authorization: string | undefined) => authorization === `Bearer ${api.token}`;

  it('an API that answers everybody alike', async () => {
    const address = await serve((_request, response) => response.end('{"orders":[]}'));
    expect(await attack(address)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('take a path that needs one'),
    });
  });

  it('an API that takes any text for a token', async () => {
    const address = await serve((request, response) => {
      response.statusCode = request.headers.authorization === undefined ? 401 : 200;
      response.end('{"orders":[]}');
    });
    expect(await attack(address)).toMatchObject({ exit: 2, stderr: expect.stringContaining('a garbage token gets') });
  });

  it.each([401, 403, 404, 500, 302])('an API that answers the valid token with %i', async (status) => {
    const address = await serve((_request, response) => response.writeHead(status).end());
    const { exit, stderr } = await attack(address);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(`answered with ${status}`)]);
  });

  it('nobody at the address', async () => {
    const address = await serve((_request, response) => response.end());
    for (const server of servers.splice(0)) await new Promise((resolve) => void server.close(resolve));
    expect(await attack(address)).toMatchObject({ exit: 2, stderr: expect.stringContaining('got no answer') });
  });

  it('a token that dies during the run: what came after is not called a virtue', async () => {
    let left = 12;
    const address = await serve((request, response) => {
      left -= 1;
      response.statusCode = hasToken(request.headers.authorization) && left > 0 ? 200 : 401;
      response.end(response.statusCode === 200 ? '{"orders":["tea"]}' : '');
    });
    const { exit, stdout, stderr } = await attack(address, ['--only=T1,T13', '--rate=1000', '--json']);
    expect(stderr).toContain('after T1 the valid token was no longer accepted');
    expect(exit).toBe(2);
    expect(stdout).toContain('"judged": false');
    expect(stdout).toContain('"reason": "the run was interrupted"');
  });

  it('but one that answers 200 to everything is judged by its bodies', async () => {
    const unsigned = (text = '') => /^Bearer [\w-]+\.[\w-]+\.$/u.test(text);
    const address = await serve((request, response) => {
      const { authorization } = request.headers;
      const admitted = hasToken(authorization) || unsigned(authorization);
      response.end(
        admitted
          ? JSON.stringify({ orders: ['tea', 'coffee'], at: Date.now() })
          : JSON.stringify({ error: 'please log in first', at: Date.now() }),
      );
    });
    const { found } = reportOf(await attack(address, ['--only=T1,T13', '--rate=1000', '--json']));
    expect(found).toEqual(['T1']);
  });
});

describe('the rate', () => {
  it('is bounded', async () => {
    const started = performance.now();
    const args = [`${api.address}/orders`, `--token=${api.file('token')}`, '--only=T1', '--rate=40', '--json'];
    const { requests } = reportOf(await runAttack(args));
    expect(requests).toBeGreaterThan(15);
    expect(performance.now() - started).toBeGreaterThan(((requests - 1) / 40) * 1000 * 0.95);
  });
});
