/**
 * Random histories of sessions against real servers, compared with a model (ATTACKS.md I1, I2): concurrent refreshes, lost responses and
 * retries, reuse, logout, revocation, password change, moving clocks, restarts. On SQLite with one process, on PostgreSQL with three.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { AUDIENCE, USER, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases, type TestDatabase } from '../stores.ts';
import { ABSOLUTE_MS, ACCESS_TTL_MS, IDLE_MS, SessionModel, WINDOW_MS, explain, type Outcome } from './model.ts';

const HISTORIES = 200;

type Step =
  /** Presents tokens that were handed out, all at the same time, each at some process. Later ones are more likely. */
  | { readonly kind: 'refresh'; readonly which: readonly { readonly fromNewest: number; readonly at: number }[] }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'logout' | 'revoke' | 'password' }
  | { readonly kind: 'restart'; readonly at: number };

const seconds = (ms: number) => `${ms / 1000}s`;
const one = fc.record({ fromNewest: fc.oneof({ weight: 8, arbitrary: fc.nat(1) }, fc.nat(6)), at: fc.nat(2) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      which: fc.array(one, { minLength: 1, maxLength: 1 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      which: fc.array(one, { minLength: 2, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2 * WINDOW_MS }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2 * IDLE_MS }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('logout' as const, 'revoke' as const, 'password' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), at: fc.nat(2) }) },
);

const leaves = query((db, p: { session: string }) =>
  db
    .selectFrom('refresh_token')
    .innerJoin('refresh_family', 'refresh_family.id', 'refresh_token.family')
    .select(['refresh_token.generation', 'refresh_token.consumed_ms'])
    .where('refresh_family.session', '=', p.session)
    .orderBy('refresh_token.generation'),
);

describe.each(STORE_KINDS)('sessions on $name', (storeKind) => {
  let databases: Databases;
  let database: TestDatabase;
  let onlooker: Store;
  let issuers: IssuerUnderTest[];
  let folder: string;
  let nowMs = Date.now();

  beforeAll(async () => {
    databases = await storeKind.start();
    database = await databases.create();
    const first = await startIssuer(settings());
    folder = first.folder;
    onlooker = await database.open();
    issuers = [first];
    const processes = storeKind.name === 'PostgreSQL' ? 3 : 1;
    while (issuers.length < processes) issuers.push(await startIssuer({ ...settings(), folder, seeded: true }));
  });
  afterAll(async () => {
    await onlooker.close();
    for (const issuer of issuers.toReversed()) await issuer.close();
    await databases.stop();
  });

  const settings = () => ({
    database: database.address,
    nowMs: () => nowMs,
    config: {
      // One issuer, wherever its processes listen.
      url: 'https://issuer.test',
      listen: 'http://127.0.0.1:0',
      accessToken: { audience: AUDIENCE, ttl: seconds(ACCESS_TTL_MS) },
      refreshToken: {
        idle: seconds(IDLE_MS),
        absolute: seconds(ABSOLUTE_MS),
        retryWindow: seconds(WINDOW_MS),
      },
    },
  });
  const at = (number: number): IssuerUnderTest => issuers[number % issuers.length] as IssuerUnderTest;

  async function restart(issuer: IssuerUnderTest): Promise<void> {
    issuers[issuers.indexOf(issuer)] = await issuer.restart();
  }

  /** One session from its login to its end, step by step beside the model. */
  async function live(steps: readonly Step[]): Promise<void> {
    // Every history begins in a second of its own: whatever the one before revoked is past.
    nowMs += 2000;
    const { refresh_token, access_token, session } = await at(0).login();
    let model = new SessionModel(nowMs);
    const tokens = [refresh_token];
    const accessTokens = [{ text: access_token, issuedMs: nowMs }];

    for (const step of steps) {
      switch (step.kind) {
        case 'wait':
          nowMs += step.ms;
          break;
        case 'refresh': {
          const chosen = step.which.map(({ fromNewest, at }) => ({
            generation: Math.max(tokens.length - fromNewest, 1),
            at,
          }));
          const presentations = await Promise.all(
            chosen.map(async ({ generation, at: process }) => {
              const { status, body } = await at(process).refresh(tokens[generation - 1] ?? '');
              const successor = String(body['refresh_token']);
              if (status === 200) accessTokens.push({ text: String(body['access_token']), issuedMs: nowMs });
              else expect([status, body['code']]).toEqual([400, 'invalid_grant']);
              return { generation, status, successor };
            }),
          );
          for (const { generation, status, successor } of presentations) {
            if (status !== 200) continue;
            // One generation has one token, whoever asked and however often.
            tokens[generation] ??= successor;
            expect(successor).toBe(tokens[generation]);
          }
          const outcomes = presentations.map(({ generation, status }): { generation: number; outcome: Outcome } => {
            return { generation, outcome: status === 200 ? generation + 1 : 'refused' };
          });
          const explained = explain(model, outcomes, nowMs);
          expect(explained, `no order explains ${JSON.stringify(outcomes)}`).toBeDefined();
          model = explained ?? model;
          break;
        }
        case 'logout':
          expect((await at(1).postJson('/v1/logout', { refresh_token: tokens.at(-1) })).status).toBe(204);
          model.end();
          break;
        case 'revoke':
          await at(2).post('/oauth/revoke', { token: tokens.at(-1) ?? '', client_id: 'orders-web' });
          model.end();
          break;
        case 'password':
          await at(1).issuer.admin.setPassword(String(claimsOf(access_token)['sub']), USER.password);
          model.end();
          break;
        case 'restart':
          await restart(at(step.at));
          break;
      }
    }
    await compare(model, session, accessTokens);
  }

  async function compare(
    model: SessionModel,
    session: string,
    accessTokens: readonly { text: string; issuedMs: number }[],
  ): Promise<void> {
    for (const [index, { text, issuedMs }] of accessTokens.entries()) {
      const { active } = await at(index).introspect(text);
      expect(active).toBe(model.accepts(issuedMs, nowMs));
    }
    const rows = await onlooker.all(leaves, { session });
    expect(rows.map(({ generation }) => generation)).toEqual(
      Array.from({ length: model.newest }, (_unused, index) => index + 1),
    );
    expect(rows.filter(({ consumed_ms }) => consumed_ms === null)).toHaveLength(1);
  }

  it(`are as the model says, in ${HISTORIES} histories`, { timeout: 1_200_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), (steps) => live(steps)),
      { numRuns: HISTORIES, endOnFailure: true },
    );
  });
});
