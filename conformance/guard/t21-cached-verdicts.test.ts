/** T21: a cached token is judged as if it were seen for the first time, whatever happened since. */
import { compilePolicy, decide, type TrustedIssuers, type Verdict } from '@sealgate/guard';
import { generateKey, type Key } from '@sealgate/jwt';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './trusted-world.ts';

const KEYS: readonly Key[] = ['k1', 'k2', 'k3'].map((kid) => generateKey('ES256', { kid }));

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('ask' as const), token: fc.nat(7) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 299, 300, 301, 600) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clock back' as const), seconds: fc.constantFrom(1, 400) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove key' as const), key: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('add key' as const), key: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose issuer' as const), lost: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('go stale' as const), stale: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('revoke' as const),
        what: fc.constantFrom(
          ...['0', '1', '2', '3'].map((idx) => ['token', `1:${idx}`] as const),
          ['session', 's0'] as const,
          ['subject', 'u1'] as const,
          ['client', 'c2'] as const,
          ['key', 'k1'] as const,
        ),
      }),
    },
  ),
  { maxLength: 60 },
);

const outcome = (verdict: Verdict): unknown =>
  verdict.allow
    ? { allow: true, subject: verdict.principal?.subject, scopes: verdict.principal?.scopes }
    : { status: verdict.status, code: verdict.code };

describe('T21: cached verdicts', () => {
  it('equal those without a cache, under any order of time, key changes, staleness and revocations', async () => {
    const policy = compilePolicy({ scopes: ['read'] });
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const world = new World();
        const cached = world.trust(true);
        const uncached = world.trust(false);
        for (const key of KEYS) world.keys.add(key);
        const tokens = Array.from({ length: 8 }, (_, n) =>
          world.token(KEYS[n % 3] ?? generateKey('ES256'), {
            sid: `s${n % 2}`,
            sub: `u${n % 3}`,
            client_id: `c${n % 4}`,
            scope: n === 7 ? 'write' : 'read',
            exp: world.now + 300 * (1 + (n % 2)),
            status: { status_list: { idx: n, uri: 'https://id.test/v1/status-lists/1' } },
          }),
        );
        const ask = async (trust: TrustedIssuers, n: number): Promise<unknown> =>
          outcome(
            await decide(
              { method: 'GET', path: '/', authorization: [`Bearer ${tokens[n]}`], nowSeconds: world.now },
              policy,
              trust,
            ),
          );
        for (const step of script) {
          if (step.do === 'ask') expect(await ask(cached, step.token)).toEqual(await ask(uncached, step.token));
          if (step.do === 'wait') world.now += step.seconds;
          if (step.do === 'clock back') world.now -= step.seconds;
          if (step.do === 'remove key') world.keys.remove(`k${step.key + 1}`);
          if (step.do === 'add key') world.keys.add(KEYS[step.key] ?? generateKey('ES256'));
          if (step.do === 'lose issuer') world.keys.reachable = !step.lost;
          if (step.do === 'go stale') world.fresh = !step.stale;
          if (step.do === 'revoke') world.revoke(step.what[0], step.what[1]);
        }
        for (const n of tokens.keys()) expect(await ask(cached, n)).toEqual(await ask(uncached, n));
      }),
      { numRuns: 150 },
    );
  });

  it('tell apart two tokens that differ in one character anywhere', async () => {
    const world = new World();
    const trust = world.trust(true);
    const [key] = KEYS;
    if (key === undefined) throw new TypeError('no key');
    world.keys.add(key);
    const token = world.token(key);
    const ask = (text: string): Verdict | Promise<Verdict> =>
      decide(
        { method: 'GET', path: '/', authorization: [`Bearer ${text}`], nowSeconds: world.now },
        compilePolicy({}),
        trust,
      );
    expect(await ask(token)).toMatchObject({ allow: true });
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(await ask(token.slice(0, at) + other + token.slice(at + 1))).toMatchObject({ allow: false });
    }
    expect(await ask(token)).toMatchObject({ allow: true });
  });

  it('give claims that no request can change for the next', async () => {
    const world = new World();
    const trust = world.trust(true);
    const [key] = KEYS;
    if (key === undefined) throw new TypeError('no key');
    world.keys.add(key);
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${world.token(key)}`], nowSeconds: world.now };
    const verdict = await decide(facts, compilePolicy({}), trust);
    const principal = verdict.allow ? verdict.principal : undefined;
    if (principal === undefined) throw new TypeError('refused');
    expect(() => Object.assign(principal, { subject: 'mallory' })).toThrow(TypeError);
    expect(() => Object.assign(principal.claims, { sub: 'mallory' })).toThrow(TypeError);
    expect(() => Reflect.apply(Array.prototype.push, principal.scopes, ['admin'])).toThrow(TypeError);
    expect(() => Object.assign(Object(principal.claims['status']), { status_list: {} })).toThrow(TypeError);
    expect(await decide(facts, compilePolicy({}), trust)).toMatchObject({
      allow: true,
      principal: { subject: 'alice' },
    });
  });
});
