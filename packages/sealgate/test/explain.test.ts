import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJwk, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW, run, testFolder } from './run-command.ts';

const folder = testFolder();
const key = generateKey('ES256', { kid: 'k1' });
const jwks = folder.write('jwks.json', JSON.stringify({ keys: [exportJwk(publicKey(key))] }));
const config = folder.write(
  'sealgate.yaml',
  `version: 1
gateway:
  listen: http://127.0.0.1:8080
  admin: http://127.0.0.1:8081
  issuers:
    main: { url: https://issuer.test, audience: [https://api.test], algorithms: [ES256] }
  upstreams:
    orders: { urls: [http://127.0.0.1:9] }
  routes:
    - { path: /health, to: orders, auth: none }
    - { path: /orders/**, to: orders, require: { scopes: [orders:write], roles: { any: [editor, admin] } } }
    - { path: /orders/**, methods: [GET], to: orders, require: { scopes: [orders:read], claims: { /tenant: acme } } }
    - { path: /orders/*/items, methods: [GET], to: orders, require: { scopes: [orders:read], claims: { /tenant: acme } }, when: 'claims.sub == "alice"' }
`,
);
const claims = {
  iss: 'https://issuer.test',
  sub: 'alice',
  aud: 'https://api.test',
  iat: NOW,
  exp: NOW + 600,
  jti: 'j1',
  client_id: 'web',
  scope: 'orders:read',
};
const tokenWith = (more: object) => signJwt({ ...claims, ...more }, { key, typ: 'at+jwt' });
const explain = (token: string, method: string, url: string, ...options: readonly string[]) =>
  run(['explain', '-', method, url, '-c', config, '--jwks', `main=${jwks}`, ...options], { stdin: token });

describe('explain by a configuration', () => {
  it('says rule by rule why a request is let through', async () => {
    const { exit, stdout, stderr } = await explain(tokenWith({ tenant: 'acme' }), 'GET', '/orders/1');
    expect(stderr).toBe('');
    expect(stdout).toContain('GET /orders/1  (route GET /orders/**, upstream orders)\nlet through');
    expect(stdout).toMatch(/ok +scopes +needs all of \[orders:read\]/u);
    expect(stdout).toContain('only a gateway that runs hears of revocations');
    expect(stdout).not.toContain('What would have to change');
    expect(exit).toBe(0);
  });

  it('says all that would have to change', async () => {
    const { exit, stdout } = await explain(tokenWith({}), 'POST', 'https://api.test/orders/1?x=1');
    expect(stdout).toContain('refused: 403 insufficient_scope');
    expect(stdout).toMatch(/FAIL +roles/u);
    expect(stdout).toContain('- the token needs the scope "orders:write"');
    expect(stdout).toContain('- the token needs a role of "editor", "admin"');
    expect(exit).toBe(1);
  });

  it('never shows the token', async () => {
    const token = tokenWith({});
    for (const options of [[], ['--json']]) {
      const { stdout } = await explain(token, 'POST', '/orders', ...options);
      expect(stdout).not.toContain(token.slice(60, 120));
      expect(stdout).not.toContain(token.split('.')[2]);
    }
  });

  it.each<[string, string, string, string]>([
    [tokenWith({ exp: NOW }), 'GET', '/orders/1', 'invalid_token'],
    [signJwt(claims, { key: generateKey('ES256', { kid: 'k1' }), typ: 'at+jwt' }), 'GET', '/orders', 'invalid_token'],
    [tokenWith({ sub: 'bob', tenant: 'acme' }), 'GET', '/orders/1/items', 'condition_unmet'],
    [tokenWith({}), 'GET', '/orders/..%2fadmin', 'path_ambiguous'],
    [tokenWith({}), 'GET', '/nowhere', 'not_found'],
  ])('%# names the refusal', async (token, method, url, code) => {
    const { exit, stdout } = await explain(token, method, url, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ allow: false, code });
    expect(exit).toBe(1);
  });

  it('takes no token for none', async () => {
    expect((await run(['explain', 'none', 'GET', '/health', '-c', config, '--jwks', `main=${jwks}`])).exit).toBe(0);
    const { stdout } = await run(['explain', 'none', 'GET', '/orders', '-c', config, '--jwks', `main=${jwks}`]);
    expect(stdout).toContain('- send a token');
  });

  it.each<[string, readonly string[], string]>([
    ['no request', ['explain', 'none'], 'TOKEN METHOD URL'],
    [
      'a configuration and a gateway',
      ['explain', 'none', 'GET', '/', '-c', config, '--gateway', 'http://127.0.0.1:1'],
      'not both',
    ],
    [
      'an issuer that is not configured',
      ['explain', 'none', 'GET', '/', '-c', config, '--jwks', `mian=${jwks}`],
      'did you mean "main"',
    ],
    ['keys of no issuer', ['explain', 'none', 'GET', '/', '-c', config, '--jwks', jwks], 'main=jwks.json'],
    ['a header without a value', ['explain', 'none', 'GET', '/', '-c', config, '--header', 'x'], '--header'],
    ['a method that is none', ['explain', 'none', 'G T', '/', '-c', config, '--jwks', `main=${jwks}`], 'method'],
    ['a gateway that is none', ['explain', 'none', 'GET', '/', '--gateway', 'nowhere'], '--gateway'],
    [
      'a gateway that does not answer',
      ['explain', 'none', 'GET', '/', '--gateway', 'http://127.0.0.1:1'],
      'no gateway answers',
    ],
    ['a decision without a gateway', ['explain', '--decision', 'abcdefgh'], '--gateway'],
    ['a token for nobody', ['explain', 'none', 'GET', '/', '-c', config, '--admin-token', 'env:X'], '--gateway'],
  ])('takes %s for misuse', async (_name, args, message) => {
    const { exit, stdout, stderr } = await run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('internal error');
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });
});

describe('explain by a gateway that runs', () => {
  let url = '';
  const asked: { authorization: string | undefined; body: string }[] = [];
  const answer = {
    method: 'GET',
    path: '/x',
    route: null,
    allow: false,
    status: 404,
    code: 'not_found',
    steps: [{ rule: 'route', passed: false, why: 'no route has this path' }],
    changes: ['add a route'],
    notReached: [],
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body });
      const isAdmitted = request.headers.authorization === 'Bearer admin-secret';
      response.statusCode = isAdmitted ? 200 : 401;
      response.end(
        isAdmitted
          ? JSON.stringify(
              request.url === '/explain'
                ? answer
                : {
                    code: 'invalid_token',
                    status: 401,
                    method: 'GET',
                    path: '/x',
                    trace: answer.steps,
                    changes: answer.changes,
                  },
            )
          : '{}',
      );
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('asks its admin port, with its token', async () => {
    const token = tokenWith({});
    const world = { stdin: token, variables: { ADMIN: 'admin-secret' } };
    const { exit, stdout } = await run(
      ['explain', '-', 'GET', '/x', '--gateway', url, '--admin-token', 'env:ADMIN'],
      world,
    );
    expect(stdout).toContain('refused: 404 not_found');
    expect(stdout).toContain('- add a route');
    expect(exit).toBe(1);
    expect(JSON.parse(asked.at(-1)?.body ?? '')).toEqual({ method: 'GET', url: '/x', headers: {}, token });
    const decision = await run(
      ['explain', '--decision', 'abcdefgh', '--gateway', url, '--admin-token', 'env:ADMIN'],
      world,
    );
    expect(decision).toMatchObject({ exit: 1, stdout: expect.stringContaining('Judged again now') });
  });

  it('says that a token is missing', async () => {
    const { exit, stderr } = await run(['explain', 'none', 'GET', '/x', '--gateway', url]);
    expect(stderr).toContain('--admin-token');
    expect(exit).toBe(2);
  });
});

describe('routes', () => {
  it('are shown in the order in which they win, with what they ask for', async () => {
    const { exit, stdout } = await run(['routes', '-c', config]);
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}/gu, '  ').trim());
    expect(lines.slice(1, 5)).toEqual([
      'any  /health  orders  nothing: open to everybody',
      'GET  /orders/*/items  orders  a token; scope orders:read; /tenant = "acme"; when claims.sub == "alice"',
      'GET  /orders/**  orders  a token; scope orders:read; /tenant = "acme"',
      'any  /orders/**  orders  a token; scope orders:write; role editor or admin',
    ]);
    expect(exit).toBe(0);
  });

  it('are given as JSON', async () => {
    const { stdout } = await run(['routes', '-c', config, '--json']);
    expect(JSON.parse(stdout)[2]).toMatchObject({
      methods: ['GET'],
      path: '/orders/**',
      requires: { scopes: { all: ['orders:read'], any: [] }, claims: { '/tenant': 'acme' } },
    });
  });

  it('show the headers that they are chosen by; a check warns where one asks for less', async () => {
    const text = readFileSync(config, 'utf8');
    const weaker = folder.write(
      'weaker.yaml',
      `${text}    - { path: /orders/**, headers: { x-beta: { present: true }, x-v: '2' }, to: orders, require: {} }\n`,
    );
    const { stdout } = await run(['routes', '-c', weaker]);
    expect(stdout).toMatch(/^any {2,}\/orders\/\*\* \[x-beta: \*\] \[x-v: 2\] {2,}orders {2,}a token$/mu);
    const checked = await run(['check', '-c', weaker]);
    expect(checked).toMatchObject({ exit: 0 });
    expect(checked.stdout).toMatch(
      /^warning: gateway\.routes\.4: .*"GET \/orders\/\*\*".*: scopes, claims\nwarning: .*"\* \/orders\/\*\*".*: scopes, roles\n.* is right\n$/u,
    );
    const json: unknown = JSON.parse((await run(['check', '-c', weaker, '--json'])).stdout);
    expect(json).toMatchObject({ valid: true, warnings: [{ path: ['gateway', 'routes', 4] }, {}] });
  });

  it('are not there without a configuration', async () => {
    expect(await run(['routes', '-c', folder.at('absent.yaml')])).toMatchObject({ exit: 1, stdout: '' });
  });
});
