/**
 * The token set that every gateway under comparison gets: access tokens of RFC 9068, each of another user, signed by one key.
 * They are made with `jose`, so that no contender verifies what its own library signed.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type JWK, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import { LOAD_CORE, MEASURED_CORE } from '../load/process.ts';

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

/**
 * One key and its tokens, good for two hours. The public key is also written into `folder`, for those who read files. Signing 60,000 with
 * RSA takes a core most of a minute, so every core signs a share.
 */
export async function makeTokens(
  algorithm: Algorithm,
  issuer: string,
  folder: string,
  count: number = TOKENS,
): Promise<TokenSet> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { modulusLength: 2048, extractable: true });
  const publicKeyFile = path.join(folder, `${algorithm}.pem`);
  const privateKeyFile = path.join(folder, `${algorithm}-private.pem`);
  writeFileSync(publicKeyFile, await exportSPKI(publicKey));
  writeFileSync(privateKeyFile, await exportPKCS8(privateKey));
  const cores = [MEASURED_CORE, LOAD_CORE];
  const share = Math.ceil(count / cores.length);
  const shares = await Promise.all(
    cores.map(async (core, index) => {
      const tokens = path.join(folder, `${algorithm}-${index}.tokens`);
      const last = Math.min(count, (index + 1) * share);
      await sign({ algorithm, issuer, privateKeyFile, tokens, first: index * share, last }, core);
      return readFileSync(tokens, 'utf8').trimEnd().split('\n');
    }),
  );
  const publicJwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: algorithm, use: 'sig' };
  return { algorithm, issuer, publicKeyFile, publicJwk, tokens: shares.flat() };
}

/** What one process signs (`sign-tokens.ts`): users `first` to `last - 1`, a token each, written into the file `tokens`, one a line. */
export interface SigningJob {
  readonly algorithm: Algorithm;
  readonly issuer: string;
  /** PEM (PKCS #8). */
  readonly privateKeyFile: string;
  readonly tokens: string;
  readonly first: number;
  readonly last: number;
}

async function sign(job: SigningJob, core: number): Promise<void> {
  const program = path.join(import.meta.dirname, 'sign-tokens.ts');
  await promisify(execFile)('taskset', ['-c', String(core), process.execPath, program, JSON.stringify(job)]);
}

/** The same token with a changed signature, still well-formed. */
export function tamper(token: string): string {
  const dot = token.lastIndexOf('.');
  const at = dot + 10;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/** One request as it goes on the wire: a GET, or with a body a POST. */
export function requestOf(target: string, token?: string, body?: string): string {
  const lines = [
    `${body === undefined ? 'GET' : 'POST'} ${target} HTTP/1.1`,
    'Host: api.bench.test',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    'User-Agent: bench',
    'Accept: */*',
    ...(body === undefined ? [] : ['Content-Type: text/plain', `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
