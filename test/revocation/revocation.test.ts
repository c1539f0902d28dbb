import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, bearer, introspect, logIn, postForm, refresh, request, tokensOf } from '../harness/client.ts';
import type { Tokens } from '../harness/client.ts';
import { DEMO_WORKER, startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => demo.close());

/** What the gateway says, and the API behind it when it is reached around the gateway. */
async function statuses(access: string): Promise<readonly number[]> {
  const urls = [`${demo.gateway}/orders`, `${demo.upstream}/orders`];
  return Promise.all(urls.map(async (url) => (await request(url, { headers: bearer(access) })).status));
}

const logOut = (tokens: Tokens) =>
  request(`${demo.issuer}/v1/logout`, { method: 'POST', headers: bearer(tokens.access) });

async function revoke(token: string): Promise<number> {
  return (await postForm(`${demo.issuer}/oauth/revoke`, { token, client_id: 'orders-web' })).status;
}

describe('when the answer is here, the token is dead at the gateway and at the API behind it', () => {
  it.each<[string, (tokens: Tokens) => Promise<unknown>]>([
    ['logout', logOut],
    ['revocation of the access token (RFC 7009)', (tokens) => revoke(tokens.access)],
    ['revocation of the refresh token (RFC 7009 section 2.1)', (tokens) => revoke(tokens.refresh)],
  ])('after %s', async (_name, end) => {
    const tokens = await logIn(demo.issuer);
    expect(await statuses(tokens.access)).toEqual([200, 200]);
    await end(tokens);
    expect(await statuses(tokens.access)).toEqual([401, 401]);
    expect((await introspect(demo.issuer, tokens.access)).json).toEqual({ active: false });
  });

  it('after the reuse of a refresh token: every access token of the family', async () => {
    const first = await logIn(demo.issuer);
    const second = tokensOf(await refresh(demo.issuer, first.refresh));
    const third = tokensOf(await refresh(demo.issuer, second.refresh));
    expect((await refresh(demo.issuer, first.refresh)).json).toMatchObject({ code: 'invalid_grant' });
    for (const { access } of [first, second, third]) expect(await statuses(access)).toEqual([401, 401]);
    expect((await refresh(demo.issuer, third.refresh)).json).toMatchObject({ code: 'invalid_grant' });
  });

  it('and no other: a second login of the same user goes on', async () => {
    const [one, other] = [await logIn(demo.issuer), await logIn(demo.issuer)];
    await logOut(one);
    expect(await statuses(other.access)).toEqual([200, 200]);
  });

  it('within 100 ms of the request to log out', async () => {
    const durations: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const tokens = await logIn(demo.issuer);
      expect(await statuses(tokens.access)).toEqual([200, 200]);
      const started = performance.now();
      expect((await logOut(tokens)).status).toBe(204);
      durations.push(performance.now() - started);
      expect(await statuses(tokens.access)).toEqual([401, 401]);
      await delay(5);
    }
    // The best of five: a busy test machine is no fault of the feed.
    expect(Math.min(...durations)).toBeLessThan(100);
  });
});

describe('refresh', () => {
  it('gives a lost answer again: the same successor, once', async () => {
    const first = await logIn(demo.issuer);
    const [one, two] = await Promise.all([refresh(demo.issuer, first.refresh), refresh(demo.issuer, first.refresh)]);
    expect(tokensOf(one).refresh).toBe(tokensOf(two).refresh);
    expect(await statuses(tokensOf(two).access)).toEqual([200, 200]);
  });

  it('of the same tokens from the standard endpoint and the first-party one is one family', async () => {
    const first = await logIn(demo.issuer);
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh, client_id: 'orders-web' };
    const second = tokensOf(await postForm(`${demo.issuer}/oauth/token`, form));
    expect(tokensOf(await refresh(demo.issuer, second.refresh)).session).toBe(first.session);
    const replay = await postForm(`${demo.issuer}/oauth/token`, form);
    expect(replay.status).toBe(400);
    expect(replay.json).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('client credentials', () => {
  it('are taken as HTTP Basic and in the body (RFC 6749 section 2.3.1), and their token is revocable', async () => {
    const grant = { grant_type: 'client_credentials', scope: 'orders:read' };
    const ways = [
      await postForm(`${demo.issuer}/oauth/token`, grant, basic(DEMO_WORKER)),
      await postForm(`${demo.issuer}/oauth/token`, {
        ...grant,
        client_id: DEMO_WORKER.id,
        client_secret: DEMO_WORKER.secret,
      }),
    ];
    for (const { status, json } of ways) {
      expect(status).toBe(200);
      const access = String(json?.['access_token']);
      expect(await statuses(access)).toEqual([200, 200]);
      expect((await postForm(`${demo.issuer}/oauth/revoke`, { token: access }, basic(DEMO_WORKER))).status).toBe(200);
      expect(await statuses(access)).toEqual([401, 401]);
    }
  });
});
