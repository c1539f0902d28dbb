/**
 * Random histories of sessions at real issuer processes, step by step beside the model (ATTACKS.md I1, I2, I11): concurrent refreshes, lost
 * responses and retries, reuse, logout, revocation and password change among them, clocks that move on and back, idle sessions,
 * restarts, and `kill -9` in the middle of any of it. `model.test.ts` lives some of them, `long-run.ts` many.
 */
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { query } from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { AUDIENCE, USER, WORKER, basic, claimsOf, seed } from '../issuer-under-test.ts';
import type { TestDatabase } from '../stores.ts';
import { IssuerChildren } from './issuer-children.ts';
import { ABSOLUTE_MS, ACCESS_TTL_MS, IDLE_MS, SessionModel, WINDOW_MS, explain, type Happening } from './model.ts';

/** One request, at some process. */
export type Act =
  /** Presents a token that was handed out. Later ones are more likely. */
  | { readonly kind: 'refresh'; readonly fromNewest: number; readonly at: number }
  | { readonly kind: 'logout' | 'revoke' | 'password'; readonly at: number };

export type Step =
  /** All at the same time; and a process may be killed so many milliseconds after the first is sent. */
  | {
      readonly kind: 'acts';
      readonly acts: readonly Act[];
      readonly kill: { readonly at: number; readonly afterMs: number } | undefined;
    }
  /** The clock moves, for every process. */
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'restart'; readonly at: number };

const at = fc.nat(2);
const refresh: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('refresh' as const),
  fromNewest: fc.oneof({ weight: 8, arbitrary: fc.nat(1) }, fc.nat(6)),
  at,
});
const ending: fc.Arbitrary<Act> = fc.record({ kind: fc.constantFrom('logout', 'revoke', 'password'), at });
const acts = (length: { minLength: number; maxLength: number }, one: fc.Arbitrary<Act>): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant('acts' as const), acts: fc.array(one, length), kill: fc.constant(undefined) });
const clock = (min: number, max: number): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min, max }) });
const mostlyRefresh = fc.oneof({ weight: 6, arbitrary: refresh }, ending);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: acts({ minLength: 1, maxLength: 1 }, refresh) },
  { weight: 10, arbitrary: acts({ minLength: 2, maxLength: 4 }, refresh) },
  { weight: 4, arbitrary: acts({ minLength: 1, maxLength: 4 }, mostlyRefresh) },
  { weight: 8, arbitrary: clock(1, 2 * WINDOW_MS) },
  { weight: 2, arbitrary: clock(1, 2 * IDLE_MS) },
  { weight: 1, arbitrary: clock(-5000, -1) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('acts' as const),
      acts: fc.array(mostlyRefresh, { minLength: 1, maxLength: 3 }),
      kill: fc.record({ at, afterMs: fc.nat(8) }),
    }),
  },
);

export const histories: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 14 });

const leaves = query((db, p: { session: string }) =>
  db
    .selectFrom('refresh_token')
    .innerJoin('refresh_family', 'refresh_family.id', 'refresh_token.family')
    .select(['refresh_token.generation', 'refresh_token.consumed_ms'])
    .where('refresh_family.session', '=', p.session)
    .orderBy('refresh_token.generation'),
);

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A session as its user and the model know it. */
interface Lived {
  readonly id: string;
  readonly user: string;
  /** By generation, from 1 on, as far as anybody was told. */
  readonly tokens: (string | undefined)[];
  readonly accessTokens: { readonly text: string; readonly issuedMs: number }[];
  models: readonly SessionModel[];
}

/** Issuer processes over one database, and whoever lives sessions at them. */
export class World {
  readonly #children: IssuerChildren;
  readonly #onlooker: Store;
  #nowMs: number;
  #latestMs: number;
  kills = 0;

  private constructor(children: IssuerChildren, onlooker: Store, nowMs: number) {
    this.#children = children;
    this.#onlooker = onlooker;
    this.#nowMs = nowMs;
    this.#latestMs = nowMs;
  }

  static async start(database: TestDatabase, folder: string, processes: number): Promise<World> {
    const nowMs = Date.now();
    const config = settings(database);
    await seed(config, folder);
    const children = await IssuerChildren.start(config, folder, processes, nowMs);
    return new World(children, await database.open(), nowMs);
  }

  async close(): Promise<void> {
    await this.#onlooker.close();
    await this.#children.close();
  }

  /** One session from its login to its end. @throws {Error} where it is not as the model says. */
  async live(steps: readonly Step[]): Promise<void> {
    // Every history begins in a second of its own: whatever the one before revoked is past.
    this.#moveClock(this.#latestMs - this.#nowMs + 2000);
    const beganMs = this.#nowMs;
    const session = await this.#login();
    for (const step of steps) {
      if (step.kind === 'clock') this.#moveClock(Math.max(step.ms, beganMs - this.#nowMs));
      else if (step.kind === 'restart') await this.#children.restart(step.at);
      else await this.#act(session, step);
    }
    await this.#compare(session);
  }

  #moveClock(ms: number): void {
    this.#nowMs += ms;
    this.#latestMs = Math.max(this.#latestMs, this.#nowMs);
    this.#children.setClock(this.#nowMs);
  }

  async #login(): Promise<Lived> {
    const { username, password } = USER;
    const { status, body } = await this.#post(0, '/v1/login', { username, password, client_id: 'orders-web' });
    if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
    const text = String(body['access_token']);
    return {
      id: String(body['session']),
      user: String(claimsOf(text)['sub']),
      tokens: [undefined, String(body['refresh_token'])],
      accessTokens: [{ text, issuedMs: this.#nowMs }],
      models: [new SessionModel(this.#nowMs)],
    };
  }

  async #act(session: Lived, { acts, kill }: Extract<Step, { kind: 'acts' }>): Promise<void> {
    const newest = session.tokens.length - 1;
    const happening = acts.map((act) =>
      act.kind === 'refresh'
        ? this.#refresh(session, Math.max(newest + 1 - act.fromNewest, 1), act.at, kill !== undefined)
        : this.#end(session, act, kill !== undefined),
    );
    if (kill !== undefined) {
      await sleep(kill.afterMs);
      await this.#children.kill(kill.at);
      this.kills++;
    }
    const happenings = await Promise.all(happening);
    const explained = explain(session.models, happenings, this.#nowMs);
    if (explained.length === 0) throw new Error(`no order explains ${JSON.stringify(happenings)}`);
    session.models = explained;
  }

  async #refresh(session: Lived, asked: number, at: number, mayDie: boolean): Promise<Happening> {
    const generation = Math.min(asked, session.tokens.length - 1);
    const token = session.tokens[generation];
    const body = { refresh_token: token, client_id: 'orders-web' };
    const answer = await this.#post(at, '/v1/refresh', body).catch(rethrowUnless(mayDie));
    if (answer === undefined) return { kind: 'present', generation, outcome: 'unknown' };
    if (answer.status !== 200) {
      if (answer.status !== 400 || answer.body['code'] !== 'invalid_grant') throw unexpected(answer);
      return { kind: 'present', generation, outcome: 'refused' };
    }
    const successor = String(answer.body['refresh_token']);
    // One generation has one token, whoever asked and however often.
    const known = (session.tokens[generation + 1] ??= successor);
    if (known !== successor) throw new Error(`generation ${generation + 1} has two tokens`);
    session.accessTokens.push({ text: String(answer.body['access_token']), issuedMs: this.#nowMs });
    return { kind: 'present', generation, outcome: generation + 1 };
  }

  async #end(session: Lived, { kind, at }: Act, mayDie: boolean): Promise<Happening> {
    const token = session.tokens.at(-1) ?? '';
    const ending =
      kind === 'password'
        ? this.#children.setPassword(at, session.user, USER.password).then(() => true as const)
        : kind === 'logout'
          ? this.#post(at, '/v1/logout', { refresh_token: token })
          : this.#post(at, '/oauth/revoke', new URLSearchParams({ token, client_id: 'orders-web' }));
    const answer = await ending.catch(rethrowUnless(mayDie));
    if (answer === undefined) return { kind: 'end', outcome: 'unknown' };
    if (answer !== true && answer.status >= 300) throw unexpected(answer);
    return { kind: 'end', outcome: 'done' };
  }

  /** What is left at the end is as one of the explanations says: every access token, and every generation in the database. */
  async #compare(session: Lived): Promise<void> {
    const { accessTokens, models } = session;
    const active: unknown[] = [];
    for (const [index, { text }] of accessTokens.entries()) {
      const headers = { authorization: basic(WORKER) };
      const form = new URLSearchParams({ token: text });
      const answer = await this.#post(index, '/oauth/introspect', form, headers);
      if (answer.status !== 200) throw unexpected(answer);
      active.push(answer.body['active']);
    }
    const rows = await this.#onlooker.all(leaves, { session: session.id });
    const generations = rows.map(({ generation }) => generation);
    const unused = rows.filter(({ consumed_ms: consumedMs }) => consumedMs === null).length;
    const agrees = models.some(
      (model) =>
        isDeepStrictEqual(
          active,
          accessTokens.map(({ issuedMs }) => model.accepts(issuedMs, this.#nowMs)),
        ) &&
        isDeepStrictEqual(
          generations,
          Array.from({ length: model.newest }, (_unused, index) => index + 1),
        ),
    );
    if (!agrees || unused !== 1) {
      const found = JSON.stringify({ active, generations, unused });
      throw new Error(`the end is not as the model says: ${found}, not one of ${models.map(({ key }) => key).join()}`);
    }
  }

  async #post(at: number, path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const isForm = body instanceof URLSearchParams;
    const response = await fetch(this.#children.url(at) + path, {
      method: 'POST',
      headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
      body: isForm ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }
}

function rethrowUnless(mayDie: boolean) {
  return (error: unknown): undefined => {
    if (!mayDie) throw error;
  };
}

function unexpected({ status, body }: Answer): Error {
  return new Error(`the answer was ${status}: ${JSON.stringify(body)}`);
}

const seconds = (ms: number) => `${ms / 1000}s`;

function settings(database: TestDatabase) {
  return {
    // One issuer, wherever its processes listen.
    url: 'https://issuer.test',
    listen: 'http://127.0.0.1:0',
    database: database.address,
    accessToken: { audience: AUDIENCE, ttl: seconds(ACCESS_TTL_MS) },
    refreshToken: { idle: seconds(IDLE_MS), absolute: seconds(ABSOLUTE_MS), retryWindow: seconds(WINDOW_MS) },
    keys: { masterKey: 'file:master.key' },
    passwords: { memoryKib: 8192, iterations: 1 },
  };
}
