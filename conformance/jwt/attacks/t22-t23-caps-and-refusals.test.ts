/** ATTACKS.md T22 and T23: resource exhaustion, and what refusals give away. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createVerifier,
  exportJwk,
  exportPrivateJwk,
  exportSecret,
  generateKey,
  importKey,
  JwtError,
  publicKey,
  signJwt,
  verifyJws,
} from '@sealgate/jwt';
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
  verificationKey,
} from './forge.ts';

describe('T22: size and shape', () => {
  const spent = (work: () => unknown): number => {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  };
  const nest = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  it.each([
    ['1 MB', 'A'.repeat(1_000_000), 'token_too_large'],
    ['10^6 dots', '.'.repeat(1_000_000), 'token_too_large'],
    ['16,000 dots', '.'.repeat(16_000), 'token_malformed'],
    ['nesting 5,000 deep', forge(header, `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`), 'json_too_complex'],
    ['nesting 33 deep', forge(header, nest(33)), 'json_too_complex'],
    [
      '1,200 members',
      forge(header, `{${Array.from({ length: 1_200 }, (_, index) => `"${index.toString(36)}":1`).join(',')}}`),
      'json_too_complex',
    ],
    ['a number of 10,000 digits', forge(header, `{"a":${'9'.repeat(10_000)}}`), 'json_invalid'],
    ['unclosed brackets', forge(header, '['.repeat(10_000)), 'json_too_complex'],
    ['a string that never ends', forge(header, `{"${'a'.repeat(10_000)}`), 'json_invalid'],
  ])('%s is refused, in less than 20 ms of CPU', (_name, token, code) => {
    expect(check(token)).toBe(code);
    expect(Math.min(...Array.from({ length: 5 }, () => spent(() => check(token))))).toBeLessThan(20);
  });

  it('32 levels and a token of 16,384 characters are within bounds', () => {
    expect(check(forge(header, { ...claims, deep: JSON.parse(nest(31)) as unknown }))).toBe('accepted');
    const room = 16_384 - forge(header, { ...claims, pad: '' }).length;
    expect(check(forge(header, { ...claims, pad: 'x'.repeat(Math.floor((room * 3) / 4) - 2) }))).toBe('accepted');
  });

  it('limits are the caller’s to lower or raise, and nothing else is', () => {
    const options = {
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: verificationKey,
      algorithms: ['ES256'] as const,
      now: () => NOW,
    };
    const token = forge(header, { ...claims, pad: 'x'.repeat(20_000) });
    expect(verdict(createVerifier({ ...options, limits: { tokenChars: 65_536 } }).check(token))).toBe('accepted');
    expect(verdict(createVerifier({ ...options, limits: { tokenChars: 100 } }).check(forge(header, claims)))).toBe(
      'token_too_large',
    );
    for (const limits of [{ tokenChars: 0 }, { jsonDepth: Number.NaN }, { jsonMembers: 1.5 }, { other: 1 }]) {
      expect(() => createVerifier({ ...options, limits })).toThrow(TypeError);
    }
  });

  it('a member named __proto__ is refused at any depth; constructor and its like are plain data', () => {
    for (const payload of [`{"__proto__":{"admin":true}}`, `{"a":{"__proto__":1}}`, `{"a":[{"\\u005f_proto__":1}]}`]) {
      expect(check(forge(header, payload))).toBe('json_invalid');
    }
    expect(check(forge('{"alg":"ES256","kid":"k1","__proto__":{"typ":"x"}}', claims))).toBe('json_invalid');
    expect(
      check(forge(header, { ...claims, constructor: { prototype: { admin: true } }, toString: 1, hasOwnProperty: 1 })),
    ).toBe('accepted');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('inherited names satisfy no requirement', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const strict = createVerifier({
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: verificationKey,
        algorithms: ['ES256'],
        now: () => NOW,
        requiredClaims: [name],
      });
      expect(verdict(strict.check(forge(header, claims)))).toBe('claim_missing');
    }
  });

  it.each([undefined, null, 1, {}, [], () => '', Symbol('x'), 10n, Buffer.from('a.b.c'), new Proxy({}, {})])(
    'what is no string is refused: %#',
    (value) => {
      expect(check(value)).toBe('token_malformed');
    },
  );
});

describe('T23: what refusals give away', () => {
  it('every fault of a signature has one answer', () => {
    const token = forge(header, claims);
    const input = token.slice(0, token.lastIndexOf('.') + 1);
    const good = Buffer.from(token.slice(input.length), 'base64url');
    const flipped = Buffer.from(good);
    flipped[5]! ^= 1;
    const answers = [flipped, good.subarray(1), Buffer.alloc(64), Buffer.alloc(1), Buffer.alloc(500)].map(
      (signature) => {
        try {
          verifyJws(input + encode(signature), verificationKey);
          return 'accepted';
        } catch (error) {
          return JSON.stringify({ ...(error as object), message: (error as Error).message });
        }
      },
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('signature_invalid');
  });

  it('an HMAC tag of another length is refused without an exception of its own', () => {
    const secret = generateKey('HS256', { kid: 'h' });
    const token = forge({ alg: 'HS256', kid: 'h' }, claims, secret);
    for (const cut of [1, 2, 30]) {
      const short = encode(Buffer.from(token.split('.')[2]!, 'base64url').subarray(0, cut));
      expect(() => verifyJws([...token.split('.').slice(0, 2), short].join('.'), secret)).toThrow(
        expect.objectContaining({ code: 'signature_invalid' }),
      );
    }
  });

  it('no error and no printed key holds a canary: token, claim, header value or key material', () => {
    const canary = 'CANARY7f3a';
    const secret = generateKey('HS256', { kid: 'h' });
    const faults: unknown[] = [];
    const note = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        faults.push(error);
      }
    };
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: signingKey,
      algorithms: ['ES256'],
      now: () => NOW,
    });
    const payloads = [
      { ...claims, iss: canary },
      { ...claims, aud: canary },
      { ...claims, exp: canary },
      { ...claims, sub: [canary] },
      `{"${canary}":1,"${canary}":2}`,
      `{"${canary}":"\\ud800"}`,
      `{"a":${canary}}`,
      canary,
      JSON.stringify(canary),
    ];
    for (const payload of payloads) note(() => verifier.verify(forge(header, payload)));
    for (const bad of [
      { alg: canary },
      { ...header, kid: canary },
      { ...header, kid: `${canary} ` },
      { ...header, typ: canary },
      { ...header, crit: [canary] },
    ]) {
      note(() => verifier.verify(forge(bad, claims)));
    }
    for (const text of [canary, `${canary}.${canary}.${canary}`, `${canary}.a.b.c.d`, `a.${canary}=.b`])
      note(() => verifier.verify(text));
    for (const jwk of [
      { ...exportJwk(signingKey), alg: canary },
      { ...exportJwk(signingKey), kid: ` ${canary}` },
      { kty: canary },
      { kty: 'EC', crv: canary },
    ]) {
      note(() => importKey(jwk, { alg: 'ES256' }));
    }
    note(() => importKey(`-----BEGIN ${canary}-----\nAAAA\n-----END ${canary}-----`, { alg: 'ES256' }));
    expect(faults.length).toBe(23);
    for (const fault of faults) {
      expect(fault).toBeInstanceOf(JwtError);
      expect(inspect(fault, { depth: 10, showHidden: true }) + JSON.stringify(fault)).not.toContain(canary);
    }
    const printed = [secret, signingKey, publicKey(signingKey)]
      .map((key) => inspect(key, { depth: 10, showHidden: true }) + JSON.stringify(key))
      .join();
    expect(printed).not.toContain(Buffer.from(exportSecret(secret)).toString('base64url'));
    expect(printed).not.toContain(exportPrivateJwk(signingKey)['d']);
    expect(() => signJwt({ exp: canary }, { key: signingKey })).toThrow(TypeError);
  });
});
