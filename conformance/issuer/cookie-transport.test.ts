/**
 * Tokens in cookies, in a real browser (DESIGN.md section 6; ATTACKS.md I4): login, calls through the gateway, refresh and logout work from pages
 * of the origin, with tokens that no script sees; and pages of other origins get nothing done, whatever they send.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type Gateway } from '@sealgate/gateway';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configFor } from '../gateway/fixture.ts';
import { startOrigin, type Origin } from '../gateway/origin.ts';
import { AUDIENCE, CREDENTIAL, startRealIssuer, type RealIssuer } from '../guard/real-issuer.ts';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP evil.test 127.0.0.1'];
const ACCESS = '__Host-sealgate-access';
const REFRESH = '__Host-sealgate-refresh';

let issuer: RealIssuer;
let origin: Origin;
let gateway: Gateway;
let elsewhere: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let site: string;

beforeAll(async () => {
  [issuer, origin] = await Promise.all([startRealIssuer(), startOrigin()]);
  const config = configFor(origin.url, issuer.url, {
    issuers: {
      main: {
        url: issuer.url,
        audience: [AUDIENCE],
        algorithms: ['ES256'],
        revocation: { feed: 'push', staleAfter: '30s', onStale: 'deny' },
      },
    },
    upstreams: { issuer: { urls: [issuer.url] } },
    routes: [
      { path: '/app/**', to: 'origin', auth: 'none' },
      { path: '/v1/**', to: 'issuer', auth: 'none' },
      { path: '/orders/**', to: 'origin', cookie: ACCESS },
    ],
  });
  const { id, secret } = CREDENTIAL;
  gateway = await createGateway({ config, credentials: { main: { id, secret } } });
  const { port } = new URL((await gateway.listen()).url);
  site = `http://localhost:${port}`;
  await gateway.ready;
  // Another origin: of the same site where it is called localhost, of another site where it is called evil.test.
  elsewhere = createServer((request, response) => {
    const [method, path] = [new URL(request.url ?? '', site).searchParams.get('method'), `${site}/orders/1`];
    response
      .setHeader('content-type', 'text/html')
      .end(
        `<form method="${method}" action="${path}"><input name="a" value="b"></form><script>document.forms[0].submit()</script>`,
      );
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
});
afterAll(async () => {
  await browser.close();
  elsewhere.close();
  await gateway.close();
  await Promise.all([issuer.destroy(), origin.close()]);
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(`${site}/app/`);
  origin.take();
});
afterEach(() => context.close());

/** What a script of the page does. */
const ask = (method: string, path: string, body?: object) =>
  page.evaluate(
    async ([method, path, body]) => {
      const init = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body };
      const response = await fetch(path, { method, ...init });
      return { status: response.status, text: await response.text() };
    },
    [method, path, body === undefined ? undefined : JSON.stringify(body)] as const,
  );
const login = () =>
  ask('POST', '/v1/login', {
    username: 'demo@example.com',
    password: 'correct horse battery staple',
    client_id: 'orders-web',
    transport: 'cookie',
  });
const refresh = () => ask('POST', '/v1/refresh', { client_id: 'orders-web', transport: 'cookie' });
const cookies = async () => new Map((await context.cookies()).map((each) => [each.name, each]));

describe('tokens in cookies', () => {
  it('are set for this host alone, out of the reach of scripts, and not in the answer', async () => {
    const { status, text } = await login();
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      token_type: 'Bearer',
      expires_in: 600,
      scope: expect.any(String),
      session: expect.any(String),
    });
    expect(await page.evaluate('document.cookie')).toBe('');
    const kept = await cookies();
    expect(kept.get(ACCESS)).toMatchObject({ httpOnly: true, secure: true, path: '/', sameSite: 'Lax' });
    expect(kept.get(REFRESH)).toMatchObject({ httpOnly: true, secure: true, path: '/', sameSite: 'Strict' });
  });

  it('open the API through the gateway, to reads and writes, and do not reach it', async () => {
    await login();
    for (const method of ['GET', 'POST', 'DELETE']) expect((await ask(method, '/orders/1')).status).toBe(200);
    const seen = origin.take();
    expect(seen).toHaveLength(3);
    expect(JSON.stringify(seen)).not.toContain('sealgate-');
  });

  it('are refreshed once, however many tabs ask', async () => {
    await login();
    const before = (await cookies()).get(REFRESH)?.value;
    const answers = await Promise.all([refresh(), refresh(), refresh()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const after = (await cookies()).get(REFRESH)?.value;
    expect(after).not.toBe(before);
    expect((await refresh()).status).toBe(200);
    expect((await ask('GET', '/orders/1')).status).toBe(200);
  });

  it('end with the logout, which removes them', async () => {
    await login();
    const { value = '' } = (await cookies()).get(ACCESS) ?? {};
    expect((await ask('POST', '/v1/logout', { transport: 'cookie' })).status).toBe(204);
    // That this device is known stays, and opens nothing.
    expect([...(await cookies()).keys()]).toEqual(['__Host-sealgate-device']);
    expect((await ask('GET', '/orders/1')).status).toBe(401);
    const stolen = await fetch(`${site.replace('localhost', '127.0.0.1')}/orders/1`, {
      headers: { cookie: `${ACCESS}=${value}` },
    });
    expect(stolen.status).toBe(401);
    expect((await ask('POST', '/v1/logout', { transport: 'cookie' })).status).toBe(204);
  });

  it('show a user their sessions, and end them', async () => {
    await login();
    const { text } = await ask('GET', '/v1/sessions');
    expect(JSON.parse(text)).toMatchObject({
      sessions: expect.arrayContaining([expect.objectContaining({ current: true })]),
    });
    expect((await ask('DELETE', '/v1/sessions')).status).toBe(204);
  });
});

describe('another origin’s page', () => {
  const port = () => (elsewhere.address() as AddressInfo).port;

  it.each([
    ['of another site: the browser keeps the cookies back', 'evil.test', 401, 'token_missing'],
    ['of the same site: the gateway refuses what the browser lets through', 'localhost', 403, 'cross_site_request'],
  ])('cannot write, %s', async (_name, host, status, code) => {
    await login();
    const answer = page.waitForResponse(`${site}/orders/1`);
    await page.goto(`http://${host}:${port()}/?method=post`);
    const response = await answer;
    expect(response.status()).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    expect(origin.take().filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('may link to what only reads', async () => {
    await login();
    const answer = page.waitForResponse((response) => response.url().startsWith(`${site}/orders/1`));
    await page.goto(`http://evil.test:${port()}/?method=get`);
    expect((await answer).status()).toBe(200);
  });

  it.each(['/v1/login', '/v1/refresh', '/v1/logout', '/v1/sessions'])('gets nothing of %s', async (path) => {
    await login();
    const { value = '' } = (await cookies()).get(REFRESH) ?? {};
    const { value: access = '' } = (await cookies()).get(ACCESS) ?? {};
    const user = { username: 'demo@example.com', password: 'correct horse battery staple' };
    const body = {
      ...(path === '/v1/login' ? user : {}),
      ...(path === '/v1/logout' ? {} : { client_id: 'orders-web' }),
    };
    for (const said of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
      { 'sec-fetch-site': 'same-site', origin: issuer.url },
      { origin: 'https://evil.test' },
      { origin: 'null' },
      {},
    ]) {
      const method = path === '/v1/sessions' ? 'DELETE' : 'POST';
      const headers = { cookie: `${REFRESH}=${value}; ${ACCESS}=${access}`, ...(said as Record<string, string>) };
      const sent = method === 'POST' ? { body: JSON.stringify({ ...body, transport: 'cookie' }) } : {};
      const type: Record<string, string> = method === 'POST' ? { 'content-type': 'application/json' } : {};
      const response = await fetch(issuer.url + path, { method, headers: { ...type, ...headers }, ...sent });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        403,
        'cross_site_request',
      ]);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  });
});
