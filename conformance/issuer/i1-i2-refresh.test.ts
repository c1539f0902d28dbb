/**
 * I1 and I2 from outside: one refresh token has one successor, whoever asks and when, and its return kills the family. Random histories
 * with crashes, against a model: `packages/issuer/test/families`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRealIssuer, type Login, type RealIssuer } from '../guard/real-issuer.ts';

const AT_ONCE = 50;

let issuer: RealIssuer;

beforeAll(async () => {
  issuer = await startRealIssuer();
});
afterAll(() => issuer.destroy());

const isActive = async (token: string): Promise<boolean> => {
  const authorization = `Basic ${Buffer.from(`orders-api:${encodeURIComponent('a secret of the orders api, for tests')}`).toString('base64')}`;
  const body = new URLSearchParams({ token });
  const response = await fetch(`${issuer.url}/oauth/introspect`, { method: 'POST', headers: { authorization }, body });
  return ((await response.json()) as { active: boolean }).active;
};
const next = async (token: string): Promise<Login> => {
  const answer = await issuer.refresh(token);
  if (answer === undefined) throw new Error('the refresh was refused');
  return answer;
};
const expectDead = async (...logins: readonly Login[]): Promise<void> => {
  for (const { accessToken, refreshToken } of logins) {
    expect([await isActive(accessToken), await isActive(refreshToken)]).toEqual([false, false]);
    expect(await issuer.refresh(refreshToken)).toBeUndefined();
  }
};

describe('I1: refreshing at the same time', () => {
  it(`${AT_ONCE} times with one token gives one successor`, async () => {
    const { refreshToken } = await issuer.login();
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => next(refreshToken)));
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
  });

  it('and replaying the old token in the same second, after the new one was used, kills the family', async () => {
    const first = await issuer.login();
    const second = await next(first.refreshToken);
    const third = await next(second.refreshToken);
    expect(await issuer.refresh(first.refreshToken)).toBeUndefined();
    await expectDead(first, second, third);
  });

  it('and logging out leaves nothing alive, whichever comes first', async () => {
    for (let round = 0; round < 10; round++) {
      const first = await issuer.login();
      const [second] = await Promise.all([issuer.refresh(first.refreshToken), issuer.logout(first.refreshToken)]);
      await expectDead(first, ...(second === undefined ? [] : [second]));
    }
  });

  it('after a rotation and a restart goes on where it stood', async () => {
    const first = await issuer.login();
    const second = await next(first.refreshToken);
    await issuer.stop();
    issuer = await issuer.restart();
    expect((await next(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    const third = await next(second.refreshToken);
    expect(await issuer.refresh(first.refreshToken)).toBeUndefined();
    await expectDead(first, second, third);
  });
});

describe('I2: the window for a retry', () => {
  it('gives the same successor, and never forks the chain', async () => {
    const first = await issuer.login();
    const second = await next(first.refreshToken);
    const again = await next(first.refreshToken);
    expect(again.refreshToken).toBe(second.refreshToken);
    const third = await next(again.refreshToken);
    expect((await next(second.refreshToken)).refreshToken).toBe(third.refreshToken);
  });

  it('takes no older ancestor, and kills the family for it', async () => {
    const first = await issuer.login();
    const second = await next(first.refreshToken);
    const third = await next(second.refreshToken);
    expect(await issuer.refresh(first.refreshToken)).toBeUndefined();
    await expectDead(third);
  });
});
