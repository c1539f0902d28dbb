/**
 * Interoperability with the JWT libraries of npm, both ways, for every shared algorithm; and that the matrix would notice if it
 * were otherwise. Other languages: `npm run interop`.
 */
import { describe, expect, it } from 'vitest';
import type { Claims, Library } from './library.ts';
import { findMissing, findRegressions, makeKeys, tryLibrary } from './matrix.ts';
import { NODE_LIBRARIES } from './node-libraries.ts';
import { signOurs, verifyOurs } from './ours.ts';

const keys = makeKeys();
const only = (alg: 'ES256') => new Map([...keys].filter(([name]) => name === alg));

describe('interoperability with npm libraries', () => {
  it.each(NODE_LIBRARIES)('$name $version', async (library) => {
    expect(findRegressions(await tryLibrary(library, keys))).toEqual([]);
  });
});

/** A library like ours under the name of one that is expected to have ES256, with one part made wrong. */
function faulty(part: Partial<Library>): Library {
  return {
    name: 'jsonwebtoken',
    version: '0',
    source: 'test',
    tokens: 2,
    sign: async (key, claims) => signOurs(key, claims),
    verify: async (key, token) => verifyOurs(key, token),
    ...part,
  };
}

describe('the matrix', () => {
  const claimsOf = (token: string): Claims =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  it.each<[string, Partial<Library>, RegExp]>([
    ['does not verify', { verify: () => Promise.reject(new Error('no such curve')) }, /theyVerify: no such curve/u],
    ['does not sign', { sign: () => Promise.reject(new Error('no such curve')) }, /weVerify: no such curve/u],
    [
      'verifies nothing but decodes',
      { verify: async (_key, token) => claimsOf(token) },
      /theyRefuse: accepted a token/u,
    ],
    [
      'reads other claims',
      { verify: async (key, token) => ({ ...verifyOurs(key, token), sub: 'x' }) },
      /theyVerify: .*: sub/u,
    ],
    [
      'signs other claims',
      { sign: async (key, claims) => signOurs(key, { ...claims, sub: 'x' }) },
      /weVerify: .*: sub/u,
    ],
    ['signs badly', { sign: async (key, claims) => `${signOurs(key, claims).slice(0, -4)}AAAA` }, /weVerify: /u],
  ])('reports a library that %s', async (_what, part, sentence) => {
    const regressions = findRegressions(await tryLibrary(faulty(part), only('ES256')));
    expect(regressions).toEqual([expect.stringMatching(sentence)]);
  });

  it('is content with a library that works', async () => {
    expect(findRegressions(await tryLibrary(faulty({}), only('ES256')))).toEqual([]);
  });

  it('reports an algorithm that works but is not in the table', async () => {
    const unlisted = faulty({ name: 'a library that nobody listed' });
    const regressions = findRegressions(await tryLibrary(unlisted, only('ES256')));
    expect(regressions).toEqual([expect.stringContaining('not in expected.ts')]);
  });

  it('reports a library of the table that was not tried', () => {
    expect(findMissing([])).toContain('PyJWT was not tried');
  });
});
