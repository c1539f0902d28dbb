/**
 * Before anything is measured: does each contender do the work? A gateway that forwards what it should refuse, or does not tell
 * the origin who asks, is fast for the wrong reason.
 */
import { request } from 'undici';
import type { Running } from '../load/process.ts';
import { type TokenSet, tamper } from './tokens.ts';

/** @throws {Error} naming what a gateway got wrong. */
export async function assertGuards(server: Running, { tokens }: TokenSet, target: string): Promise<void> {
  const [token = ''] = tokens;
  const good = await ask(server, target, { authorization: `Bearer ${token}`, 'x-user-id': 'forged' });
  if (good.status !== 200 || good.sawUser !== 'user-0') {
    throw new Error(`${server.name} answered ${good.status} to a good token, and the origin saw "${good.sawUser}"`);
  }
  const bad = await ask(server, target, { authorization: `Bearer ${tamper(token)}` });
  if (bad.status !== 401) throw new Error(`${server.name} answered ${bad.status} to a token with a changed signature`);
  const none = await ask(server, target, {});
  if (none.status !== 401) throw new Error(`${server.name} answered ${none.status} to a request without a token`);
}

async function ask(server: Running, target: string, headers: Record<string, string>) {
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(`http://127.0.0.1:${server.port}${target}`, { headers });
  await body.dump();
  return { status: statusCode, sawUser: String(answered['x-saw-user']) };
}
