import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bearer, introspect, refresh, request, requestLogin, tokensOf } from '../harness/client.ts';
import type { Tokens } from '../harness/client.ts';
import { createDemoFolder } from '../harness/demo.ts';
import { startServer } from '../harness/server-process.ts';
import { attempt, RefreshClient } from './refresh-client.ts';

const SERVERS = 2;
const KILLS_EACH = 25;
const CLIENTS = 3;
const LONGEST_LOAD_MS = 300;

/** Cheap password hashes: it is the writes that are tried here. */
const CHEAP_PASSWORDS = 'issuer:\n  passwords: { memoryKib: 8192, iterations: 1 }\n';

/** ATTACKS.md I11: what was acknowledged holds, and nothing is issued twice, at whatever moment the process is killed. */
it('loses nothing acknowledged in 50 kills under load', { timeout: 300_000 }, async () => {
  const runs = await Promise.all(Array.from({ length: SERVERS }, () => killAgainAndAgain(KILLS_EACH)));
  for (const { refreshes, logouts } of runs) {
    // The load was one: acknowledged refreshes and logouts lay before the kills.
    expect(refreshes).toBeGreaterThan(KILLS_EACH);
    expect(logouts).toBeGreaterThan(0);
  }
});

async function killAgainAndAgain(kills: number): Promise<{ refreshes: number; logouts: number }> {
  const place = await createDemoFolder((yaml) =>
    // However slowly this machine restarts the server, a lost answer is asked for again within the window.
    yaml.replace(/^issuer:.*\n/mu, CHEAP_PASSWORDS).replace('retryWindow: 30s', 'retryWindow: 5m'),
  );
  const { issuer } = place;
  const start = () => startServer(['issuer', '-c', place.file]);
  let server = await start();
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RefreshClient.logIn(issuer)));
  let logouts = 0;

  for (let kill = 0; kill < kills; kill += 1) {
    const loggedOut: Tokens[] = [];
    const load = [...clients.map((client) => client.refreshUntilCrash()), logInAndOutUntilCrash(issuer, loggedOut)];
    await delay(Math.random() * LONGEST_LOAD_MS);
    expect(await server.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    await Promise.all(load);

    server = await start();
    await Promise.all([
      ...clients.map((client) => client.assertStillGood()),
      ...loggedOut.map((tokens) => assertLoggedOut(issuer, tokens)),
    ]);
    expect(familiesWithTwoLiveTokens(place.folder)).toEqual([]);
    logouts += loggedOut.length;
  }

  expect(server.stderr()).not.toContain('"level":"error"');
  await server.stop();
  place.remove();
  return { refreshes: clients.reduce((sum, client) => sum + client.acknowledged, 0), logouts };
}

/** @param loggedOut - Gets the tokens of each session whose end was acknowledged. */
async function logInAndOutUntilCrash(issuer: string, loggedOut: Tokens[]): Promise<void> {
  for (;;) {
    const loggedIn = await attempt(() => requestLogin(issuer));
    if (loggedIn === undefined) return;
    const tokens = tokensOf(loggedIn);
    const answer = await attempt(() =>
      request(`${issuer}/v1/logout`, { method: 'POST', headers: bearer(tokens.access) }),
    );
    if (answer === undefined) return;
    expect(answer.status).toBe(204);
    loggedOut.push(tokens);
  }
}

async function assertLoggedOut(issuer: string, tokens: Tokens): Promise<void> {
  expect((await refresh(issuer, tokens.refresh)).json).toMatchObject({ code: 'invalid_grant' });
  expect((await introspect(issuer, tokens.access)).json).toEqual({ active: false });
}

/** Read beside the running server, as any other process could. */
function familiesWithTwoLiveTokens(folder: string): unknown[] {
  const database = new DatabaseSync(path.join(folder, 'data/sealgate.db'), { readOnly: true });
  try {
    return database
      .prepare(
        `SELECT family, count(*) AS live FROM refresh_token JOIN refresh_family ON refresh_family.id = family
         WHERE consumed_ms IS NULL AND revoked_ms IS NULL GROUP BY family HAVING live > 1`,
      )
      .all();
  } finally {
    database.close();
  }
}
