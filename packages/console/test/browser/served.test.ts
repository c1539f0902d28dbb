/** The served form, over HTTP with the headers that the package exports: key sets are looked up when the user asks, and only then. */
import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debuggerSite } from '../../src/index.ts';
import { type Built, DebuggerPage, buildAndLaunch } from './debugger-page.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

let built: Built;
let server: Server;
let issuer: Server;
let page: string;
let issuerUrl: string;
let debug: DebuggerPage;
let keys: object[];

const listen = (target: Server) =>
  new Promise<string>((resolve) => {
    target.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(target.address() as AddressInfo).port}`));
  });

beforeAll(async () => {
  built = await buildAndLaunch();
  server = createServer((request, response) => {
    const name = (request.url ?? '').replace(/^\/debugger\//u, '') || 'index.html';
    const type = TYPES[path.extname(name)] ?? 'text/plain';
    response
      .writeHead(200, { ...debuggerSite.headers, 'content-type': type })
      .end(readFileSync(path.join(built.folder, name)));
  });
  issuer = createServer((request, response) => {
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: issuerUrl, jwks_uri: `${issuerUrl}/jwks` },
      '/jwks': { keys },
      '/.well-known/oauth-authorization-server/tenant': {
        issuer: `${issuerUrl}/tenant`,
        jwks_uri: `${issuerUrl}/jwks`,
      },
      '/not-a-set.json': { hello: 'world' },
    };
    const found = documents[request.url ?? ''];
    const cors: Record<string, string> = request.url === '/no-cors.json' ? {} : { 'access-control-allow-origin': '*' };
    response
      .writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json', ...cors })
      .end(JSON.stringify(found ?? {}));
  });
  page = `${await listen(server)}/debugger/`;
  issuerUrl = await listen(issuer);
  debug = await DebuggerPage.open(built.browser, page);
});

afterAll(async () => {
  await debug.close();
  await built.close();
  for (const each of [server, issuer]) {
    each.closeAllConnections();
    each.close();
  }
});

describe('the served form', () => {
  it('loads under its strict policy, and only its own files', () => {
    expect(debug.complaints).toEqual([]);
    expect(debug.requests.filter((url) => !url.startsWith(page) && !url.startsWith('data:'))).toEqual([]);
    expect(debuggerSite.headers['content-security-policy']).toMatch(
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/u,
    );
    expect(debuggerSite.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('fetches the keys of the issuer that the token names, when the button is pressed and not before', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    keys = [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }];
    const header = { alg: 'ES256', kid: 'k1', jku: `${issuerUrl}/evil`, x5u: `${issuerUrl}/evil` };
    const token = await new SignJWT({ iss: issuerUrl, sub: 'alice' }).setProtectedHeader(header).sign(privateKey);
    debug.requests.length = 0;
    await debug.paste(token);
    await debug.button('Look up a key set').click();
    const address = debug.page.getByRole('textbox', { name: 'Address of a key set or issuer' });
    expect(await address.inputValue()).toBe(issuerUrl);
    expect(debug.requests).toEqual([]);
    await debug.button('Look up').click();
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    expect(debug.requests).toEqual([`${issuerUrl}/.well-known/openid-configuration`, `${issuerUrl}/jwks`]);
    expect(debug.complaints).toEqual([]);
  });

  it('finds the keys of an issuer that has only the metadata of RFC 8414', async () => {
    await debug.page.getByRole('textbox', { name: 'Address of a key set or issuer' }).fill(`${issuerUrl}/tenant`);
    debug.requests.length = 0;
    await debug.button('Look up').click();
    await debug.page.getByText('1 key found and put into the key field.').waitFor();
    expect(debug.requests).toEqual([
      `${issuerUrl}/tenant/.well-known/openid-configuration`,
      `${issuerUrl}/.well-known/oauth-authorization-server/tenant`,
      `${issuerUrl}/jwks`,
    ]);
  });

  it.each([
    ['not an address', 'This is not an http or https address'],
    ['http://example.test/jwks', 'Plain http is allowed only to this machine'],
    ['/missing.json', 'The server answered with an error'],
    ['/no-cors.json', 'does not allow other pages to read it (CORS)'],
    ['/not-a-set.json', 'neither a key set nor a discovery document'],
  ])('says why %s gives no keys', async (address, why) => {
    const field = debug.page.getByRole('textbox', { name: 'Address of a key set or issuer' });
    await field.fill(address.startsWith('/') ? `${issuerUrl}${address}` : address);
    await debug.button('Look up').click();
    await debug.page.getByText(why).waitFor();
  });

  it('has no look-up at all as a single file', async () => {
    const file = await DebuggerPage.open(built.browser, built.fileUrl);
    expect(await file.button('Look up a key set').count()).toBe(0);
    const blocked = await file.page.evaluate(
      (url) =>
        fetch(url).then(
          () => 'allowed',
          () => 'blocked',
        ),
      `${issuerUrl}/jwks`,
    );
    expect(blocked).toBe('blocked');
    await file.close();
  });
});
