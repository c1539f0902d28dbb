/** ATTACKS.md T8 and T9: keys that must not become keys. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  exportJwk,
  exportPrivateJwk,
  exportPrivatePem,
  exportPublicPem,
  generateKey,
  importKey,
  lintKey,
  parseJwks,
  type Algorithm,
  type JwkLike,
} from '@sealgate/jwt';
import { encode } from './forge.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('T8: weak HMAC secrets', () => {
  it.each([
    ['HS256', 0],
    ['HS256', 16],
    ['HS256', 31],
    ['HS384', 47],
    ['HS512', 63],
  ] as const)('%s with %i bytes is refused', (alg, length) => {
    const secret = Buffer.alloc(length).map((_, index) => index + 1);
    expect(() => importKey(secret, { alg })).toThrow(code('key_too_weak'));
    if (length > 0) expect(() => importKey({ kty: 'oct', k: encode(secret) }, { alg })).toThrow(code('key_too_weak'));
  });

  it('a byte repeated is refused whatever its length', () => {
    expect(() => importKey(Buffer.alloc(64), { alg: 'HS256' })).toThrow(code('key_too_weak'));
    expect(() => importKey(Buffer.alloc(64, 'a'), { alg: 'HS256' })).toThrow(code('key_too_weak'));
  });

  it.each([
    ['a tutorial secret', 'your-256-bit-secret-your-256-bit-secret', 'secret-known'],
    ['a word repeated', 'secretsecretsecretsecretsecretsecret', 'secret-known'],
    ['digits', '12345678901234567890123456789012', 'secret-weak'],
    ['a sentence', 'this is my very long passphrase', 'secret-weak'],
  ])('lint names %s', (_name, text, rule) => {
    expect(lintKey(Buffer.from(text)).map((finding) => finding.rule)).toContain(rule);
  });

  it('lint has nothing against random secrets', () => {
    for (let round = 0; round < 200; round++) {
      const rules = lintKey(generateKey('HS256')).map((finding) => finding.rule);
      expect(rules.filter((rule) => rule.startsWith('secret-'))).toEqual([]);
    }
  });
});

const rsa = generateKey('RS256', { kid: 'r' });
const ec = generateKey('ES256', { kid: 'e' });
const rsaJwk = exportJwk(rsa) as JwkLike;

describe('T9: RSA keys', () => {
  it.each([512, 1_024, 2_040])('%i bits are too few', (modulusLength) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    expect(() => importKey(publicKey.export({ format: 'jwk' }) as JwkLike, { alg: 'RS256' })).toThrow(
      code('key_too_weak'),
    );
    expect(() => importKey(publicKey.export({ format: 'pem', type: 'spki' }), { alg: 'PS256' })).toThrow(
      code('key_too_weak'),
    );
  });

  it.each([
    ['e = 1', 'AQ', 'key_too_weak'],
    ['e even', 'AQAA', 'key_too_weak'],
    ['e = 2', 'Ag', 'key_too_weak'],
    ['e of 9 bytes', encode(Buffer.from('010000000000000001', 'hex')), 'key_malformed'],
    ['e with leading zeros', 'AAEAAQ', 'key_malformed'],
    ['e empty', '', 'key_malformed'],
  ])('%s', (_name, e, expected) => {
    expect(() => importKey({ ...rsaJwk, e }, { alg: 'RS256' })).toThrow(code(expected));
  });

  it('an even modulus, or one with a small factor', () => {
    const n = Buffer.from(rsaJwk['n'] as string, 'base64url');
    const even = Buffer.from(n);
    even[even.length - 1]! &= 0xfe;
    expect(() => importKey({ ...rsaJwk, n: encode(even) }, { alg: 'RS256' })).toThrow(code('key_too_weak'));
  });

  it('a modulus of the flawed generator (ROCA, CVE-2017-15361)', () => {
    // A product of two numbers of the form k * M + 65537^a mod M: what that generator makes, without being prime.
    const M = [
      2n,
      3n,
      5n,
      7n,
      11n,
      13n,
      17n,
      19n,
      23n,
      29n,
      31n,
      37n,
      41n,
      43n,
      47n,
      53n,
      59n,
      61n,
      67n,
      71n,
      73n,
      79n,
      83n,
      89n,
      97n,
      101n,
      103n,
      107n,
      109n,
      113n,
      127n,
      131n,
      137n,
      139n,
      149n,
      151n,
      157n,
      163n,
      167n,
    ].reduce((a, b) => a * b);
    const power = (exponent: number): bigint =>
      Array.from({ length: exponent }).reduce<bigint>((value) => (value * 65_537n) % M, 1n);
    const factor = (k: bigint, a: number): bigint => ((3n << 1_022n) / M + k) * M + power(a);
    const n = factor(12_345n, 77) * factor(67_891n, 1_234);
    const hex = n.toString(16);
    const jwk = { ...rsaJwk, n: encode(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')) };
    expect(() => importKey(jwk, { alg: 'RS256' })).toThrow(
      expect.objectContaining({ code: 'key_too_weak', member: 'n' }),
    );
  });

  it('a key larger than 8,192 bits', () => {
    const n = encode(Buffer.concat([Buffer.from([0xff]), Buffer.alloc(1_100, 0xa5)]));
    expect(() => importKey({ ...rsaJwk, n }, { alg: 'RS256' })).toThrow(code('key_malformed'));
  });

  it('private halves that do not belong to the public half', () => {
    const other = exportPrivateJwk(generateKey('RS256'));
    const mine = exportPrivateJwk(rsa);
    expect(() => importKey({ ...mine, n: other['n'] }, { alg: 'RS256' })).toThrow(code('key_malformed'));
    const ecMine = exportPrivateJwk(ec);
    const ecOther = exportPrivateJwk(generateKey('ES256'));
    expect(() => importKey({ ...ecMine, x: ecOther['x'], y: ecOther['y'] }, { alg: 'ES256' })).toThrow(
      code('key_malformed'),
    );
    const edMine = exportPrivateJwk(generateKey('Ed25519'));
    const edOther = exportPrivateJwk(generateKey('Ed25519'));
    expect(() => importKey({ ...edMine, kid: 'x', x: edOther['x'] }, { alg: 'Ed25519' })).toThrow(
      code('key_malformed'),
    );
  });
});

describe('T9: other keys', () => {
  it('a point that is not on its curve', () => {
    const jwk = exportJwk(ec) as JwkLike;
    const y = Buffer.from(jwk['y'] as string, 'base64url');
    y[31]! ^= 1;
    expect(() => importKey({ ...jwk, y: encode(y) }, { alg: 'ES256' })).toThrow(code('key_malformed'));
    expect(() =>
      importKey({ ...jwk, x: encode(Buffer.alloc(32)), y: encode(Buffer.alloc(32)) }, { alg: 'ES256' }),
    ).toThrow(code('key_malformed'));
  });

  it.each([
    ['use: enc', { use: 'enc' }, 'key_use_forbidden'],
    ['key_ops without verify', { key_ops: ['encrypt'] }, 'key_use_forbidden'],
    ['key_ops of a private key', { key_ops: ['sign'] }, 'key_use_forbidden'],
    ['key_ops repeated', { key_ops: ['verify', 'verify'] }, 'key_malformed'],
    ['key_ops no array', { key_ops: 'verify' }, 'key_malformed'],
    ['another alg', { alg: 'ES384' }, 'key_algorithm_mismatch'],
    ['another curve', { crv: 'P-384' }, 'key_algorithm_mismatch'],
    ['a coordinate too short', { x: 'AAAA' }, 'key_malformed'],
    ['padding', { x: `${(exportJwk(ec) as unknown as { x: string }).x}=` }, 'key_malformed'],
    ['a hostile kid', { kid: { toString: 'x' } }, 'key_malformed'],
  ])('%s', (_name, change, expected) => {
    expect(() => importKey({ ...exportJwk(ec), ...change }, { alg: 'ES256' })).toThrow(code(expected));
  });

  it('PEM: junk before or after, two blocks, encrypted, wrong label, an RSA-PSS key', () => {
    const pem = exportPublicPem(ec);
    for (const text of [` ${pem}`, `x${pem}`, `${pem}x`, pem + pem, pem.replaceAll('PUBLIC', 'RSA PUBLIC'), '']) {
      expect(() => importKey(text, { alg: 'ES256' })).toThrow(code('key_malformed'));
    }
    const encrypted = createPrivateKey(exportPrivatePem(ec)).export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect(() => importKey(encrypted, { alg: 'ES256' })).toThrow(code('key_encrypted'));
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }).publicKey;
    expect(() => importKey(pss, { alg: 'PS256' })).toThrow(code('key_algorithm_mismatch'));
  });

  it('a key of another type for each algorithm', () => {
    const mismatched: readonly [Algorithm, string][] = [
      ['ES256', exportPublicPem(rsa)],
      ['RS256', exportPublicPem(ec)],
      ['ES384', exportPublicPem(ec)],
      ['Ed25519', exportPublicPem(generateKey('Ed448'))],
      ['ML-DSA-44', exportPublicPem(generateKey('ML-DSA-65'))],
    ];
    for (const [alg, pem] of mismatched) expect(() => importKey(pem, { alg })).toThrow(code('key_algorithm_mismatch'));
  });
});

describe('T9: key sets', () => {
  const jwk = exportJwk(ec) as JwkLike;
  const other = exportJwk(generateKey('ES256')) as JwkLike;

  it('keeps the good and reports the bad', () => {
    const { keys, rejected } = parseJwks({
      keys: [
        jwk,
        { kty: 'oct', k: encode(Buffer.alloc(32, 'k')) },
        exportPrivateJwk(rsa),
        null,
        { kty: 'RSA', alg: 'RS256', n: 'AQAB', e: 'AQAB' },
        other,
      ],
    });
    expect(keys.map((key) => key.kid)).toEqual([jwk['kid'], other['kid']]);
    expect(rejected.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'key_not_public'],
      [2, 'key_not_public'],
      [3, 'key_malformed'],
      [4, 'key_too_weak'],
    ]);
  });

  it('two different keys of one id: neither; the same key twice: once', () => {
    const clash = parseJwks({ keys: [jwk, { ...other, kid: jwk['kid'] }] });
    expect(clash.keys).toEqual([]);
    expect(clash.rejected.map(({ error }) => error.code)).toEqual(['key_duplicate_id', 'key_duplicate_id']);
    const twice = parseJwks({ keys: [jwk, jwk] });
    expect([twice.keys.length, twice.rejected.length]).toEqual([1, 1]);
  });

  it.each([null, [], {}, { keys: {} }, { keys: 'x' }, 'x', { keys: Array.from({ length: 101 }, () => jwk) }])(
    'no key set: %#',
    (value) => {
      expect(() => parseJwks(value)).toThrow(code('jwks_malformed'));
    },
  );
});

describe('T9: what errors show', () => {
  it('no message of a failed import quotes the key', () => {
    const secret = exportPrivateJwk(ec)['d'] as string;
    try {
      importKey({ ...exportPrivateJwk(ec), x: 'AAAA' }, { alg: 'ES256' });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error) + String(error) + String((error as Error).stack)).not.toContain(secret);
    }
  });
});
