/** What a user installs: the packages, built and packed, without this checkout around them. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPacked } from '../../scripts/install-packed.ts';
import { bearer, logIn, request } from '../harness/client.ts';
import { createDemoFolder } from '../harness/demo.ts';
import { startServer } from '../harness/server-process.ts';
import { statusesOf, workersOf } from '../workers/fleet.ts';
import { startHeldOrigin } from '../workers/held-origin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-published-'));
const modules = path.join(folder, 'node_modules');
let launcher = '';
beforeAll(() => {
  launcher = installPacked(folder);
  // Building takes twenty seconds on two cores that have nothing else to do.
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

it('holds what was built and what tells of it, and neither sources nor tests', () => {
  const files = globSync(['@sealgate/*/**/*.*', 'sealgate/**/*.*'], { cwd: modules });
  expect(files.filter((file) => /\/src\/|\.test\.|(?<!\.d)\.tsx?$/u.test(file))).toEqual([]);
  for (const manifest of globSync(['@sealgate/*/package.json', 'sealgate/package.json'], { cwd: modules })) {
    expect(files).toContain(path.join(path.dirname(manifest), 'README.md'));
  }
});

it('can be imported wherever a package says so, with what it declares to need', () => {
  const entries = globSync(['@sealgate/*/package.json', 'sealgate/package.json'], { cwd: modules }).flatMap((file) => {
    const { name, exports }: { name: string; exports: object } = JSON.parse(
      readFileSync(path.join(modules, file), 'utf8'),
    );
    return Object.keys(exports).map((entry) => path.posix.join(name, entry));
  });
  expect(entries.length).toBeGreaterThan(7);
  const program = `for (const entry of ${JSON.stringify(entries)}) await import(entry);`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('serves with two workers: a login, requests to either, and a revocation that both know', async () => {
  const origin = await startHeldOrigin();
  const demo = await createDemoFolder((yaml) =>
    yaml
      .replace(/^gateway:.*$/mu, 'gateway:\n  workers: 2')
      .replace(/^ {4}orders:.*\n.*$/mu, `    orders:\n      urls: ['${origin.url}']`)
      .replace(/^ {2}upstream: #[^]*/mu, ''),
  );
  const server = await startServer(['-c', demo.file], launcher);
  const workers = workersOf(server.pid);
  expect(workers).toHaveLength(2);
  for (const pid of workers) expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain(launcher);
  const { access } = await logIn(demo.issuer);
  const ask = async () => new Set(await statusesOf(12, `${demo.gateway}/orders`, bearer(access)));
  expect(await ask()).toEqual(new Set([200]));
  const out = await request(`${demo.issuer}/v1/logout`, { method: 'POST', headers: bearer(access) });
  expect(out.status).toBe(204);
  expect(await ask()).toEqual(new Set([401]));
  const page = await request(`${demo.admin}/debugger/`);
  expect(page.status).toBe(200);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  demo.remove();
  await origin.close();
});
