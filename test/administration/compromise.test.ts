/**
 * A compromised key, seen from outside: `sealgate keys compromise` against a running issuer, with its gateway and an API that checks by itself.
 * When the command has returned, no token that the key signed is accepted anywhere; new ones are.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { basic, bearer, introspect, logIn, postForm, refresh, request, tokensOf } from '../harness/client.ts';
import { DEMO_WORKER, startDemo, type Demo } from '../harness/demo.ts';
import { run } from '../../packages/sealgate/test/run-command.ts';
import { runSealgate } from '../harness/server-process.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => demo.close());

/** What the gateway says, and the API behind it when it is reached around the gateway. */
const statuses = (access: string) =>
  Promise.all(
    [`${demo.gateway}/orders`, `${demo.upstream}/orders`].map(
      async (url) => (await request(url, { headers: bearer(access) })).status,
    ),
  );

const listKeys = async () => {
  const { stdout } = await run(['keys', 'list', '--json', '-c', demo.file]);
  return JSON.parse(stdout) as { kid: string; state: string }[];
};

async function clientToken(): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'orders:read' };
  return String((await postForm(`${demo.issuer}/oauth/token`, form, basic(DEMO_WORKER))).json?.['access_token']);
}

it('no token of a compromised key is accepted after the command returns, and nobody restarts anything', async () => {
  const users = await Promise.all([logIn(demo.issuer), logIn(demo.issuer), logIn(demo.issuer)]);
  const tokens = [...users.map(({ access }) => access), await clientToken()];
  for (const token of tokens) expect(await statuses(token)).toEqual([200, 200]);
  const active = (await listKeys()).find(({ state }) => state === 'active');

  // Requests go on all the while: what was asked after the command returned must be refused.
  let isReturned = false;
  const late: number[] = [];
  const stop = new AbortController();
  const calling = (async () => {
    while (!stop.signal.aborted) {
      const wasReturned = isReturned;
      const answers = await statuses(tokens[0] ?? '');
      if (wasReturned) late.push(...answers);
      await delay(20);
    }
  })();
  const command = await runSealgate(['keys', 'compromise', active?.kid ?? '', '-c', demo.file]);
  isReturned = true;
  expect(command.stdout).toBe('the key is distrusted and replaced: 2 of 2 verifiers have confirmed\n');
  expect(command.code).toBe(0);

  for (const token of tokens) {
    expect(await statuses(token)).toEqual([401, 401]);
    expect((await introspect(demo.issuer, token)).json).toEqual({ active: false });
  }
  stop.abort();
  await calling;
  expect(late.length).toBeGreaterThan(0);
  expect(new Set(late)).toEqual(new Set([401]));

  const keys = await listKeys();
  expect(keys.map(({ kid, state }) => (kid === active?.kid ? `it is ${state}` : state))).toEqual([
    'it is compromised',
    'active',
  ]);
  // The sessions live: a refresh gets a token of the new key.
  expect(await statuses(tokensOf(await refresh(demo.issuer, users[0]?.refresh ?? '')).access)).toEqual([200, 200]);
  expect(await statuses(await clientToken())).toEqual([200, 200]);
}, 60_000);

it('a key that is not there is nobody’s: exit code 1', async () => {
  const { exit, stderr } = await run(['keys', 'compromise', 'none', '-c', demo.file]);
  expect([exit, stderr]).toEqual([1, 'sealgate: No signing key has this kid.\n']);
});
