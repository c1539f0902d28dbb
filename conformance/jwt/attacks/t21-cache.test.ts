/** ATTACKS.md T21: the cache of tokens. */
import { describe, expect, it } from 'vitest';
import { createVerifier, generateKey, JwtError, type KeyResolver, type Verifier } from '@sealgate/jwt';
import { AUDIENCE, claims, encode, forge, header, ISSUER, NOW, signingKey, verificationKey } from './forge.ts';

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
