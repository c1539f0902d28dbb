/**
 * TLS on both sides, seen with curl and OpenSSL: SNI, files that change (RFC 6066 section 3), old versions refused (RFC 9325 section 3.1), mutual
 * TLS, tokens bound to certificates (RFC 8705 section 3), `Client-Cert` (RFC 9440), and instances that are always verified (ATTACKS.md G13).
 */
import { createHash, X509Certificate } from 'node:crypto';
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsOrigin, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../test/harness/free-ports.ts';
import { createAuthority, type Authority, type CertificateFiles } from './certificates.ts';
import { configFor, startGateway, type TestGateway } from './fixture.ts';
import { seenValues } from './origin.ts';

let authority: Authority;
let stranger: Authority;
let api: CertificateFiles;
let wild: CertificateFiles;
let client: CertificateFiles;
let foreign: CertificateFiles;
beforeAll(() => {
  authority = createAuthority();
  stranger = createAuthority();
  api = authority.issue('api', ['DNS:api.test', 'IP:127.0.0.1']);
  wild = authority.issue('wild', ['DNS:*.shops.test']);
  client = authority.issue('client', []);
  foreign = stranger.issue('client', []);
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

interface Answer {
  readonly status: number;
  readonly version: string;
  readonly body: string;
  /** curl's exit status: 0, or why there is no answer. */
  readonly failure: number;
}

function curl(port: number, ...args: string[]): Promise<Answer> {
  const usual = ['-sS', '--max-time', '10', '--cacert', authority.ca, '-w', '\n%{http_code} %{http_version}'];
  const to = ['--connect-to', `::127.0.0.1:${port}`];
  return new Promise((resolve) => {
    execFile('curl', [...usual, ...to, ...args], (error, stdout) => {
      const lines = stdout.split('\n');
      const [status = '', version = ''] = (lines.pop() ?? '').split(' ');
      const failure = typeof error?.code === 'number' ? error.code : 0;
      resolve({ status: Number(status), version, body: lines.join('\n'), failure });
    });
  });
}

/** The certificate that a client is shown who asks for that name; without one, for none. */
function shown(port: number, servername?: string): Promise<string> {
  const named = servername === undefined ? { checkServerIdentity: () => undefined } : { servername };
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', ...named, ca: readFileSync(authority.ca) }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const fingerprint = (file: string): string => new X509Certificate(readFileSync(file)).fingerprint256;
const thumbprint = (file: string): string =>
  createHash('sha256')
    .update(new X509Certificate(readFileSync(file)).raw)
    .digest('base64url');

describe('TLS on the public port', () => {
  let at: TestGateway;
  let live: CertificateFiles;
  beforeAll(async () => {
    live = { certificate: `${authority.folder}/live.pem`, key: `${authority.folder}/live.key` };
    copyFileSync(api.certificate, live.certificate);
    copyFileSync(api.key, live.key);
    at = await startGateway({ listen: 'https://127.0.0.1:0', tls: { certificates: [live, wild] } });
  });
  afterAll(() => at.close());

  it.each([
    ['--http1.1', '1.1'],
    ['--http2', '2'],
  ])('curl %s: the same answer, and the upstream learns that it was https', async (flag, version) => {
    const answer = await curl(
      at.port,
      flag,
      '-H',
      `authorization: Bearer ${at.issuer.token()}`,
      'https://api.test/orders/1',
    );
    expect([answer.failure, answer.status, answer.version]).toEqual([0, 200, version]);
    const [seen] = at.origin.take();
    expect(seenValues(seen!, 'x-forwarded-proto')).toEqual(['https']);
    expect(seenValues(seen!, 'x-forwarded-host')).toEqual(['api.test']);
    expect(seenValues(seen!, 'x-user-id')).toEqual(['alice']);
    expect((await curl(at.port, flag, 'https://api.test/orders/1')).status).toBe(401);
  });

  it('shows the certificate for the name asked for, the first for any other', async () => {
    expect(await shown(at.port, 'eu.shops.test')).toBe(fingerprint(wild.certificate));
    expect(await shown(at.port, 'api.test')).toBe(fingerprint(live.certificate));
    await expect(shown(at.port, 'unknown.test')).rejects.toThrow(/altnames/u);
  });

  it.each([
    ['--tls-max', '1.1'],
    ['--tls-max', '1.0'],
    ['--tls-max', '1.2', '--ciphers', 'AES128-GCM-SHA256'],
  ])('refuses %s %s %s %s', async (...args) => {
    const answer = await curl(at.port, ...args.filter((arg) => arg !== undefined), 'https://api.test/open/x');
    expect([answer.failure, answer.status]).toEqual([35, 0]);
  });

  it('takes new certificate files without dropping a connection, and keeps the old ones while new ones are broken', async () => {
    const socket = connectTls({
      port: at.port,
      host: '127.0.0.1',
      servername: 'api.test',
      ca: readFileSync(authority.ca),
    });
    const ask = (): Promise<string> =>
      new Promise((resolve, reject) => {
        socket.once('data', (data: Buffer) => resolve(data.toString().slice(0, 12))).once('error', reject);
        socket.write('GET /open/x HTTP/1.1\r\nHost: api.test\r\n\r\n');
      });
    expect(await ask()).toBe('HTTP/1.1 200');
    const before = fingerprint(live.certificate);
    const next = authority.issue('next', ['DNS:api.test'], 5);
    writeFileSync(live.certificate, 'not a certificate');
    await expect.poll(() => metric(at, 'certificate_reload_failures_total'), { timeout: 8000 }).toBe(1);
    expect(await shown(at.port, 'api.test')).toBe(before);
    copyFileSync(next.key, live.key);
    copyFileSync(next.certificate, live.certificate);
    await expect.poll(() => shown(at.port, 'api.test'), { timeout: 8000 }).toBe(fingerprint(next.certificate));
    expect(await shown(at.port)).toBe(fingerprint(next.certificate));
    expect(await ask()).toBe('HTTP/1.1 200');
    socket.destroy();
    const expiry = await metric(at, 'certificate_expiry_seconds{certificate="api.test"}');
    expect(expiry - Date.now() / 1000).toBeLessThan(5 * 86_400 + 60);
  });

  it('a reload replaces certificates; one that cannot be used leaves everything as it was', async () => {
    const configure = (certificates: readonly CertificateFiles[]) =>
      configFor(at.origin.url, at.issuer.url, { listen: 'https://127.0.0.1:0', tls: { certificates } });
    const mismatched = { certificate: api.certificate, key: wild.key };
    await expect(at.gateway.reload(configure([mismatched]))).rejects.toMatchObject({ code: 'tls_unusable' });
    expect(await shown(at.port, 'eu.shops.test')).toBe(fingerprint(wild.certificate));
    const { needRestart } = await at.gateway.reload(configure([api]));
    expect(needRestart).toEqual([]);
    expect(await shown(at.port, 'api.test')).toBe(fingerprint(api.certificate));
  });
});

async function metric(at: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${at.adminUrl}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`sealgate_gateway_${name} `));
  return Number(line?.split(' ').at(-1));
}

describe('TLS on the port for the keys of internal tokens', () => {
  it('has the certificates of the public port, and nothing to say to those who do not speak it', async () => {
    const [port = 0] = await freePorts(1);
    const secret = path.join(authority.folder, 'internal.key');
    writeFileSync(secret, 'a secret of more than thirty-two characters');
    const internalTokens = { listen: `https://127.0.0.1:${port}`, secret: `file:${secret}` };
    const internal = { internalTokens, defaults: { identity: { mode: 'internal' } } };
    const tls = { certificates: [wild, api] };
    const at = await startGateway({ listen: 'https://127.0.0.1:0', tls, ...internal });
    const answer = await curl(port, 'https://api.test/.well-known/jwks.json');
    expect([answer.failure, answer.status]).toEqual([0, 200]);
    expect((await curl(port, 'http://api.test/.well-known/jwks.json')).failure).not.toBe(0);
    await at.close();
    expect(() => configFor(at.origin.url, at.issuer.url, internal)).toThrow('needs `tls`');
  });
});

describe('mutual TLS', () => {
  const settings = (mode: string, forward = false) => ({
    listen: 'https://127.0.0.1:0',
    tls: { certificates: [api], clients: { ca: authority.ca, mode, forward } },
  });
  const good = (): string[] => ['--cert', client.certificate, '--key', client.key];
  const bad = (): string[] => ['--cert', foreign.certificate, '--key', foreign.key];

  it('require: no certificate or a foreign one gets nothing', async () => {
    const at = await startGateway(settings('require'));
    const url = 'https://api.test/open/x';
    expect((await curl(at.port, ...good(), url)).status).toBe(200);
    for (const how of [[], bad()]) {
      for (const version of ['--http1.1', '--http2']) {
        const answer = await curl(at.port, version, ...how, url);
        expect([answer.status, answer.failure === 0]).toEqual([0, false]);
      }
    }
    expect(at.origin.take()).toHaveLength(1);
    await at.close();
  });

  it.each(['--http1.1', '--http2'])(
    'optional, %s: tokens bound to a certificate pass with it alone',
    async (version) => {
      const at = await startGateway(settings('optional', true));
      const bound = at.issuer.token({ cnf: { 'x5t#S256': thumbprint(client.certificate) } });
      const other = at.issuer.token({ cnf: { 'x5t#S256': thumbprint(api.certificate) } });
      const ask = (token: string, ...how: string[]) =>
        curl(
          at.port,
          version,
          ...how,
          '-H',
          `authorization: Bearer ${token}`,
          '-H',
          'client-cert: :AAAA:',
          'https://api.test/orders/1',
        );
      expect((await ask(bound, ...good())).status).toBe(200);
      expect((await ask(bound)).status).toBe(401);
      expect((await ask(other, ...good())).status).toBe(401);
      expect((await ask(at.issuer.token())).status).toBe(200);
      expect((await ask(bound, ...bad())).status).toBe(0);
      const [withCertificate, without] = at.origin.take();
      const der = new X509Certificate(readFileSync(client.certificate)).raw.toString('base64');
      expect(seenValues(withCertificate!, 'client-cert')).toEqual([`:${der}:`]);
      expect(seenValues(without!, 'client-cert')).toEqual([]);
      await at.close();
    },
  );

  it('optional: a route that takes tokens bound to a certificate takes no other', async () => {
    const routes = [{ path: '/orders/**', to: 'origin', require: { senderConstrained: 'mtls' } }];
    const at = await startGateway({ ...settings('optional', true), routes });
    const ask = async (token: string) => {
      const header = ['-H', `authorization: Bearer ${token}`];
      return (await curl(at.port, '--http1.1', ...good(), ...header, 'https://api.test/orders/1')).status;
    };
    expect(await ask(at.issuer.token({ cnf: { 'x5t#S256': thumbprint(client.certificate) } }))).toBe(200);
    expect(await ask(at.issuer.token())).toBe(401);
    expect(at.origin.take()).toHaveLength(1);
    await at.close();
  });
});

describe('TLS towards instances', () => {
  let secure: Server;
  let port: number;
  let peers: (string | undefined)[] = [];
  beforeAll(async () => {
    const files = { cert: readFileSync(api.certificate), key: readFileSync(api.key), ca: readFileSync(authority.ca) };
    secure = createTlsOrigin({ ...files, requestCert: true, rejectUnauthorized: false }, (req, res) => {
      const socket = req.socket as TLSSocket;
      peers.push(socket.authorized ? socket.getPeerX509Certificate()?.subject : undefined);
      res.end('secure');
    });
    await new Promise<void>((resolve) => {
      secure.listen(0, '127.0.0.1', resolve);
    });
    port = (secure.address() as AddressInfo).port;
  });
  afterAll(() => {
    secure.closeAllConnections();
    secure.close();
  });

  it.each([
    ['with its authority and a client certificate', () => ({ ca: authority.ca, ...client }), 200, ['CN=client']],
    ['with its authority alone', () => ({ ca: authority.ca }), 200, [undefined]],
    [
      'by another name that its certificate has',
      () => ({ ca: authority.ca, servername: 'api.test' }),
      200,
      [undefined],
    ],
    ['not by a name that it has not', () => ({ ca: authority.ca, servername: 'other.test' }), 502, []],
    ['not with another authority', () => ({ ca: stranger.ca }), 502, []],
    ['not with those that Node knows', () => undefined, 502, []],
  ])('%s', async (_what, tls, status, subjects) => {
    peers = [];
    const settings = tls();
    const at = await startGateway({
      upstreams: {
        origin: {
          urls: [`https://127.0.0.1:${port}`],
          retries: 0,
          ...(settings === undefined ? {} : { tls: settings }),
        },
      },
    });
    expect((await fetch(`${at.url}/open/x`)).status).toBe(status);
    expect(peers).toEqual(subjects);
    await at.close();
  });

  it('no environment turns verification off', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const at = await startGateway({ upstreams: { origin: { urls: [`https://127.0.0.1:${port}`], retries: 0 } } });
    expect((await fetch(`${at.url}/open/x`)).status).toBe(502);
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    await at.close();
  });
});
