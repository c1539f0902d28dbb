/** docs/tls.md and docs/http2.md: each file is loaded and served as it stands, but for ports and the addresses of others; each command gives what the page says. */
import { configTestsSchema, createGateway, gatewayConfigSchema, runConfigTests, type Gateway } from '@sealgate/gateway';
import { loadConfigFile } from '@sealgate/service';
import { execFile, execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startIssuer, type TestIssuer } from './fixture.ts';
import { startOrigin, type Origin } from './origin.ts';

const FILE = z.strictObject({
  version: z.literal(1),
  gateway: gatewayConfigSchema,
  tests: configTestsSchema.default([]),
});

interface Setup {
  readonly name: string;
  readonly yaml: string;
  readonly commands: readonly { readonly command: string; readonly expected: string }[];
}

const pageOf = (name: string): string => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
const PAGES = `${pageOf('tls')}\n${pageOf('http2')}`;
const blocks = (language: string): string[] =>
  [...PAGES.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gmsu'))].map(([, text = '']) => text);
const SETUPS: readonly Setup[] = blocks('yaml').map((yaml) => {
  const name = /^# sealgate\.yaml: (.+)\n/u.exec(yaml)?.[1] ?? '';
  const shown = blocks('sh').filter((text) => text.startsWith(`# against: ${name}\n`));
  const commands = shown
    .flatMap((text) => text.trim().split('\n').slice(1))
    .map((line) => {
      const [command = '', expected = ''] = line.split(/ +# /u);
      return { command, expected };
    });
  return { name, yaml, commands };
});

let folder: string;
let issuer: TestIssuer;
let origin: Origin;
let secureOrigin: Server;
let modernOrigin: Http2SecureServer;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-documented-'));
  const making = blocks('sh').find((text) => text.includes('openssl')) ?? '';
  execFileSync('sh', ['-ec', making], { cwd: folder, stdio: 'pipe' });
  writeFileSync(path.join(folder, 'call.bin'), Buffer.from('0000000000', 'hex'));
  [issuer, origin] = await Promise.all([startIssuer(), startOrigin()]);
  const read = (name: string): Buffer => readFileSync(path.join(folder, 'tls', name));
  const tls = { cert: read('orders.pem'), key: read('orders.key'), ca: read('ca.pem') };
  // It takes nobody but the gateway.
  secureOrigin = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (req, res) => {
    const { CN } = (req.socket as TLSSocket).getPeerCertificate().subject;
    res.writeHead(CN === 'gateway' ? 200 : 403).end();
  });
  modernOrigin = createSecureServer(tls);
  modernOrigin.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined).resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end();
  });
  for (const server of [secureOrigin, modernOrigin]) {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  }
});
afterAll(async () => {
  secureOrigin.close();
  secureOrigin.closeAllConnections();
  modernOrigin.close();
  await Promise.all([issuer.close(), origin.close()]);
  rmSync(folder, { recursive: true });
});

async function serve({ name, yaml }: Setup): Promise<{ gateway: Gateway; port: number }> {
  const behind = yaml.includes('protocol: h2') ? modernOrigin : secureOrigin;
  const text = yaml
    .replaceAll(/0\.0\.0\.0:8443|127\.0\.0\.1:8080|127\.0\.0\.1:8081/gu, '127.0.0.1:0')
    .replaceAll('https://id.acme.test', issuer.url)
    .replaceAll('http://127.0.0.1:9000', origin.url)
    .replaceAll('orders.internal:9443', `orders.internal:${(behind.address() as AddressInfo).port}`);
  const file = path.join(folder, `${name.replaceAll(' ', '-')}.yaml`);
  writeFileSync(file, text);
  const { gateway: config, tests } = loadConfigFile(file, FILE);
  for (const { test, differences } of await runConfigTests(config, tests))
    expect(differences, test.request).toEqual([]);
  const gateway = await createGateway({
    config: { ...config, accessLog: { to: 'off', format: 'json' } },
    resolve: () => Promise.resolve(['127.0.0.1']),
  });
  const { url } = await gateway.listen();
  await gateway.ready;
  return { gateway, port: Number(new URL(url).port) };
}

/** `200, HTTP/2` or `no connection`. */
function run(command: string, port: number): Promise<string> {
  const usual = `curl -s -o /dev/null --max-time 20 -w '%{http_code}, HTTP/%{http_version}' --connect-to ::127.0.0.1:${port}`;
  const audience = { aud: 'https://api.acme.test' };
  const { raw } = new X509Certificate(readFileSync(path.join(folder, 'tls/worker.pem')));
  const cnf = { 'x5t#S256': createHash('sha256').update(raw).digest('base64url') };
  const env = {
    PATH: process.env['PATH'],
    TOKEN: issuer.token(audience),
    BOUND_TOKEN: issuer.token({ ...audience, cnf }),
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command.replace(/^curl/u, usual)], { cwd: folder, env }, (error, stdout) =>
      resolve(error === null ? stdout : 'no connection'),
    );
  });
}

it('there is something to try', () => {
  expect(SETUPS.map(({ name, commands }) => [name, commands.length > 0])).toEqual([
    ['TLS', true],
    ['mutual TLS', true],
    ['TLS upstream', true],
    ['clear text', true],
    ['gRPC', true],
  ]);
});

describe.each(SETUPS)('the set-up "$name"', (setup) => {
  let gateway: Gateway;
  let port: number;
  beforeAll(async () => {
    ({ gateway, port } = await serve(setup));
  });
  afterAll(() => gateway.close());

  it.each(setup.commands)('$command: $expected', async ({ command, expected }) => {
    expect(await run(command, port)).toBe(expected);
  });
});
