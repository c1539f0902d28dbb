/**
 * What the matrix asks of a JWT library, ours or another's: sign claims, verify a token, with one key that has one algorithm.
 */
import type { Algorithm } from '@sealgate/jwt';

export type Claims = Readonly<Record<string, unknown>>;
export type JsonWebKey = Readonly<Record<string, unknown>>;

/** One key in every form that a library may want. A secret has no PEM, and its two JWKs are the same. */
export interface KeyMaterial {
  readonly alg: Algorithm;
  readonly privateJwk: JsonWebKey;
  readonly publicJwk: JsonWebKey;
  /** PKCS #8. */
  readonly privatePem: string | undefined;
  /** SPKI. */
  readonly publicPem: string | undefined;
}

export interface Library {
  readonly name: string;
  readonly version: string;
  /** Where it comes from: `'PyPI'`. */
  readonly source: string;
  /** Tokens per direction and algorithm; more find what depends on a signature's bytes, and cost time. */
  readonly tokens: number;
  /** @throws when it does not support the algorithm. */
  sign(key: KeyMaterial, claims: Claims): Promise<string>;
  /** The claims it decoded. @throws when it refuses the token or does not support the algorithm. */
  verify(key: KeyMaterial, token: string): Promise<Claims>;
}

/** The audience of every token in the matrix, which a verifier is told to expect. */
export const AUDIENCE = 'https://api.interop.test';
