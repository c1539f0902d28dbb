/** ATTACKS.md T5 to T7 and T20: forged signatures, keys in headers, hostile key ids, malleability. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVerifier, exportJwk, generateKey, publicKey, type Algorithm } from '@sealgate/jwt';
import {
  AUDIENCE,
  check,
  claims,
  encode,
  forge,
  header,
  ISSUER,
  NOW,
  signingKey,
  verdict,
  verifierFor,
} from './forge.ts';

const ORDER: Readonly<Record<string, { size: number; n: bigint }>> = {
  ES256: { size: 32, n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
  ES384: {
    size: 48,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  ES256K: { size: 32, n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n },
};

function bytes(value: bigint, size: number): Buffer {
  return Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
}

describe.each(Object.keys(ORDER))('T5: %s signatures', (name) => {
  const alg = name as Algorithm;
  const { size, n } = ORDER[name]!;
  const key = generateKey(alg, { kid: 'k1' });
  const target = verifierFor(publicKey(key), [alg]);
  const token = forge({ alg, kid: 'k1' }, claims, key);
  const input = token.slice(0, token.lastIndexOf('.'));
  const good = Buffer.from(token.slice(input.length + 1), 'base64url');
  const r = good.subarray(0, size);
  const s = good.subarray(size);
  const big = (part: Uint8Array): bigint => BigInt(`0x${Buffer.from(part).toString('hex')}`);

  const derInteger = (part: Uint8Array): Buffer => {
    const body = part[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), part]) : Buffer.from(part);
    return Buffer.concat([Buffer.from([2, body.length]), body]);
  };
  const derBody = Buffer.concat([derInteger(r), derInteger(s)]);

  const forgeries: readonly [string, Uint8Array][] = [
    ['(0, 0)', Buffer.alloc(size * 2)],
    ['r = 0', Buffer.concat([Buffer.alloc(size), s])],
    ['s = 0', Buffer.concat([r, Buffer.alloc(size)])],
    ['(n, n)', Buffer.concat([bytes(n, size), bytes(n, size)])],
    ['r = n', Buffer.concat([bytes(n, size), s])],
    ['s = n', Buffer.concat([r, bytes(n, size)])],
    ['(1, 1)', Buffer.concat([bytes(1n, size), bytes(1n, size)])],
    ['all ones', Buffer.alloc(size * 2, 0xff)],
    ['n - r', Buffer.concat([bytes(n - big(r), size), s])],
    ['DER', Buffer.concat([Buffer.from([0x30, derBody.length]), derBody])],
    ['one byte short', good.subarray(0, -1)],
    ['one byte long', Buffer.concat([good, Buffer.alloc(1)])],
    ['empty halves swapped', Buffer.concat([s, r])],
    ['r alone', r],
  ];

  it('the proper signature is accepted', () => {
    expect(verdict(target.check(token))).toBe('accepted');
  });

  it.each(forgeries)('%s is refused', (_name, signature) => {
    expect(verdict(target.check(`${input}.${encode(signature)}`))).toBe('signature_invalid');
  });
});

describe('T5: signatures of other curves and schemes', () => {
  it.each(['ES256K', 'ES384', 'ES512', 'Ed25519', 'RS256', 'HS256', 'ML-DSA-44'] as Algorithm[])(
    '%s under an ES256 header is refused',
    (alg) => {
      expect(check(forge(header, claims, generateKey(alg)))).toBe('signature_invalid');
    },
  );
});

describe('T20: malleability', () => {
  it('the high-S twin of a signature is the same token to every rule but its bytes: deny-lists go by issuer and jti', () => {
    const token = forge(header, { ...claims, jti: 'j1' });
    const input = token.slice(0, token.lastIndexOf('.'));
    const good = Buffer.from(token.slice(input.length + 1), 'base64url');
    const { n } = ORDER['ES256']!;
    const twin = Buffer.concat([good.subarray(0, 32), bytes(n - BigInt(`0x${good.subarray(32).toString('hex')}`), 32)]);
    const cached = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: signingKey,
      algorithms: ['ES256'],
      now: () => NOW,
      cache: true,
    });
    const first = cached.check(token);
    const second = cached.check(`${input}.${encode(twin)}`);
    // ECDSA has two signatures for each message. Both verify; what names the token is inside it.
    expect(first).toMatchObject({ ok: true, claims: { iss: ISSUER, jti: 'j1' }, cached: false });
    expect(second).toMatchObject({ ok: true, claims: { iss: ISSUER, jti: 'j1' }, cached: false });
  });

  it('unused trailing bits of the signature are refused: one byte string has one spelling', () => {
    const key = generateKey('ES256', { kid: 'k1' });
    const token = forge(header, claims, key);
    const last = token.at(-1)!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = token.slice(0, -1) + alphabet[alphabet.indexOf(last) ^ 1]!;
    expect(Buffer.from(twin.split('.')[2]!, 'base64url')).toEqual(Buffer.from(token.split('.')[2]!, 'base64url'));
    expect(verdict(verifierFor(publicKey(key), ['ES256']).check(twin))).toBe('base64url_invalid');
  });
});

describe('T6: keys in the header', () => {
  const attacker = generateKey('ES256', { kid: 'k1' });
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['jwk', { jwk: exportJwk(attacker) }],
    ['jku', { jku: 'https://attacker.example/jwks.json' }],
    ['x5u', { x5u: 'https://attacker.example/cert.pem' }],
    ['x5c', { x5c: ['MIIB'] }],
    ['all of them', { jwk: exportJwk(attacker), jku: 'http://169.254.169.254/', x5u: 'file:///etc/passwd', x5c: [] }],
  ])('%s is never used and never fetched', (_name, extra) => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network here'));
    expect(check(forge({ ...header, ...extra }, claims, attacker))).toBe('signature_invalid');
    expect(check(forge({ ...header, ...extra }, claims))).toBe('accepted');
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe('T7: key ids', () => {
  it.each([
    ['an object', { toString: 'k1' }],
    ['an array', ['k1']],
    ['a number', 1],
    ['null', null],
    ['empty', ''],
    ['10 KB', 'k'.repeat(10_000)],
    ['SQL', "k1' OR '1'='1"],
    ['shell', 'k1; rm -rf /'],
    ['a line break', 'k1\nk2'],
    ['beyond ASCII', 'ключ'],
  ])('%s is malformed', (_name, kid) => {
    expect(check(forge({ alg: 'ES256', kid }, claims))).toBe('header_invalid');
  });

  it.each([
    '../../../../etc/passwd',
    '/dev/null',
    'file:///etc/passwd',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ])('%s is looked up in a map and not found', (kid) => {
    expect(check(forge({ alg: 'ES256', kid }, claims))).toBe('key_unknown');
  });
});
