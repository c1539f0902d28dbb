/** G7 (two tokens, malformed fields), G8 (optional is not "invalid is fine"), G9 (keys that cannot be fetched). */
import { compilePolicy, decide, type RoutePolicy } from '@sealgate/guard';
import { generateKey } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import { World } from './trusted-world.ts';

const world = new World();
const key = generateKey('ES256');
world.keys.add(key);
const trust = world.trust(true);
const good = world.token(key);

const answer = async (
  policy: RoutePolicy,
  authorization: readonly string[],
  cookie: readonly string[] = [],
): Promise<string> => {
  const facts = { method: 'GET', path: '/', authorization, cookie, nowSeconds: world.now };
  const verdict = await decide(facts, compilePolicy(policy), trust);
  return verdict.allow ? (verdict.principal?.subject ?? 'anonymous') : `${verdict.status} ${verdict.code}`;
};

describe('G7: exactly one token', () => {
  it.each([
    ['two fields', [`Bearer ${good}`, `Bearer ${good}`]],
    ['two fields of different schemes', ['Basic YTpi', `Bearer ${good}`]],
    ['the scheme twice', [`Bearer Bearer ${good}`]],
    ['two spaces', [`Bearer  ${good}`]],
    ['a tab', [`Bearer\t${good}`]],
    ['a tab at the end', [`Bearer ${good}\t`]],
    ['a second token after a comma', [`Bearer ${good},Bearer ${good}`]],
    ['a quoted token', [`Bearer "${good}"`]],
    ['no token', ['Bearer']],
  ])('%s is 400', async (_name, authorization) => {
    expect(await answer({}, authorization)).toBe('400 invalid_request');
    expect(await answer({ auth: 'optional' }, authorization)).toBe('400 invalid_request');
  });

  it('a token in two places is 400, also twice the same', async () => {
    expect(await answer({ cookie: 'token' }, [`Bearer ${good}`], [`token=${good}`])).toBe('400 invalid_request');
    expect(await answer({ cookie: 'token' }, [], [`token=${good}; token=${good}`])).toBe('400 invalid_request');
    expect(await answer({ cookie: 'token' }, [], [`token=${good}`])).toBe('alice');
  });

  it.each(['bearer', 'BEARER', 'BeArEr'])('the scheme is matched without case: %s', async (scheme) => {
    expect(await answer({}, [`${scheme} ${good}`])).toBe('alice');
  });
});

describe('G8: optional means absent, never invalid', () => {
  it.each([
    ['a token with another signature', [`Bearer ${good.slice(0, -8)}AAAAAAAA`], '401 invalid_token'],
    ['an expired token', [`Bearer ${world.token(key, { exp: world.now })}`], '401 invalid_token'],
    ['rubbish', ['Bearer rubbish'], '401 invalid_token'],
    ['another scheme', ['Basic YTpi'], '401 token_missing'],
    ['an empty field', [''], '401 token_missing'],
    ['nothing', [], 'anonymous'],
    ['a good token', [`Bearer ${good}`], 'alice'],
  ])('%s', async (_name, authorization, expected) => {
    expect(await answer({ auth: 'optional' }, authorization)).toBe(expected);
  });

  it('a revoked token is not anonymous either', async () => {
    const revoked = world.token(key, { sub: 'bob' });
    world.revoke('subject', 'bob');
    expect(await answer({ auth: 'optional' }, [`Bearer ${revoked}`])).toBe('401 invalid_token');
  });
});

describe('G9: keys that cannot be fetched', () => {
  it('close the route with 503, also for tokens that were admitted before', async () => {
    const lost = new World();
    lost.keys.add(key);
    const cached = lost.trust(true);
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${lost.token(key)}`], nowSeconds: lost.now };
    expect(await decide(facts, compilePolicy({}), cached)).toMatchObject({ allow: true });
    lost.keys.reachable = false;
    for (const policy of [{}, { auth: 'optional' as const }, { onStale: 'allow' as const }]) {
      expect(await decide(facts, compilePolicy(policy), cached)).toMatchObject({
        allow: false,
        status: 503,
        code: 'temporarily_unavailable',
      });
    }
    lost.keys.reachable = true;
    expect(await decide(facts, compilePolicy({}), cached)).toMatchObject({ allow: true });
  });
});
