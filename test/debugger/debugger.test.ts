/** The debugger as `npm start` shows it: built when needed, at the issuer and at the gateway's admin port, each under its own policy. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../harness/demo.ts';
import { request } from '../harness/client.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const buildPages = () => promisify(execFile)(process.execPath, ['scripts/pages.ts'], { cwd: ROOT, encoding: 'utf8' });

let demo: Demo;

beforeAll(async () => {
  await buildPages();
  demo = await startDemo();
});
afterAll(() => demo.close());

describe('what npm start does before it starts', () => {
  it('builds nothing while the pages are what their sources say', async () => {
    expect(await buildPages()).toEqual({ stdout: '', stderr: '' });
  });
});

describe.each([
  ['the issuer', () => demo.issuer, 'connect-src https: http://localhost:* http://127.0.0.1:*;', 'served'],
  ["the gateway's admin port", () => demo.admin, "connect-src 'self';", 'gateway'],
] as const)('%s', (_who, base, connects, form) => {
  it('redirects /debugger to the page', async () => {
    const answer = await request(`${base()}/debugger`);
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe('/debugger/');
  });

  it('serves the page and every file that it names, under its policy', async () => {
    const page = await request(`${base()}/debugger/`);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`data-form="${form}"`);
    const files = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/gu)].map(([, name]) => name);
    expect(files).toHaveLength(2);
    for (const name of ['', ...files]) {
      const answer = await request(`${base()}/debugger/${name}`);
      expect(answer.status).toBe(200);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self';.*frame-ancestors 'none'/u);
      expect(policy).toContain(connects);
      expect(policy).not.toContain('unsafe');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each(['index.html', 'gateway.html', '..%2fpackage.json', '%2e%2e/package.json', 'assets/', 'x'])(
    'has nothing at /debugger/%s',
    async (name) => {
      const answer = await request(`${base()}/debugger/${name}`);
      expect([401, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('<html');
    },
  );
});
