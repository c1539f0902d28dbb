/**
 * The libraries beside each other: the same token, the same key, the same checks (algorithm, issuer, audience, expiry), each in the
 * way its documentation recommends for speed.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify as createVerifyStream,
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
export const RAW_ONE_SHOT = 'node:crypto alone, one-shot';

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
  /** The bytes of those tokens that cryptography is about, in rotation. */
  readonly nextPrepared: () => Prepared;
}

interface Prepared {
  /** The characters before the second dot. */
  readonly data: Buffer;
  readonly signature: Buffer;
}

function prepare(token: string): Prepared {
  const dot = token.lastIndexOf('.');
  return { data: Buffer.from(token.slice(0, dot)), signature: Buffer.from(token.slice(dot + 1), 'base64url') };
}

/** Gives the values in turn, for ever. */
function inRotation<T>(values: readonly [T, ...T[]]): () => T {
  let turn = 0;
  return () => values[turn++ % values.length] ?? values[0];
}

export function makeCase(alg: Algorithm, bytes: number): Case {
  const key = generateKey(alg);
  const claims = claimsOf(bytes);
  const token = signJwt(claims, { key });
  const more = Array.from({ length: 15 }, (_, index) => signJwt({ ...claims, jti: `token-${index}` }, { key }));
  const next = inRotation([token, ...more]);
  return { alg, key, claims, token, next, nextPrepared: inRotation([prepare(token), ...more.map(prepare)]) };
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
  const tasks: Task[] = [...rawVerify(bench, verifying), { name: OURS, call: () => ours.check(next()) }];
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

/**
 * The cryptography and nothing else, by the cheapest call that `node:crypto` has for what is in a token: the same tokens in the same
 * rotation, but their bytes decoded and the key object made beforehand. No base64url, no JSON, no claim.
 */
function rawVerify({ alg, nextPrepared }: Case, key: KeyObject): Task[] {
  const hash = HASHES[alg];
  const call = (verifyOne: (prepared: Prepared) => boolean) => (): boolean => verifyOne(nextPrepared());
  if (alg === 'HS256') {
    return [
      {
        name: RAW,
        call: call(({ data, signature }) =>
          timingSafeEqual(createHmac('sha256', key).update(data).digest(), signature),
        ),
      },
    ];
  }
  const given = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  const oneShot = call(({ data, signature }) => verify(hash ?? null, data, given, signature));
  if (hash === undefined) return [{ name: RAW, call: oneShot }];
  return [
    {
      name: RAW,
      call: call(({ data, signature }) => createVerifyStream(hash).update(data).verify(given, signature)),
    },
    { name: RAW_ONE_SHOT, call: oneShot },
  ];
}

/** As `rawVerify`: the cheapest call that gives the signature that belongs into a token, for bytes that are ready. */
function rawSign({ alg, nextPrepared }: Case, key: KeyObject): Task {
  const hash = HASHES[alg];
  const given = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  if (alg === 'HS256') return { name: RAW, call: () => createHmac('sha256', key).update(nextPrepared().data).digest() };
  if (hash === undefined) return { name: RAW, call: () => sign(null, nextPrepared().data, given) };
  return { name: RAW, call: () => createSign(hash).update(nextPrepared().data).sign(given) };
}

export async function signTasks(bench: Case): Promise<Task[]> {
  const { alg, key, claims } = bench;
  const { signing } = objects(bench);
  const tasks: Task[] = [rawSign(bench, signing), { name: OURS, call: () => signJwt(claims, { key }) }];
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
