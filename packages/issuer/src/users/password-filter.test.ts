/** The filter of breached passwords: it knows every entry of its list, and hardly anything else. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPasswordFilter, PasswordFilter } from './password-filter.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-filter-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a password filter', () => {
  it('knows each of 20,000 entries, and takes fewer than 1 in 300 others for one', async () => {
    const listed = Array.from({ length: 20_000 }, (_, index) => `breached-${index}`);
    const lines = listed.map((text, index) =>
      index % 2 === 0 ? `${sha1(text).toUpperCase()}:${index + 1}` : sha1(text),
    );
    writeFileSync(at('list.txt'), lines.join('\r\n'));
    expect(await buildPasswordFilter(at('list.txt'), at('filter'))).toBe(20_000);
    expect(readdirSync(folder).toSorted()).toEqual(['filter', 'list.txt']);
    const filter = await PasswordFilter.open(at('filter'));
    try {
      for (const text of listed.slice(0, 3000)) expect(await filter.has(text)).toBe(true);
      let mistaken = 0;
      for (let index = 0; index < 6000; index++) if (await filter.has(`fresh-${index}`)) mistaken++;
      expect(mistaken).toBeLessThan(20);
    } finally {
      await filter.close();
    }
  });

  it('is not made of a list with another line, and names the line', async () => {
    writeFileSync(at('wrong.txt'), `${sha1('a')}\nhunter2\n`);
    await expect(buildPasswordFilter(at('wrong.txt'), at('none'))).rejects.toMatchObject({
      code: 'password_list_invalid',
      message: expect.stringContaining('wrong.txt:2'),
    });
    writeFileSync(at('empty.txt'), '');
    await expect(buildPasswordFilter(at('empty.txt'), at('none'))).rejects.toMatchObject({
      code: 'password_list_invalid',
    });
  });

  it.each([
    ['is not there', () => undefined],
    ['is another file', (file: string) => writeFileSync(file, 'x'.repeat(80))],
    ['is cut off', (file: string) => truncateSync(file, 100)],
    ['is empty', (file: string) => writeFileSync(file, '')],
  ])('that %s is refused when it is opened', async (_name, harm) => {
    const file = at('harmed');
    writeFileSync(at('one.txt'), sha1('a'));
    if (harm.length > 0) await buildPasswordFilter(at('one.txt'), file);
    else rmSync(file, { force: true });
    harm(file);
    await expect(PasswordFilter.open(file)).rejects.toMatchObject({ code: 'password_filter_invalid' });
  });
});
