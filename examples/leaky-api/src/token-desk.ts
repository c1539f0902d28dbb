/** The desk that issues this API's tokens, and its keys: new ones at each start. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { FaultName } from './faults.ts';

export const ISSUER = 'https://login.leaky.test';
export const AUDIENCE = 'https://api.leaky.test';

export interface TokenDesk {
  readonly algorithm: 'ES256' | 'RS256' | 'HS256';
  /** What tokens are verified with: the public key, or the secret. */
  readonly verificationKey: KeyObject | string;
  readonly privateKey: KeyObject | undefined;
  /** What the owner of the API may hand to who tests it: a PEM, or the secret. */
  readonly signingKeyText: string;
  readonly jwks: { readonly keys: readonly object[] };
  /** A token of that kind for the user. */
  issue(kind: TokenKind, user: string, changes?: Readonly<Record<string, unknown>>): string;
}

export type TokenKind = 'access' | 'id' | 'refresh';

const TYPES: Readonly<Record<TokenKind, string>> = { access: 'at+jwt', id: 'JWT', refresh: 'refresh+jwt' };
const KEY_ID = 'k1';
const LIFE_SECONDS = 600;

export function createTokenDesk(faults: ReadonlySet<FaultName>): TokenDesk {
  const { algorithm, verificationKey, privateKey, signingKeyText } = createKeys(faults);
  const jwk = typeof verificationKey === 'string' ? undefined : verificationKey.export({ format: 'jwk' });
  return {
    algorithm,
    verificationKey,
    privateKey,
    signingKeyText,
    jwks: { keys: jwk === undefined ? [] : [{ ...jwk, kid: KEY_ID, use: 'sig', alg: algorithm }] },
    issue(kind, user, changes = {}) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: ISSUER,
        sub: user,
        aud: AUDIENCE,
        exp: now + LIFE_SECONDS,
        iat: now,
        jti: randomUUID(),
        client_id: 'leaky-web',
        ...changes,
      };
      const header = { alg: algorithm, typ: TYPES[kind], kid: KEY_ID };
      return jwt.sign(claims, privateKey ?? signingKeyText, { algorithm, header });
    },
  };
}

type Keys = Pick<TokenDesk, 'algorithm' | 'verificationKey' | 'privateKey' | 'signingKeyText'>;

function createKeys(faults: ReadonlySet<FaultName>): Keys {
  if (faults.has('weak-secret')) {
    const secret = 'your-256-bit-secret';
    return { algorithm: 'HS256', verificationKey: secret, privateKey: undefined, signingKeyText: secret };
  }
  // Only RSA keys fit several algorithms.
  const isRsa = faults.has('algorithm-from-header');
  const { publicKey, privateKey } = isRsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKeyText = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { algorithm: isRsa ? 'RS256' : 'ES256', verificationKey: publicKey, privateKey, signingKeyText };
}
