/**
 * The guard and the issuer, over the wire: from the moment the issuer has answered a logout, no guard lets the session through
 * (DESIGN.md sections 1 and 3); G12: a stream that is open then is told at once.
 */
import { createGuard, type Guard, type GuardOptions, type TrustEvent } from '@sealgate/guard';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, CREDENTIAL, startRealIssuer, type RealIssuer } from './real-issuer.ts';

let issuer: RealIssuer;
let guards: Guard[];
let listeners: ((event: TrustEvent) => void)[];

const next = (type: TrustEvent['type']): Promise<void> =>
  new Promise((resolve) => {
    listeners.push((event) => {
      if (event.type === type) resolve();
    });
  });

const startGuard = async (options: Partial<GuardOptions> = {}): Promise<Guard> => {
  const guard = createGuard({
    url: issuer.url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    client: CREDENTIAL,
    revocation: { feed: 'push' },
    observe(event) {
      for (const listener of listeners) listener(event);
    },
    ...options,
  });
  guards.push(guard);
  await guard.ready;
  return guard;
};

const ask = async (guard: Guard, token: string): Promise<string> => {
  const facts = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds: guard.now() };
  const verdict = await guard.check(facts, guard.compile({ scopes: ['orders:read'] }));
  return verdict.allow ? 'allowed' : verdict.code;
};

beforeEach(async () => {
  guards = [];
  listeners = [];
  issuer = await startRealIssuer();
});

afterEach(async () => {
  await Promise.all(guards.map((guard) => guard.close()));
  await issuer.destroy();
});

describe('a guard that follows the issuer', () => {
  it('admits a login, and refuses it everywhere once the logout was answered', async () => {
    const all = await Promise.all([startGuard(), startGuard({ cacheBytes: 0 }), startGuard()]);
    const { accessToken, refreshToken } = await issuer.login();
    for (const guard of all) expect(await ask(guard, accessToken)).toBe('allowed');
    await issuer.logout(refreshToken);
    for (const guard of all) expect(await ask(guard, accessToken)).toBe('invalid_token');
  });

  it('holds for fifty logins and logouts at once', async () => {
    const guard = await startGuard();
    const logins = await Promise.all(Array.from({ length: 50 }, () => issuer.login()));
    const verdicts = await Promise.all(
      logins.map(async ({ accessToken, refreshToken }, n) => {
        const before = await ask(guard, accessToken);
        if (n % 2 === 0) await issuer.logout(refreshToken);
        return [before, await ask(guard, accessToken)];
      }),
    );
    expect(verdicts).toEqual(logins.map((_, n) => ['allowed', n % 2 === 0 ? 'invalid_token' : 'allowed']));
  });

  it('refuses the access tokens of a family whose refresh token was used twice (RFC 9700 section 4.14.2)', async () => {
    const guard = await startGuard();
    const first = await issuer.login();
    const second = await issuer.refresh(first.refreshToken);
    const third = await issuer.refresh(second?.refreshToken ?? '');
    expect(await ask(guard, third?.accessToken ?? '')).toBe('allowed');
    expect(await issuer.refresh(first.refreshToken)).toBeUndefined();
    for (const login of [first, second, third])
      expect(await ask(guard, login?.accessToken ?? '')).toBe('invalid_token');
    expect(await ask(guard, (await issuer.login()).accessToken)).toBe('allowed');
  });

  it('learns what was revoked before it started', async () => {
    const { accessToken, refreshToken } = await issuer.login();
    await issuer.logout(refreshToken);
    expect(await ask(await startGuard(), accessToken)).toBe('invalid_token');
  });

  it('goes on while the issuer restarts, resumes, and hears what happened next', async () => {
    const guard = await startGuard();
    const [kept, ended] = [await issuer.login(), await issuer.login()];
    await issuer.logout(ended.refreshToken);
    const lost = next('feed_lost');
    await issuer.stop();
    await lost;
    expect(await ask(guard, kept.accessToken)).toBe('allowed');
    expect(await ask(guard, ended.accessToken)).toBe('invalid_token');
    const current = next('feed_current');
    issuer = await issuer.restart();
    await current;
    expect(await ask(guard, kept.accessToken)).toBe('allowed');
    expect(await ask(guard, ended.accessToken)).toBe('invalid_token');
    await issuer.logout(kept.refreshToken);
    expect(await ask(guard, kept.accessToken)).toBe('invalid_token');
  });

  it('works with the credential that the issuer makes for a gateway beside it', async () => {
    const { clientId: id, clientSecret: secret } = issuer.issuer.verifierCredential;
    const guard = await startGuard({ client: { id, secret } });
    expect(await ask(guard, (await issuer.login()).accessToken)).toBe('allowed');
  });

  it('asks the issuer where the view is too old and the route says so', async () => {
    let skipped = 0;
    const guard = await startGuard({
      now: () => Date.now() / 1000 + skipped,
      clockSkewSeconds: 300,
      revocation: { feed: 'push', staleAfterSeconds: 60, onStale: 'introspect' },
    });
    const { accessToken, refreshToken } = await issuer.login();
    skipped = 100;
    expect(await ask(guard, accessToken)).toBe('allowed');
    await issuer.logout(refreshToken);
    expect(await ask(guard, accessToken)).toBe('invalid_token');
  });
});

describe('G12: a stream that is open when its token dies', () => {
  it('is told before the logout is answered', async () => {
    const guard = await startGuard();
    const { accessToken, refreshToken } = await issuer.login();
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${accessToken}`], nowSeconds: guard.now() };
    const verdict = await guard.check(facts, guard.compile({}));
    const principal = verdict.allow ? verdict.principal : undefined;
    if (principal === undefined) throw new TypeError('refused');
    const deaths: string[] = [];
    guard.trust.watch(principal, (death) => deaths.push(death));
    await issuer.logout(refreshToken);
    expect(deaths).toEqual(['revoked']);
  });
});
