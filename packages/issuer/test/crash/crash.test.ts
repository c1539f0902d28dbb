/**
 * `kill -9` under load (ATTACKS.md I11): whatever was acknowledged holds after the restart, no family has two live refresh tokens, and
 * no status place is given twice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/store/query.ts';
import { WORKER, basic, claimsOf } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases, type TestDatabase } from '../stores.ts';

const KILLS = 4;
const USERS_AT_WORK = 12;

const unusedLeaves = query((db) =>
  db.selectFrom('refresh_family').select((e) => [
    'id',
    'generation',
    e
      .selectFrom('refresh_token')
      .select((t) => t.fn.countAll<number>().as('n'))
      .whereRef('family', '=', 'refresh_family.id')
      .where('consumed_ms', 'is', null)
      .as('unused'),
    e
      .selectFrom('refresh_token')
      .select((t) => t.fn.max('generation').as('newest'))
      .whereRef('family', '=', 'refresh_family.id')
      .as('newest'),
  ]),
);

/** What its user has been told of one session. */
interface Session {
  refreshToken: string;
  accessToken: string;
  loggedOut: boolean;
}

describe.each(STORE_KINDS)('killing the issuer on $name', (storeKind) => {
  let databases: Databases;
  let database: TestDatabase;
  let folder: string;
  let url: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    databases = await storeKind.start();
    database = await databases.create();
    folder = mkdtempSync(path.join(tmpdir(), 'sealgate-crash-'));
    url = `http://127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await databases.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const script = path.join(import.meta.dirname, 'issuer-process.ts');
    child = spawn(process.execPath, ['-C', 'source', script, folder, url, database.address], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await once(child.stdout ?? child, 'data');
    expect(String(text)).toBe('ready\n');
  }

  async function kill(): Promise<void> {
    const ended = once(child as ChildProcess, 'exit');
    child?.kill('SIGKILL');
    await ended;
  }

  /** The answer, or `undefined` if the process died before it came. */
  async function post(at: string, body: object): Promise<{ status: number; body: Record<string, string> } | undefined> {
    try {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url + at, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }

  const refresh = (token: string) => post('/v1/refresh', { refresh_token: token, client_id: 'orders-web' });
  const login = () =>
    post('/v1/login', {
      username: 'demo@example.com',
      password: 'correct horse battery staple',
      client_id: 'orders-web',
    });
  const isActive = async (token: string) => {
    const response = await fetch(`${url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: basic(WORKER) },
      body: new URLSearchParams({ token }),
    });
    return ((await response.json()) as { active: boolean }).active;
  };

  it(`${KILLS} times loses nothing that was acknowledged`, { timeout: 180_000 }, async () => {
    const sessions: Session[] = [];
    const places = new Set<number>();
    let acknowledged = 0;
    let enough = { at: Infinity, reached: () => undefined as void };
    const note = (session: Session, body: Record<string, string>) => {
      session.refreshToken = body['refresh_token'] ?? '';
      session.accessToken = body['access_token'] ?? '';
      const { idx } = (claimsOf(session.accessToken)['status'] as { status_list: { idx: number } }).status_list;
      expect(places.has(idx)).toBe(false);
      places.add(idx);
      if (++acknowledged >= enough.at) enough.reached();
    };

    /** One user: refreshes again and again, now and then logs out and in, until the process is gone. */
    async function work(turns: number): Promise<void> {
      let session: Session | undefined;
      for (let turn = 0; ; turn++) {
        if (session === undefined) {
          const answer = await login();
          if (answer === undefined) return;
          session = { refreshToken: '', accessToken: '', loggedOut: false };
          sessions.push(session);
          note(session, answer.body);
        } else if (turn % turns === 0) {
          const answer = await post('/v1/logout', { refresh_token: session.refreshToken });
          // Not acknowledged: it may or may not have happened, and is not looked at again.
          if (answer === undefined) sessions.splice(sessions.indexOf(session), 1);
          else session.loggedOut = true;
          session = undefined;
          if (answer === undefined) return;
        } else {
          const answer = await refresh(session.refreshToken);
          if (answer === undefined) return;
          expect(answer.status).toBe(200);
          note(session, answer.body);
        }
      }
    }

    await start();
    for (let round = 0; round < KILLS; round++) {
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      enough = { at: acknowledged + 20 + round * 17, reached: resolve };
      const working = Promise.all(Array.from({ length: USERS_AT_WORK }, (_unused, user) => work(3 + user)));
      await reached;
      await kill();
      await working;

      const store = await database.open();
      for (const { generation, unused, newest } of await store.all(unusedLeaves, {})) {
        expect([Number(unused), Number(newest)]).toEqual([1, generation]);
      }
      await store.close();

      await start();
      for (const session of sessions.splice(0)) {
        const answer = await refresh(session.refreshToken);
        if (session.loggedOut) {
          expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_grant' } });
          expect(await isActive(session.accessToken)).toBe(false);
        } else {
          expect(answer?.status).toBe(200);
          expect(await isActive(session.accessToken)).toBe(true);
        }
      }
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
