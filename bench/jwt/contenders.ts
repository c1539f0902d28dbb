/**
 * The libraries beside each other: the same token, the same key, the same checks (algorithm, issuer, audience, expiry), each in the
 * way its documentation recommends for speed.
 */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { createSigner, createVerifier as createFastVerifier, type Algorithm as FastAlgorithm } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import {
  createVerifier,
  exportJwk,
  exportPrivatePem,
  exportPublicPem,
  exportSecret,
  generateKey,
  publicKey,
  signJwt,
  type Algorithm,
  type Key,
} from '@sealgate/jwt';
import type { Task } from './rounds.ts';

export const ISSUER = 'https://auth.acme.test';
export const AUDIENCE = 'https://api.acme.test';

/** The contenders' names, as the tables and targets use them. */
export const OURS = '@sealgate/jwt';
export const RAW = 'node:crypto alone';

/** What both bench sizes are made of: the claims of RFC 9068, and a filler. */
export function claimsOf(bytes: number): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user_2f7c1b9e4d',
    exp: now + 3_600,
    iat: now - 10,
    jti: 'a9f8d7e6c5b4a392',
    client_id: 'orders-web',
    scope: 'orders:read orders:write',
    roles: ['editor'],
    pad: '',
  };
  return { ...claims, pad: 'x'.repeat(Math.max(0, bytes - JSON.stringify(claims).length)) };
}

export interface Case {
  readonly alg: Algorithm;
  readonly key: Key;
  readonly claims: Record<string, unknown>;
  readonly token: string;
  /** Tokens in rotation: no contender sees the same one twice in a row. */
  readonly next: () => string;
}

export function makeCase(alg: Algorithm, bytes: number): Case {
  const key = generateKey(alg);
  const claims = claimsOf(bytes);
  const tokens = Array.from({ length: 16 }, (_, index) => signJwt({ ...claims, jti: `token-${index}` }, { key }));
  let turn = 0;
  return { alg, key, claims, token: signJwt(claims, { key }), next: () => tokens[turn++ & 15] ?? '' };
}

const HASHES: Partial<Record<Algorithm, string>> = { HS256: 'sha256', RS256: 'sha256', ES256: 'sha256' };

/** Key objects made once, as every contender would. */
function objects({ key }: Case): { readonly signing: KeyObject; readonly verifying: KeyObject } {
  if (key.type === 'secret') {
    const secret = createSecretKey(exportSecret(key));
    return { signing: secret, verifying: secret };
  }
  return { signing: createPrivateKey(exportPrivatePem(key)), verifying: createPublicKey(exportPublicPem(key)) };
}

/** True for the algorithms that jsonwebtoken and fast-jwt have too; jsonwebtoken has no EdDSA. */
const has = (alg: Algorithm, library: 'jsonwebtoken' | 'fast-jwt'): boolean =>
  alg === 'HS256' || alg === 'RS256' || alg === 'ES256' || (alg === 'EdDSA' && library === 'fast-jwt');

export async function verifyTasks(bench: Case): Promise<Task[]> {
  const { alg, key, next } = bench;
  const { verifying } = objects(bench);
  const pem = key.type === 'secret' ? Buffer.from(exportSecret(key)) : exportPublicPem(key);
  const ours = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: key.type === 'secret' ? key : publicKey(key),
    algorithms: [alg],
  });
  const tasks: Task[] = [
    { name: RAW, call: rawVerify(bench, verifying) },
    { name: OURS, call: () => ours.check(next()) },
  ];
  if (has(alg, 'fast-jwt')) {
    const fast = createFastVerifier({
      key: pem,
      algorithms: [alg as FastAlgorithm],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      cache: false,
    });
    tasks.push({ name: 'fast-jwt', call: () => fast(next()) as unknown });
  }
  if (has(alg, 'jsonwebtoken')) {
    const options = { algorithms: [alg as jsonwebtoken.Algorithm], issuer: ISSUER, audience: AUDIENCE };
    tasks.push({ name: 'jsonwebtoken', call: () => jsonwebtoken.verify(next(), verifying, options) });
  }
  const joseKey = key.type === 'secret' ? verifying : await jose.importJWK({ ...exportJwk(key) } as jose.JWK, alg);
  const joseOptions = { algorithms: [alg], issuer: ISSUER, audience: AUDIENCE };
  tasks.push({ name: 'jose', call: () => jose.jwtVerify(next(), joseKey, joseOptions) });
  await prove(tasks);
  return tasks;
}

/** The cryptography and nothing else: bytes prepared, nothing parsed, nothing checked. */
function rawVerify({ alg, token }: Case, object: KeyObject): () => boolean {
  const dot = token.lastIndexOf('.');
  const data = Buffer.from(token.slice(0, dot));
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  if (alg === 'HS256') return () => timingSafeEqual(createHmac('sha256', object).update(data).digest(), signature);
  const parameters = {
    key: object,
    ...(alg === 'ES256' ? { dsaEncoding: 'ieee-p1363' as const } : {}),
    ...(alg === 'RS256' ? { padding: constants.RSA_PKCS1_PADDING } : {}),
  };
  return () => verify(HASHES[alg] ?? null, data, parameters, signature);
}

export async function signTasks(bench: Case): Promise<Task[]> {
  const { alg, key, claims, token } = bench;
  const { signing } = objects(bench);
  const data = Buffer.from(token.slice(0, token.lastIndexOf('.')));
  const parameters = { key: signing, ...(alg === 'ES256' ? { dsaEncoding: 'ieee-p1363' as const } : {}) };
  const tasks: Task[] = [
    {
      name: RAW,
      call:
        alg === 'HS256'
          ? () => createHmac('sha256', signing).update(data).digest()
          : () => sign(HASHES[alg] ?? null, data, parameters),
    },
    { name: OURS, call: () => signJwt(claims, { key }) },
  ];
  const pem = key.type === 'secret' ? Buffer.from(exportSecret(key)) : exportPrivatePem(key);
  if (has(alg, 'fast-jwt')) {
    const fast = createSigner({ key: pem, algorithm: alg as FastAlgorithm, kid: key.kid ?? '', noTimestamp: true });
    tasks.push({ name: 'fast-jwt', call: () => fast(claims) });
  }
  if (has(alg, 'jsonwebtoken')) {
    const options = { algorithm: alg as jsonwebtoken.Algorithm, keyid: key.kid ?? '' };
    tasks.push({ name: 'jsonwebtoken', call: () => jsonwebtoken.sign(claims, signing, options) });
  }
  tasks.push({
    name: 'jose',
    call: () => new jose.SignJWT(claims).setProtectedHeader({ alg, kid: key.kid ?? '', typ: 'JWT' }).sign(signing),
  });
  await prove(tasks);
  return tasks;
}

/** A contender that fails would be the fastest of all. @throws {Error} when one does. */
async function prove(tasks: readonly Task[]): Promise<void> {
  for (const { name, call } of tasks) {
    const answer: unknown = await call();
    if (
      answer === false ||
      answer === undefined ||
      (typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok !== true)
    ) {
      throw new Error(`${name} does not do the work`);
    }
  }
}
