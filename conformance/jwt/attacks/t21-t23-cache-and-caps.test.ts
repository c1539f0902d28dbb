/** ATTACKS.md T21 to T23: the cache, resource exhaustion, and what refusals give away. */
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
  type KeyResolver,
  type Verifier,
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

function cached(start = NOW): { clock: { now: number }; verifier: Verifier } {
  const clock = { now: start };
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: verificationKey,
    algorithms: ['ES256'],
    now: () => clock.now,
    cache: true,
  });
  return { clock, verifier };
}

describe('T21: the verified-token cache', () => {
  const token = forge(header, claims);

  it('serves a token from its third time on, and not one that differs in any one character', () => {
    const { verifier } = cached();
    expect(verifier.check(token)).toMatchObject({ ok: true, cached: false });
    expect(verifier.cache.size).toBe(0);
    expect(verifier.check(token)).toMatchObject({ ok: true, cached: false });
    expect(verifier.check(token)).toMatchObject({ ok: true, cached: true });
    for (let index = 0; index < token.length; index++) {
      const other = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      const outcome = verifier.check(other) as { ok: boolean };
      expect(outcome.ok).toBe(false);
    }
    expect(verifier.check(token)).toMatchObject({ ok: true, cached: true });
  });

  it('refuses a cached token at its end, before its start, and by a broken clock', () => {
    const { verifier, clock } = cached();
    for (let time = 0; time < 2; time++) verifier.check(token);
    expect(verifier.cache.size).toBe(1);
    for (const [now, code] of [
      [claims.exp, 'token_expired'],
      [NOW - 1, 'token_issued_in_future'],
      [Number.NaN, 'clock_invalid'],
    ] as const) {
      clock.now = now;
      expect(verifier.check(token)).toMatchObject({ ok: false, error: { code } });
    }
    clock.now = NOW;
    expect(verifier.check(token)).toMatchObject({ ok: true });
  });

  it('forgets a token with its key', async () => {
    let current = true;
    const keys: KeyResolver = { find: () => (current ? verificationKey : undefined), isCurrent: () => current };
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys,
      algorithms: ['ES256'],
      now: () => NOW,
      cache: true,
    });
    for (const wasKept of [false, false, true])
      expect(await verifier.check(token)).toMatchObject({ ok: true, cached: wasKept });
    current = false;
    expect(await verifier.check(token)).toMatchObject({ ok: false, error: { code: 'key_unknown' } });
    expect(verifier.cache.size).toBe(0);
    current = true;
    expect(await verifier.check(token)).toMatchObject({ ok: true, cached: false });
  });

  it('claims cannot be changed by one request for the next', () => {
    const { verifier } = cached();
    const deep = forge(header, { ...claims, roles: ['reader'], org: { plan: { name: 'free' } } });
    for (let round = 0; round < 4; round++) {
      const outcome = verifier.check(deep) as unknown as {
        ok: true;
        claims: { roles: string[]; org: { plan: { name: string } }; sub: string };
      };
      expect(outcome).toMatchObject({ ok: true });
      expect(() => outcome.claims.roles.push('admin')).toThrow(TypeError);
      expect(() => (outcome.claims.sub = 'root')).toThrow(TypeError);
      expect(() => (outcome.claims.org.plan.name = 'enterprise')).toThrow(TypeError);
      expect(() => Object.defineProperty(outcome.claims, 'admin', { value: true })).toThrow(TypeError);
      expect(() => ((outcome as { issuer?: string }).issuer = 'x')).toThrow(TypeError);
    }
  });

  it('caches no refusal that could ever become wrong: only that the form is wrong, or that a key found the signature wrong', () => {
    const { verifier } = cached();
    const threeTimes = (refused: string, code: string): void => {
      for (let time = 0; time < 3; time++)
        expect(verifier.check(refused)).toMatchObject({ ok: false, error: { code } });
    };
    threeTimes(forge(header, { ...claims, aud: 'other' }), 'audience_mismatch');
    threeTimes(forge(header, { ...claims, exp: NOW - 1 }), 'token_expired');
    threeTimes('x'.repeat(1_000_000), 'token_too_large');
    threeTimes(`${token.slice(0, -1)}Ā`, 'base64url_invalid');
    expect(verifier.cache.size).toBe(0);
    const forged = forge(header, claims, generateKey('ES256'));
    threeTimes(forged, 'signature_invalid');
    expect(verifier.cache.size).toBe(1);
    threeTimes(`${token}=`, 'base64url_invalid');
    expect(verifier.cache.size).toBe(2);
    const errors = [1, 2]
      .map(() => verifier.check(`${token}=`))
      .map((outcome) => (outcome.ok ? undefined : outcome.error));
    expect(errors[0]).toMatchObject({ part: 'signature', offset: 86, message: errors[1]?.message });
    expect(errors[0]).not.toBe(errors[1]);
    const successor = generateKey('ES256', { kid: signingKey.kid ?? '' });
    let key = signingKey;
    const resolver = { find: () => key, isCurrent: (each: typeof key) => each === key };
    const swapping = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: resolver,
      algorithms: ['ES256'],
      now: () => NOW,
      cache: true,
    });
    const signed = forge(header, claims, successor);
    const thrice = (ok: boolean): void => {
      for (let time = 0; time < 3; time++) expect(swapping.check(signed)).toMatchObject({ ok });
    };
    thrice(false);
    key = successor;
    thrice(true);
    key = signingKey;
    thrice(false);
  });

  it('looks the key of a forged token up once each time, also when it is gone and cannot be fetched', async () => {
    const forged = forge(header, claims, generateKey('ES256'));
    let found: () => ReturnType<KeyResolver['find']> = () => signingKey;
    let lookups = 0;
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: { find: () => (lookups++, found()), isCurrent: () => true },
      algorithms: ['ES256'],
      now: () => NOW,
      cache: true,
    });
    const wrong = 'signature_invalid';
    for (const code of [wrong, wrong, wrong, 'keys_unavailable', 'key_unknown']) {
      if (code === 'keys_unavailable') found = () => Promise.reject(new JwtError('keys_unavailable'));
      if (code === 'key_unknown') found = () => undefined;
      expect(await verifier.check(forged)).toMatchObject({ ok: false, error: { code } });
    }
    expect(lookups).toBe(5);
  });

  it('is bounded in bytes, and drops the longest unused first', () => {
    const clock = NOW;
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: signingKey,
      algorithms: ['ES256'],
      now: () => clock,
      cache: { maxBytes: 50_000 },
    });
    const hot = forge(header, claims);
    for (let time = 0; time < 2; time++) verifier.check(hot);
    for (let index = 0; index < 200; index++) {
      const other = forge(header, { ...claims, jti: String(index) });
      for (let time = 0; time < 2; time++) verifier.check(other);
      expect(verifier.cache.bytes).toBeLessThanOrEqual(50_000);
      expect(verifier.check(hot)).toMatchObject({ cached: true });
    }
    expect(verifier.cache.size).toBeGreaterThan(10);
    verifier.cache.clear();
    expect([verifier.cache.size, verifier.cache.bytes]).toEqual([0, 0]);
  });

  it('holds on to what is in use while a flood of tokens passes that come once', () => {
    const { verifier } = cached();
    const hot = Array.from({ length: 20 }, (_, index) => forge(header, { ...claims, sub: `user-${index}` }));
    for (let time = 0; time < 2; time++) for (const one of hot) verifier.check(one);
    const held = verifier.cache.size;
    expect(held).toBeGreaterThanOrEqual(hot.length);
    for (let index = 0; index < 2_000; index++) verifier.check(forge(header, { ...claims, jti: String(index) }));
    // A newcomer in twenty at most is taken for one that was met before.
    expect(verifier.cache.size - held).toBeLessThan(100);
    for (const one of hot) expect(verifier.check(one)).toMatchObject({ cached: true });
  });

  it('a resolver that verifies another token meanwhile mixes nothing up', async () => {
    const other = forge(header, { ...claims, sub: 'mallory' });
    const inner = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: verificationKey,
      algorithms: ['ES256'],
      now: () => NOW,
    });
    const keys: KeyResolver = {
      find: () => {
        inner.check(other);
        return verificationKey;
      },
      isCurrent: () => true,
    };
    const outer = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, algorithms: ['ES256'], now: () => NOW });
    const forged = `${encode(JSON.stringify(header))}.${encode(JSON.stringify({ ...claims, sub: 'root' }))}.${other.split('.')[2]}`;
    expect(await outer.check(forged)).toMatchObject({ ok: false, error: { code: 'signature_invalid' } });
    expect(await outer.check(token)).toMatchObject({ ok: true, claims: { sub: 'alice' } });
  });
});

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
