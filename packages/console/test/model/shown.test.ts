/** What is shown beside the token: its life as a line, two tokens compared, times in words, keys recognised. */
import { generateKeyPairSync } from 'node:crypto';
import { ALGORITHMS } from '@sealgate/jwt/parse';
import { exportJwk, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import { SIGNATURE_NAMES } from '../../src/debugger/crypto/algorithms.ts';
import { readKeyText } from '../../src/debugger/crypto/key-text.ts';
import { verifySignature } from '../../src/debugger/crypto/verify.ts';
import { compareJson } from '../../src/debugger/model/compare.ts';
import { inspect } from '../../src/debugger/model/inspect.ts';
import { scanJson } from '../../src/debugger/model/json-scan.ts';
import { formatDuration, formatInstant, formatRelative } from '../../src/debugger/model/time.ts';
import { layTimeline } from '../../src/debugger/model/timeline.ts';
import { sourceAddress } from '../../src/debugger/strings/claims.ts';

describe('the line of a token’s life (RFC 7519 sections 4.1.4 to 4.1.6)', () => {
  const line = (claims: object, now: number, skew = 60) =>
    layTimeline(scanJson(JSON.stringify(claims)).node, now, skew);

  it.each([
    [{ exp: 100 }, 99, 'valid'],
    [{ exp: 100 }, 100, 'valid-by-skew'],
    [{ exp: 100 }, 159, 'valid-by-skew'],
    [{ exp: 100 }, 160, 'expired'],
    [{ nbf: 100, exp: 200 }, 40, 'valid-by-skew'],
    [{ nbf: 100, exp: 200 }, 39, 'not-yet'],
    [{ nbf: 100 }, 100, 'unlimited'],
    [{ nbf: 100, exp: 50 }, 60, 'impossible'],
  ] as const)('%j at %i is %s', (claims, now, validity) => {
    expect(line(claims, now)?.validity).toBe(validity);
  });

  it('keeps the order and shows every gap, however unequal', () => {
    const found = line({ iat: 1_500_000_000, exp: 1_500_000_060 }, 1_795_000_000);
    expect(found?.marks.map(({ names }) => names)).toEqual([['iat'], ['exp'], ['now']]);
    expect(found?.marks.map(({ position }) => position)).toEqual([0, expect.closeTo(0.15, 1), expect.closeTo(1)]);
    expect(found?.gaps.map(({ seconds, valid }) => [seconds, valid])).toEqual([
      [60, true],
      [294_999_940, false],
    ]);
  });

  it('puts what happens at once on one mark, and has no line without times', () => {
    expect(line({ iat: 10, nbf: 10, exp: 20 }, 10)?.marks[0]?.names).toEqual(['iat', 'nbf', 'now']);
    expect(line({ sub: 'a', exp: '20' }, 10)).toBeUndefined();
  });
});

describe('times in words', () => {
  it.each([
    [formatInstant(1_700_000_000, 'utc'), '2023-11-14 22:13:20 UTC'],
    [formatInstant(1e15, 'utc'), '1000000000000000'],
    [formatRelative(100, 160), '1 minute ago'],
    [formatRelative(160, 160), 'now'],
    [formatRelative(160 + 86_400 * 3, 160), 'in 3 days'],
    [formatDuration(600), '10 min'],
    [formatDuration(5400), '1 h 30 min'],
    [formatDuration(0), '0 s'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});

describe('comparison', () => {
  it('goes member by member, takes lists as sets, and ignores the order of members', () => {
    const read = (value: object) => scanJson(JSON.stringify(value)).node;
    const found = compareJson(
      read({ a: 1, aud: ['x', 'y'], cnf: { jkt: 'k' }, o: { p: 1, q: 2 }, gone: 0 }),
      read({ aud: ['x', 'z'], a: 1, cnf: { jkt: 'l' }, o: { q: 2, p: 1 }, come: 0 }),
    );
    const changed = found.filter(({ change }) => change !== 'same');
    expect(changed.map(({ path, change }) => [path.join('/'), change])).toEqual([
      ['aud', 'changed'],
      ['cnf/jkt', 'changed'],
      ['gone', 'only-left'],
      ['come', 'only-right'],
    ]);
    expect(changed[0]).toMatchObject({ removed: ['y'], added: ['z'] });
  });
});

describe('keys', () => {
  it.each([
    ['PKCS#1', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })],
    [
      'PKCS#1, public',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'pem' }),
    ],
    ['SEC 1', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'sec1', format: 'pem' })],
  ])('are read from %s (RFC 7468)', (_name, pem) => {
    expect(readKeyText(pem)).toMatchObject({ form: 'pem', problems: [], keys: [{}] });
    expect(readKeyText(pem.replaceAll('\n', String.raw`\n`)).keys).toHaveLength(1);
  });

  it.each([
    ['{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', 'point-length'],
    [`{"kty":"EC","crv":"P-256","x":"${'A'.repeat(43)}","y":"${'A'.repeat(43)}"}`, 'point-off-curve'],
    ['{"kty":"RSA","n":"AQAB"}', 'member-missing'],
    ['{"kty":"XYZ"}', 'kty-unknown'],
    ['{"kty":', 'json'],
    ['ssh-rsa AAAAB3NzaC1yc2E me', 'ssh-key'],
    ['-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----', 'pem-broken'],
    ['-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----', 'pem-encrypted'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA', 'is-a-token'],
  ])('that are none are explained: %s', (text, code) => {
    expect(readKeyText(text)).toMatchObject({ form: 'unreadable', keys: [], problems: [{ code }] });
  });

  it('of a set that are good are kept, the bad are told', () => {
    const set = JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }, { kty: 'EC' }, 7] });
    expect(readKeyText(set)).toMatchObject({
      form: 'jwks',
      keys: [{ index: 0 }],
      problems: [{ index: 1 }, { index: 2 }],
    });
  });

  it('that anyone can guess are called so, and used all the same (ATTACKS T8)', () => {
    expect(readKeyText('secret').keys[0]?.weaknesses.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['secret-short']),
    );
  });
});

describe('tokens of @sealgate/jwt', () => {
  it('knows every algorithm of the library', () => {
    expect(Object.keys(ALGORITHMS).toSorted()).toEqual(SIGNATURE_NAMES.toSorted());
  });

  it.each(SIGNATURE_NAMES.filter((name) => !name.startsWith('HS')))('verify here: %s', async (alg) => {
    const key = generateKey(alg);
    const now = 1_800_000_000;
    const { header, signed, faults } = inspect(signJwt({ sub: 'alice', iat: now, exp: now + 60 }, { key, typ: 'JWT' }));
    expect(faults).toEqual([]);
    const text = JSON.stringify(exportJwk(publicKey(key)));
    expect(await verifySignature(header?.node, signed, readKeyText(text), text)).toMatchObject({ status: 'valid' });
  });
});

describe('citations', () => {
  it('lead to the section', () => {
    expect(sourceAddress('RFC 7519 section 4.1.4')).toBe('https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.4');
    expect(sourceAddress('RFC 7515 appendix F')).toBe('https://www.rfc-editor.org/rfc/rfc7515.html#appendix-F');
    expect(sourceAddress('OpenID Connect Core section 2')).toBeUndefined();
  });
});
