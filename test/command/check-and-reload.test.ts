import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bearer, logIn, request } from '../harness/client.ts';
import { createDemoFolder, startDemo } from '../harness/demo.ts';
import { runSealgate } from '../harness/server-process.ts';

describe('sealgate check', () => {
  it('runs the tests of the file', async () => {
    const place = await createDemoFolder();
    const checked = await runSealgate(['check', '-c', place.file]);
    expect(checked.code).toBe(0);
    expect(checked.stdout).toContain('its 4 tests passed');
    place.remove();
  });

  it('ends with 1 when a test of the file fails, and says what was otherwise', async () => {
    const place = await createDemoFolder((yaml) => yaml.replace('scopes: [orders:read] }', 'scopes: [orders:list] }'));
    const checked = await runSealgate(['check', '-c', place.file]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain('expected status 200, got 403 (insufficient_scope)');
    place.remove();
  });
});

describe('a running gateway', () => {
  it('takes over a changed file, and keeps what it has when the file is broken', async () => {
    const demo = await startDemo();
    const { access } = await logIn(demo.issuer);
    const orders = async () => (await request(`${demo.gateway}/orders`, { headers: bearer(access) })).status;
    const reload = async () => (await request(`${demo.admin}/reload`, { method: 'POST' })).status;
    const text = readFileSync(demo.file, 'utf8');
    expect(await orders()).toBe(200);

    writeFileSync(demo.file, text.replace('scopes: [orders:read] }', 'scopes: [orders:list] }'));
    expect(await reload()).toBe(200);
    expect(await orders()).toBe(403);

    writeFileSync(demo.file, text.replace('routes:', 'rutes:'));
    expect(await reload()).toBeGreaterThanOrEqual(400);
    expect(await orders()).toBe(403);

    writeFileSync(demo.file, text);
    expect(await reload()).toBe(200);
    expect(await orders()).toBe(200);
    await demo.close();
  });
});
