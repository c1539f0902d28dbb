/** Before anything is measured: does each issuer do the same work? */
import { createPublicKey, verify } from 'node:crypto';
import { request } from 'undici';
import { AUDIENCE, TTL_SECONDS, introspectionRequest, refreshRequest, tokenRequest } from './requests.ts';
import { type IssuerServer, ask, takeRefreshToken } from './servers.ts';

/** @throws {Error} unless client credentials and refresh give ES256 tokens of the issuer's own key, for the same audience and life. */
export async function assertIssues(server: IssuerServer): Promise<void> {
  const own = await ask(server, tokenRequest(server.paths));
  await assertToken(server, String(own['access_token']));
  const spent = takeRefreshToken(server);
  const refreshed = await ask(server, refreshRequest(server.paths, spent));
  await assertToken(server, String(refreshed['access_token']));
  if (typeof refreshed['refresh_token'] !== 'string' || refreshed['refresh_token'] === spent) {
    throw new Error(`${server.running.name} does not rotate refresh tokens`);
  }
  if (refreshed['refresh_token'].length !== spent.length) {
    throw new Error(`${server.running.name} gives refresh tokens of several lengths, which the load cannot send`);
  }
}

/** @throws {Error} unless a good token is introspected as active and a bad one is not. */
export async function assertIntrospects(server: IssuerServer, token: string): Promise<void> {
  const good = await ask(server, introspectionRequest(server.paths, token));
  const bad = await ask(server, introspectionRequest(server.paths, `${token.slice(0, -4)}AAAA`));
  if (good['active'] !== true || bad['active'] !== false) {
    throw new Error(`${server.running.name} introspects wrongly`);
  }
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
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if ([claims['aud']].flat()[0] !== AUDIENCE || Number(claims['exp']) - Number(claims['iat']) !== TTL_SECONDS) {
    throw new Error(`${running.name} gave a token with other claims than asked for: ${JSON.stringify(claims)}`);
  }
}
