import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { GUARD_VERSION } from './version.ts';

it('is that of the package', () => {
  const { version }: { version: string } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'),
  );
  expect(GUARD_VERSION).toBe(version);
});
