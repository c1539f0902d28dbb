/** docs/comparison.md: every row names the tests that show what it says, and each of them exists. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCUMENT = path.join(ROOT, 'docs/comparison.md');

interface Row {
  readonly what: string;
  readonly tests: readonly { readonly name: string; readonly file: string }[];
}

/** The rows of tables whose last column is "test". */
function readRows(markdown: string): Row[] {
  return markdown
    .split(/\n\n+/u)
    .filter((block) => /^\|.*\| test \|\n/u.test(block))
    .flatMap((table) => table.trim().split('\n').slice(2))
    .map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const links = (cells.at(-2) ?? '').matchAll(/\[(?<name>[^\]]+)\]\((?<file>[^)]+)\)/gu);
      const tests = Array.from(links, ({ groups }) => ({ name: groups?.['name'] ?? '', file: groups?.['file'] ?? '' }));
      return { what: cells.slice(1, -2).join(' '), tests };
    });
}

const rows = readRows(readFileSync(DOCUMENT, 'utf8'));

describe('the comparison with jwt.io and jwt-cli', () => {
  it('has rows', () => expect(rows.length).toBeGreaterThan(30));

  it.each(rows.map((row) => [row.what, row.tests] as const))('%s', (_what, tests) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const { name, file } of tests) {
      const source = readFileSync(path.join(path.dirname(DOCUMENT), file), 'utf8');
      // `it('name'` and `it.each([...])('name'`, on one line or two.
      const isDeclared = source.replaceAll(/\(\s+/gu, '(').includes(`('${name}'`);
      expect(isDeclared, `${file} has no test "${name}"`).toBe(true);
    }
  });
});
