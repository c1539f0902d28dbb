/** Makes tokens of any shape, signed properly: what an attacker who holds one valid key, or none, could send. */
import {
  generateKey,
  publicKey,
  type Algorithm,
  type JwtErrorCode,
  type Key,
  createVerifier,
  type Outcome,
} from '@sealgate/jwt';
import { createSignature } from '../../../packages/jwt/src/jws/signature.ts';

export const NOW = 1_800_000_000;
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://api.example';

export const signingKey: Key = generateKey('ES256', { kid: 'k1' });
export const verificationKey: Key = publicKey(signingKey);

export const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: NOW + 60, iat: NOW };

export function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url');
}

/** Signs two texts, or bytes, as they are. */
export function forge(header: string | object, payload: string | object | Uint8Array, key: Key = signingKey): string {
  const part = (value: string | object | Uint8Array): string =>
    encode(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value));
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${encode(createSignature(key, Buffer.from(input)))}`;
}

export const header = { alg: 'ES256', kid: 'k1' };

export const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: verificationKey,
  algorithms: ['ES256'],
  now: () => NOW,
});

/** The code of a refusal, or `accepted`. */
export function verdict(outcome: Outcome): JwtErrorCode | 'accepted' {
  return outcome.ok ? 'accepted' : outcome.error.code;
}

export function check(token: unknown): JwtErrorCode | 'accepted' {
  return verdict(verifier.check(token as string));
}

/** A verifier for one more key and algorithm. */
export function verifierFor(keys: Key, algorithms: readonly Algorithm[]): { check(token: string): Outcome } {
  return createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, algorithms, now: () => NOW });
}
