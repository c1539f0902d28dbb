/**
 * The same well-formed and malformed requests to our issuer and to `oidc-provider`: equal status and `error`, but for the differences that
 * `differences.ts` lists with their reasons.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_AUTHENTICATION } from './cases/client-authentication.ts';
import { INTROSPECTION } from './cases/introspection.ts';
import { REFRESH } from './cases/refresh.ts';
import { REVOCATION } from './cases/revocation.ts';
import { TOKEN_ENDPOINT } from './cases/token-endpoint.ts';
import { DIFFERENCES } from './differences.ts';
import { startOidcProviderWorld } from './oidc-provider-world.ts';
import type { OracleCase } from './requests.ts';
import { startSealgateWorld } from './sealgate-world.ts';
import type { OracleAnswer, World } from './world.ts';

const GROUPS: Readonly<Record<string, readonly OracleCase[]>> = {
  'client authentication': CLIENT_AUTHENTICATION,
  'token endpoint': TOKEN_ENDPOINT,
  refresh: REFRESH,
  introspection: INTROSPECTION,
  revocation: REVOCATION,
};

let ours: World;
let oracle: World;

beforeAll(async () => {
  [ours, oracle] = await Promise.all([startSealgateWorld(), startOidcProviderWorld()]);
});

afterAll(() => Promise.all([ours.close(), oracle.close()]));

const whole = (answer: Partial<OracleAnswer>) => ({ error: undefined, active: undefined, ...answer });

describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
  it.each(cases)('$name ($rule)', async ({ name, request }) => {
    const ourAnswer = await ours.send(await request(ours));
    const theirAnswer = await oracle.send(await request(oracle));
    const difference = DIFFERENCES.find((one) => one.cases.includes(`${group}: ${name}`));
    if (difference === undefined) {
      expect(ourAnswer).toEqual(theirAnswer);
    } else {
      expect(ourAnswer, 'our answer').toEqual(whole(difference.ours));
      expect(theirAnswer, 'the answer of the oracle').toEqual(whole(difference.theirs));
    }
  });
});

describe('the table of differences', () => {
  it('names cases that exist, each once', () => {
    const named = DIFFERENCES.flatMap(({ cases }) => cases);
    const known = new Set(
      Object.entries(GROUPS).flatMap(([group, cases]) => cases.map(({ name }) => `${group}: ${name}`)),
    );
    expect(named.filter((one) => !known.has(one))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });

  it('says only what is different', () => {
    for (const { ours, theirs, because } of DIFFERENCES) expect(whole(ours), because).not.toEqual(whole(theirs));
  });
});

describe('the cases', () => {
  it('have a name of their own in each group', () => {
    for (const cases of Object.values(GROUPS)) {
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    }
  });
});
