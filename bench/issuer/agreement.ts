/** Before anything is measured: does each issuer do the same work? */
import { createPublicKey, verify } from 'node:crypto';
import { request } from 'undici';
import { AUDIENCE, CLIENT, type FormPost, TTL_SECONDS, refreshRequest, tokenRequest } from './requests.ts';
import { type IssuerServer, ask, introspect, send, takeRefreshToken } from './servers.ts';

/**
 * @throws {Error} unless client credentials and refresh give ES256 tokens of the issuer's own key, for the same audience and life, a wrong
 * secret gives none, and a refresh token is spent for good once its successor was used.
 */
export async function assertIssues(server: IssuerServer): Promise<void> {
  const { name } = server.running;
  const post = tokenRequest(server.paths, server.asking);
  await assertToken(server, String((await ask(server, post))['access_token']));
  const wrong = Buffer.from(`${CLIENT.id}:not-the-secret`).toString('base64');
  await assertRefuses(server, { ...post, headers: { ...post.headers, authorization: `Basic ${wrong}` } });
  const first = takeRefreshToken(server);
  const second = await refresh(server, first);
  const third = await refresh(server, second);
  if (first === second || second === third) throw new Error(`${name} does not rotate refresh tokens`);
  if (second.length !== first.length) {
    throw new Error(`${name} gives refresh tokens of several lengths, which the load cannot send`);
  }
  await assertRefuses(server, refreshRequest(server.paths, first));
}

/** @throws {Error} unless a good token is introspected as active, with its client, scope and life, and a bad one is not. */
export async function assertIntrospects(server: IssuerServer, token: string): Promise<void> {
  const good = await introspect(server, token);
  const bad = await introspect(server, `${token.slice(0, -4)}AAAA`);
  const scopes = String(good['scope']).split(' ');
  if (good['client_id'] !== CLIENT.id || !scopes.includes('orders:read') || !hasLife(good)) {
    throw new Error(`${server.running.name} introspects wrongly: ${JSON.stringify(good)}`);
  }
  if (good['active'] !== true || bad['active'] !== false) {
    throw new Error(`${server.running.name} does not tell a good token from a bad one`);
  }
}

/** One refresh, whose access token must be right. @returns the next refresh token. */
async function refresh(server: IssuerServer, token: string): Promise<string> {
  const answer = await ask(server, refreshRequest(server.paths, token));
  await assertToken(server, String(answer['access_token']));
  return String(answer['refresh_token']);
}

async function assertRefuses(server: IssuerServer, post: FormPost): Promise<void> {
  const { status, text } = await send(server.running, post);
  if (status < 400 || status >= 500)
    throw new Error(`${server.running.name} answered ${status} to a bad request: ${text}`);
}

/** To the second: who reads the clock once for `iat` and once for `exp` may see it pass one. */
function hasLife(claims: Record<string, unknown>): boolean {
  return Math.abs(Number(claims['exp']) - Number(claims['iat']) - TTL_SECONDS) <= 1;
}

async function assertToken({ running, paths }: IssuerServer, token: string): Promise<void> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const answer = await request(`http://127.0.0.1:${running.port}${paths.keys}`);
  const { keys }: { keys: Record<string, string>[] } = JSON.parse(await answer.body.text());
  const signed = keys.some((jwk) =>
    verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  );
  if (!signed) throw new Error(`${running.name} gave a token that none of its keys signed`);
  const { alg }: { alg: string } = JSON.parse(Buffer.from(header, 'base64url').toString());
  if (alg !== 'ES256') throw new Error(`${running.name} signs ${alg}`);
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (![claims['aud']].flat().includes(AUDIENCE) || !hasLife(claims)) {
    throw new Error(`${running.name} gave a token with other claims than asked for: ${JSON.stringify(claims)}`);
  }
}
