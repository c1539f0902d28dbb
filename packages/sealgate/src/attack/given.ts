/** What the attacker was given beside the valid token. All of it is optional; each makes more attacks possible. */
import type { KeyObject } from 'node:crypto';
import type { Subject } from './subject.ts';

/** Tokens that must be refused although somebody honest made them. */
export const OTHER_TOKENS = {
  expired: 'an access token that has expired',
  id: 'an ID token of the same user',
  refresh: 'a refresh token of the same user',
  'other-audience': 'a token for another API',
  'other-issuer': 'a token of an issuer that the API does not trust',
  revoked: 'an access token that was revoked',
} as const;

export type OtherToken = keyof typeof OTHER_TOKENS;

export interface Given {
  readonly others: Readonly<Partial<Record<OtherToken, string>>>;
  /** A valid token of a second user. */
  readonly secondUser: Subject | undefined;
  /** The API's public keys, as they are published. */
  readonly publicKeys: readonly PublishedKey[];
  /** The key that the API's tokens are signed with: its owner may hand it over, so that validly signed variants can be tried. */
  readonly signingKey: KeyObject | undefined;
  /** Paths that answer without a token. */
  readonly openPaths: readonly string[];
  /** A path where a token is optional. */
  readonly optionalPath: string | undefined;
  /** A path that upgrades to WebSocket. */
  readonly websocketPath: string | undefined;
  /** Where `POST` with the token ends it. */
  readonly logoutUrl: URL | undefined;
}

export interface PublishedKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  /** Texts in which the key was seen: a JWK, a whole key set, a PEM. */
  readonly texts: readonly string[];
}
