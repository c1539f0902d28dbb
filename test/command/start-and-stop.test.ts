import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, introspect, logIn, refresh, request, tokensOf } from '../harness/client.ts';
import { createDemoFolder, startDemo, type Demo } from '../harness/demo.ts';
import { runSealgate, startServer, type ServerProcess } from '../harness/server-process.ts';

async function isAnswered(url: string): Promise<boolean> {
  try {
    await request(url);
    return true;
  } catch {
    return false;
  }
}

describe('sealgate serve', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.remove());

  it('runs with a young generation that suits a server', () => {
    const commandLine = readFileSync(`/proc/${demo.server.pid}/cmdline`, 'utf8').split('\0');
    expect(commandLine).toEqual(
      expect.arrayContaining([
        '--max-semi-space-size=64',
        '--min-semi-space-size=32',
        '--no-allocation-site-pretenuring',
        'serve',
      ]),
    );
  });

  it('creates the master key for its owner alone', () => {
    expect(statSync(path.join(demo.folder, 'data/master.key')).mode & 0o777).toBe(0o600);
  });

  /** Ends the server, in order, and shows that nothing of it is left. */
  async function stop(server: ServerProcess, signal: NodeJS.Signals): Promise<void> {
    expect(await isAnswered(`${demo.upstream}/healthz`)).toBe(true);
    expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
    expect(await isAnswered(`${demo.upstream}/healthz`)).toBe(false);
    expect(await isAnswered(`${demo.gateway}/orders`)).toBe(false);
  }

  it('ends with 0 on SIGINT and on SIGTERM, the example program with it; keeps users, keys, sessions and revocations over a restart', async () => {
    const { issuer, gateway } = demo;
    const [kept, revoked] = [await logIn(issuer), await logIn(issuer)];
    expect((await request(`${issuer}/v1/logout`, { method: 'POST', headers: bearer(revoked.access) })).status).toBe(
      204,
    );
    const keysBefore = (await request(`${issuer}/.well-known/jwks.json`)).json;
    await stop(demo.server, 'SIGINT');

    const again = await startServer(['-c', demo.file]);
    expect((await request(`${issuer}/.well-known/jwks.json`)).json).toEqual(keysBefore);
    expect((await request(`${gateway}/orders`, { headers: bearer(kept.access) })).status).toBe(200);
    expect((await request(`${gateway}/orders`, { headers: bearer(revoked.access) })).status).toBe(401);
    expect((await introspect(issuer, revoked.access)).json).toEqual({ active: false });
    expect((await refresh(issuer, revoked.refresh)).json).toMatchObject({ code: 'invalid_grant' });
    expect(tokensOf(await refresh(issuer, kept.refresh)).session).toBe(kept.session);
    await logIn(issuer);
    await stop(again, 'SIGTERM');
  });

  it('serves one role', async () => {
    const place = await createDemoFolder();
    const server = await startServer(['issuer', '-c', place.file]);
    expect(server.stdout().split('\n')[0]).toBe(`sealgate ready issuer=${place.issuer}`);
    expect(await isAnswered(`${place.issuer}/healthz`)).toBe(true);
    expect(await isAnswered(`${place.gateway}/orders`)).toBe(false);
    await server.stop();
    place.remove();
  });

  it('seeds nobody without the section "demo"', async () => {
    const place = await createDemoFolder((yaml) => yaml.slice(0, yaml.indexOf('\ndemo:')));
    const server = await startServer(['-c', place.file]);
    await expect(logIn(place.issuer)).rejects.toThrow(/no tokens: 4\d\d/u);
    expect(server.stdout()).toBe(`sealgate ready issuer=${place.issuer} gateway=${place.gateway}\n`);
    await server.stop();
    place.remove();
  });
});

describe('sealgate serve, when it cannot', () => {
  it.each([
    ['issuer.url', 'issuer'],
    ['gateway.listen', 'gateway'],
    ['gateway.admin', 'admin'],
    ['demo.upstream.ready', 'upstream'],
  ] as const)('names the port that is in use and the key %s', async (key, part) => {
    const place = await createDemoFolder();
    const occupier = createServer().listen(Number(new URL(place[part]).port), '127.0.0.1');
    await once(occupier, 'listening');
    const { port } = occupier.address() as AddressInfo;
    const { code, stdout, stderr } = await runSealgate(['serve', '-c', place.file]);
    occupier.close();
    place.remove();
    const complaint = stderr.split('\n').find((line) => line.startsWith('sealgate: '));
    expect(complaint).toContain(`port ${port}`);
    expect(complaint).toContain(key);
    expect(complaint).toContain('in use');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it('refuses a demonstration that others could reach', async () => {
    const place = await createDemoFolder((yaml) =>
      yaml.replace(/listen: http:\/\/127\.0\.0\.1/u, 'listen: http://0.0.0.0'),
    );
    const { code, stderr } = await runSealgate(['serve', '-c', place.file]);
    place.remove();
    expect(stderr).toMatch(/sealgate\.demo\.yaml:\d+:\d+: \/gateway\/listen: a file with a "demo" section/u);
    expect(code).toBe(1);
  });

  it.each([
    ['is not there', 'does not exist'],
    ['ends at once', 'ended before it was ready'],
  ])('says that the example program %s', async (name, message) => {
    const program = name === 'is not there' ? 'absent.js' : 'failing.js';
    const place = await createDemoFolder((yaml) => yaml.replace(/run: \S+/u, `run: ${program}`));
    writeFileSync(path.join(place.folder, 'failing.js'), 'process.exitCode = 1;');
    const { code, stdout, stderr } = await runSealgate(['serve', '-c', place.file]);
    expect(stderr).toContain(`${path.join(place.folder, program)} (demo.upstream.run) ${message}`);
    expect(stdout).toBe('');
    expect(code).toBe(1);
    place.remove();
  });

  it('says what is wrong with a file, without a stack trace', async () => {
    const place = await createDemoFolder((yaml) => yaml.replace('upstreams:', 'upsteams:'));
    const { code, stderr } = await runSealgate(['serve', '-c', place.file]);
    place.remove();
    expect(stderr).toMatch(/:\d+:\d+: \/gateway\/upsteams: unknown key "upsteams"; did you mean "upstreams"\?/u);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it.each([
    ['a file that is not there', ['serve', '-c', '/absent/sealgate.yaml'], 'there is no such file', 1],
    ['a role that there is not', ['serve', 'gatway', '-c', 'sealgate.demo.yaml'], 'did you mean "gateway"?', 2],
  ])('refuses %s', async (_name, args, message, exit) => {
    const { code, stderr } = await runSealgate(args);
    expect(stderr).toContain(message);
    expect(code).toBe(exit);
  });
});

describe('sealgate check', () => {
  it('finds nothing wrong with the demonstration', async () => {
    expect(await runSealgate(['check', '-c', 'sealgate.demo.yaml'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('gives every fault as JSON', async () => {
    const place = await createDemoFolder((yaml) =>
      yaml.replace('version: 1', 'version: 2').replace('feed: push', 'feed: pull'),
    );
    const { code, stdout } = await runSealgate(['check', '-c', place.file, '--json']);
    place.remove();
    const { valid, issues }: { valid: boolean; issues: { path: string; line: number }[] } = JSON.parse(stdout);
    expect(valid).toBe(false);
    expect(issues.map((issue) => issue.path)).toEqual(['/version', '/gateway/issuers/main/revocation/feed']);
    expect(issues.every((issue) => issue.line > 0)).toBe(true);
    expect(code).toBe(1);
  });

  it('refuses a key that nothing reads', async () => {
    const place = await createDemoFolder();
    writeFileSync(place.file, 'version: 1\nrutes: []\n');
    const { code, stdout } = await runSealgate(['check', '-c', place.file]);
    place.remove();
    expect(stdout).toContain('unknown key "rutes"');
    expect(code).toBe(1);
  });
});
