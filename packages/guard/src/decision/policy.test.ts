import { describe, expect, it } from 'vitest';
import { GuardError } from '../errors.ts';
import { compilePolicy, type RoutePolicy } from './policy.ts';

const refusal = (policy: unknown, known?: readonly string[]): GuardError => {
  try {
    // What a JavaScript program could hand in.
    compilePolicy(policy as RoutePolicy, known);
  } catch (error) {
    if (error instanceof GuardError) return error;
    throw error;
  }
  throw new Error('the policy was taken');
};

describe('compilePolicy', () => {
  it('needs a token unless told otherwise', () => {
    expect(compilePolicy({})).toMatchObject({ auth: 'required', issuers: undefined, scopes: undefined, claims: [] });
  });

  it('takes a plain list for "all of"', () => {
    expect(compilePolicy({ scopes: ['a', 'b'] }).scopes).toEqual({ all: ['a', 'b'], any: [] });
    expect(compilePolicy({ roles: { all: ['a'], any: ['b', 'c'] } }).roles).toEqual({ all: ['a'], any: ['b', 'c'] });
    expect(compilePolicy({ scopes: [] }).scopes).toBeUndefined();
  });

  it.each([
    ['a member it does not know', { scope: ['a'] }, 'scope'],
    ['an unknown word for auth', { auth: 'maybe' }, 'auth'],
    ['an unknown word for onStale', { onStale: 'ignore' }, 'onStale'],
    ['a scope with a quote', { scopes: ['a"'] }, 'scopes'],
    ['a scope with a space', { scopes: ['a b'] }, 'scopes'],
    ['a scope that is no string', { scopes: [1] }, 'scopes'],
    ['scopes that are one string', { scopes: 'a' }, 'scopes'],
    ['an empty alternative, which nobody could meet', { scopes: { any: [] } }, 'scopes.any'],
    ['an unknown kind of requirement', { roles: { some: ['a'] } }, 'roles.some'],
    ['no issuer at all', { issuers: [] }, 'issuers'],
    ['a claim that is no JSON Pointer', { claims: { tenant: 'a' } }, 'claims.tenant'],
    ['requirements on a route that looks at no token', { auth: 'none', scopes: ['a'] }, 'auth'],
    ['a realm that would break the challenge', { realm: 'a"b' }, 'realm'],
    ['a realm with a line break', { realm: 'a\r\nSet-Cookie: b' }, 'realm'],
    ['a cookie name with a space', { cookie: 'a b' }, 'cookie'],
  ])('refuses %s', (_name, policy, path) => {
    expect(refusal(policy)).toMatchObject({ code: 'policy_invalid', path });
  });

  it('refuses an issuer that is not configured, and says which are', () => {
    const error = refusal({ issuers: ['mian'] }, ['main', 'partner']);
    expect(error).toMatchObject({ code: 'issuer_unknown', path: 'issuers' });
    expect(error.message).toContain('main, partner');
    expect(compilePolicy({ issuers: ['main'] }, ['main']).issuers).toEqual(['main']);
  });
});

describe('challenges (RFC 6750 section 3)', () => {
  const { denials } = compilePolicy({
    realm: 'orders',
    scopes: { all: ['orders:read'], any: ['orders:write', 'orders:admin'] },
    resourceMetadata: 'https://api.test/.well-known/oauth-protected-resource',
  });

  it('names no error where no token was sent (section 3.1)', () => {
    expect(denials.token_missing).toEqual({
      allow: false,
      status: 401,
      code: 'token_missing',
      challenge: 'Bearer realm="orders", resource_metadata="https://api.test/.well-known/oauth-protected-resource"',
    });
  });

  it('names the error and, for scopes, what would suffice', () => {
    expect(denials.invalid_token.challenge).toMatch(/^Bearer realm="orders", error="invalid_token"/);
    expect(denials.invalid_request).toMatchObject({ status: 400 });
    expect(denials.invalid_request.challenge).toContain('error="invalid_request"');
    expect(denials.insufficient_scope.challenge).toContain(
      'error="insufficient_scope", scope="orders:read orders:write"',
    );
    expect(denials.insufficient_role.challenge).toContain('error="insufficient_scope"');
    expect(denials.insufficient_role.challenge).not.toContain('scope="');
  });

  it('does not blame the client when the token cannot be checked (RFC 9110 sections 10.2.3 and 15.6.4)', () => {
    expect(denials.temporarily_unavailable).toEqual({
      allow: false,
      status: 503,
      code: 'temporarily_unavailable',
      retryAfterSeconds: 5,
    });
  });
});
