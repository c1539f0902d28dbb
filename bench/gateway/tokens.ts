/**
 * The token set that every gateway under comparison gets: access tokens of RFC 9068, each of another user, signed by one key.
 * They are made with `jose`, so that no contender verifies what its own library signed.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type JWK, SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

export type Algorithm = 'RS256' | 'ES256';

export const AUDIENCE = 'https://api.bench.test';
export const KEY_ID = 'bench-key-1';

/** Tokens in rotation: more than one user, few enough that a cache is worth having. */
export const TOKENS = 2000;

export interface TokenSet {
  readonly algorithm: Algorithm;
  readonly issuer: string;
  /** PEM (SPKI) file of the public key. */
  readonly publicKeyFile: string;
  readonly publicJwk: JWK;
  readonly tokens: readonly string[];
}

/** One key and its tokens, good for two hours. The public key is also written into `folder`, for those who read files. */
export async function makeTokens(algorithm: Algorithm, issuer: string, folder: string): Promise<TokenSet> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { modulusLength: 2048, extractable: true });
  const publicKeyFile = path.join(folder, `${algorithm}.pem`);
  writeFileSync(publicKeyFile, await exportSPKI(publicKey));
  const now = Math.floor(Date.now() / 1000);
  const tokens: string[] = [];
  for (let index = 0; index < TOKENS; index++) {
    const token = new SignJWT({
      iss: issuer,
      sub: `user-${index}`,
      aud: AUDIENCE,
      iat: now,
      exp: now + 7200,
      jti: `token-${index}-${algorithm}`,
      client_id: 'bench-client',
      scope: 'orders:read orders:write',
      sid: `session-${index}`,
      roles: ['editor'],
      status: { status_list: { idx: index, uri: `${issuer}/v1/status-lists/1` } },
    });
    tokens.push(await token.setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: KEY_ID }).sign(privateKey));
  }
  const publicJwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: algorithm, use: 'sig' };
  return { algorithm, issuer, publicKeyFile, publicJwk, tokens };
}

/** The same token with a changed signature, still well-formed. */
export function tamper(token: string): string {
  const dot = token.lastIndexOf('.');
  const at = dot + 10;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/** One GET as it goes on the wire. */
export function requestOf(target: string, token?: string): string {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return `GET ${target} HTTP/1.1\r\nHost: api.bench.test\r\n${authorization}User-Agent: bench\r\nAccept: */*\r\n\r\n`;
}
