import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStaticSite, type StaticSite } from './static-site.ts';

let folder: string;
let site: StaticSite;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-site-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(path.join(folder, 'other.html'), '<p>other</p>');
  writeFileSync(path.join(folder, 'secret.key'), 'secret');
  writeFileSync(path.join(folder, 'assets', 'index-Xa5996l1.js'), 'let a;');
  site = loadStaticSite({ folder, index: 'index.html', headers: { 'referrer-policy': 'no-referrer' } });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a static site', () => {
  it('has its page at the root, revalidated each time, under the headers of its folder', () => {
    const page = site.answer('', undefined);
    expect(page?.body.toString()).toBe('<p>page</p>');
    expect(page?.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
    });
  });

  it('lets a browser keep what carries a hash in its name', () => {
    const script = site.answer('assets/index-Xa5996l1.js', undefined);
    expect(script?.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('answers 304 to the entity tag it gave (RFC 9110 section 13.1.2)', () => {
    const etag = site.answer('', undefined)?.headers['etag'];
    expect(site.answer('', etag)).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(site.answer('', '"another"')?.status).toBe(200);
  });

  it.each(['index.html', 'other.html', 'secret.key', '../package.json', 'assets', 'assets/', '/', '__proto__'])(
    'has nothing at %j',
    (name) => expect(site.answer(name, undefined)).toBeUndefined(),
  );
});
