/** What the owner of this API can give to who attacks it for them: tokens of every kind, and the key. By the name of the file it goes to. */
import type { TokenDesk } from './token-desk.ts';

export type Material = Readonly<
  Record<
    'token' | 'expired' | 'id' | 'refresh' | 'other-audience' | 'other-issuer' | 'signing-key' | 'jwks.json',
    string
  >
>;

export function materialOf(desk: TokenDesk): Material {
  const now = Math.floor(Date.now() / 1000);
  return {
    token: desk.issue('access', 'alice'),
    expired: desk.issue('access', 'alice', { exp: now - 7200 }),
    id: desk.issue('id', 'alice'),
    refresh: desk.issue('refresh', 'alice'),
    'other-audience': desk.issue('access', 'alice', { aud: 'https://other.leaky.test' }),
    'other-issuer': desk.issue('access', 'alice', { iss: 'https://other-login.leaky.test' }),
    'signing-key': desk.signingKeyText,
    'jwks.json': JSON.stringify(desk.jwks),
  };
}
