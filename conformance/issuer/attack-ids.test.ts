/** Where the issuer's lines of ATTACKS.md are tested: each file is there and says so itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const HOMES: readonly (readonly [id: string, file: string])[] = [
  ['I1', 'conformance/issuer/i1-i2-refresh.test.ts'],
  ['I1', 'packages/issuer/test/refresh/refresh.test.ts'],
  ['I1', 'packages/issuer/test/families/histories.ts'],
  ['I2', 'conformance/issuer/i1-i2-refresh.test.ts'],
  ['I2', 'packages/issuer/test/families/histories.ts'],
  ['I4', 'conformance/issuer/cookie-transport.test.ts'],
  ['I6', 'conformance/issuer/i6-client-secrets.test.ts'],
  ['I7', 'conformance/issuer/i7-dpop-issuer.test.ts'],
  ['I7', 'conformance/guard/i7-dpop-proof.test.ts'],
  ['I10', 'conformance/issuer/i10-administration.test.ts'],
  ['I10', 'packages/issuer/test/admin/access.test.ts'],
  ['I11', 'packages/issuer/test/crash/crash.test.ts'],
  ['I11', 'packages/issuer/test/families/histories.ts'],
];

describe('the attacks on an issuer', () => {
  it.each(HOMES)('%s is tested in %s', (id, file) => {
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toMatch(new RegExp(`\\b${id}\\b`, 'u'));
  });
});
