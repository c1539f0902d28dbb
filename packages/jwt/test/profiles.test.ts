/** The token profiles: what each asks beyond signature, time, issuer and audience. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  assertIdTokenBinding,
  clientAssertionProfile,
  createVerifier,
  accessTokenProfile,
  exportJwk,
  exportPrivateJwk,
  generateKey,
  idTokenProfile,
  logoutTokenProfile,
  publicKey,
  signJwt,
  thumbprint,
  verifyDpopProof,
  LOGOUT_EVENT,
  type DpopOptions,
  type JwtErrorCode,
} from '@sealgate/jwt';

const NOW = 1_800_000_000;
const now = (): number => NOW;
const key = generateKey('ES256');
const rules = { issuer: 'https://op.example', keys: publicKey(key), algorithms: ['ES256'] as const };
const base = { iss: 'https://op.example', aud: 'client', sub: 'alice', exp: NOW + 60, iat: NOW };

function codeOf(work: () => unknown): JwtErrorCode | 'accepted' {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return (error as { code: JwtErrorCode }).code;
  }
}

describe('access token (RFC 9068 section 2.2)', () => {
  const verifier = createVerifier({ ...accessTokenProfile({ ...rules, audience: 'client' }), now });
  const full = { ...base, jti: 'j', client_id: 'c' };
  it.each(['iss', 'aud', 'exp', 'sub', 'iat', 'jti', 'client_id'])('needs %s', (claim) => {
    const sign = (claims: object): string => signJwt({ ...claims }, { key, typ: 'at+jwt' });
    expect(codeOf(() => verifier.verify(sign(full)))).toBe('accepted');
    expect(codeOf(() => verifier.verify(sign({ ...full, [claim]: undefined })))).toBe('claim_missing');
  });
});

describe('ID token (OpenID Connect Core section 3.1.3.7)', () => {
  const verifier = createVerifier({ ...idTokenProfile({ ...rules, clientId: 'client' }), now });
  const verify = (more: object): JwtErrorCode | 'accepted' =>
    codeOf(() => verifier.verify(signJwt({ ...base, ...more }, { key })));

  it('azp is the client, and present where there are several audiences', () => {
    expect(verify({})).toBe('accepted');
    expect(verify({ azp: 'client' })).toBe('accepted');
    expect(verify({ azp: 'other' })).toBe('claim_mismatch');
    expect(verify({ aud: ['client', 'x'] })).toBe('claim_missing');
    expect(verify({ aud: ['client', 'x'], azp: 'client' })).toBe('accepted');
  });

  it('nonce, at_hash and c_hash bind it to the request', () => {
    const accessToken = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y';
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
    // The example of OpenID Connect Core appendix A.3.
    expect(half).toBe('77QmUPtjPfzWtF2AnpK9RQ');
    const token = verifier.verify(
      signJwt({ ...base, nonce: 'n', at_hash: half, c_hash: half, auth_time: NOW - 30 }, { key }),
    );
    const bind = (binding: object): JwtErrorCode | 'accepted' =>
      codeOf(() => assertIdTokenBinding(token, { nonce: 'n', ...binding }));
    expect(bind({})).toBe('accepted');
    expect(bind({ nonce: 'm' })).toBe('claim_mismatch');
    expect(bind({ nonce: undefined })).toBe('claim_mismatch');
    expect(bind({ accessToken, code: accessToken })).toBe('accepted');
    expect(bind({ accessToken: 'other' })).toBe('claim_mismatch');
    expect(bind({ code: 'other' })).toBe('claim_mismatch');
    expect(bind({ maxAuthAgeSeconds: 31, nowSeconds: NOW })).toBe('accepted');
    expect(bind({ maxAuthAgeSeconds: 30, nowSeconds: NOW })).toBe('token_too_old');
    const bare = verifier.verify(signJwt(base, { key }));
    expect(codeOf(() => assertIdTokenBinding(bare, { nonce: 'n' }))).toBe('claim_missing');
    expect(codeOf(() => assertIdTokenBinding(bare, { accessToken }))).toBe('claim_missing');
  });
});

describe('logout token (Back-Channel Logout section 2.6)', () => {
  const verifier = createVerifier({ ...logoutTokenProfile({ ...rules, audience: 'client' }), now });
  const full = { ...base, jti: 'j', events: { [LOGOUT_EVENT]: {} } };
  it.each<[string, object, JwtErrorCode | 'accepted']>([
    ['whole', {}, 'accepted'],
    ['by session alone', { sub: undefined, sid: 's' }, 'accepted'],
    ['of nobody', { sub: undefined }, 'claim_missing'],
    ['with a nonce', { nonce: 'n' }, 'claim_mismatch'],
    ['without events', { events: undefined }, 'claim_missing'],
    ['of another event', { events: { other: {} } }, 'claim_mismatch'],
    ['whose event is no object', { events: { [LOGOUT_EVENT]: true } }, 'claim_mismatch'],
    ['without jti', { jti: undefined }, 'claim_missing'],
  ])('%s', (_name, change, code) => {
    expect(codeOf(() => verifier.verify(signJwt({ ...full, ...change }, { key, typ: 'logout+jwt' })))).toBe(code);
  });
});

describe('client assertion (RFC 7523 section 3)', () => {
  const { issuer: _, ...rest } = rules;
  const verifier = createVerifier({
    ...clientAssertionProfile({ ...rest, clientId: 'web', audience: 'https://op.example' }),
    now,
  });
  const full = { iss: 'web', sub: 'web', aud: 'https://op.example', exp: NOW + 60, iat: NOW, jti: 'j' };
  it.each<[string, object, JwtErrorCode | 'accepted']>([
    ['whole', {}, 'accepted'],
    ['of another client', { iss: 'other', sub: 'other' }, 'issuer_unknown'],
    ['about another client', { sub: 'other' }, 'claim_mismatch'],
    ['for another server', { aud: 'https://other.example' }, 'audience_mismatch'],
    ['good for an hour', { exp: NOW + 3_600 }, 'claim_mismatch'],
    ['without jti', { jti: undefined }, 'claim_missing'],
    ['without iat', { iat: undefined }, 'claim_missing'],
  ])('%s', (_name, change, code) => {
    expect(codeOf(() => verifier.verify(signJwt({ ...full, ...change }, { key })))).toBe(code);
  });
});

describe('DPoP proof (RFC 9449 section 4.3)', () => {
  const claims = { jti: 'j', htm: 'POST', htu: 'https://api.example/orders', iat: NOW };
  const options: DpopOptions = {
    algorithms: ['ES256'],
    method: 'POST',
    url: 'https://api.example/orders?page=2#x',
    now,
  };
  const prove = (more: object = {}, jwk: object = exportJwk(key), typ = 'dpop+jwt', by = key): string =>
    signJwt({ ...claims, ...more }, { key: by, typ, header: { jwk: { ...jwk } } });
  const verify = (proof: string, more: Partial<DpopOptions> = {}): JwtErrorCode | 'accepted' =>
    codeOf(() => verifyDpopProof(proof, { ...options, ...more }));

  it('gives the thumbprint and for how long to remember it', () => {
    expect(verifyDpopProof(prove(), options)).toMatchObject({
      jti: 'j',
      thumbprint: thumbprint(key),
      rememberUntilSeconds: NOW + 65,
    });
  });

  it.each<[string, string, Partial<DpopOptions>, JwtErrorCode]>([
    ['another method', prove({ htm: 'GET' }), {}, 'claim_mismatch'],
    ['another path', prove({ htu: 'https://api.example/other' }), {}, 'claim_mismatch'],
    ['another host', prove({ htu: 'https://evil.example/orders' }), {}, 'claim_mismatch'],
    ['an htu that is no address', prove({ htu: 'orders' }), {}, 'claim_mismatch'],
    ['too old', prove({ iat: NOW - 65 }), {}, 'token_too_old'],
    ['from the future', prove({ iat: NOW + 6 }), {}, 'token_issued_in_future'],
    ['without jti', prove({ jti: undefined }), {}, 'claim_missing'],
    ['without the nonce asked for', prove(), { nonce: 'n' }, 'claim_missing'],
    ['with another nonce', prove({ nonce: 'm' }), { nonce: 'n' }, 'claim_mismatch'],
    ['without ath', prove(), { accessToken: 'at' }, 'claim_missing'],
    ['with the ath of another token', prove({ ath: 'x' }), { accessToken: 'at' }, 'claim_mismatch'],
    ['by another key than the token is bound to', prove(), { expectedThumbprint: 'x' }, 'claim_mismatch'],
    ['of another typ', prove({}, undefined, 'JWT'), {}, 'typ_mismatch'],
    ['with a private key inside', prove({}, exportPrivateJwk(key)), {}, 'key_not_public'],
    ['with the key of somebody else inside', prove({}, exportJwk(generateKey('ES256'))), {}, 'signature_invalid'],
    ['with no key inside', signJwt(claims, { key, typ: 'dpop+jwt' }), {}, 'header_invalid'],
    ['of an algorithm not allowed', prove(), { algorithms: ['Ed25519'] }, 'algorithm_not_allowed'],
  ])('%s is refused', (_name, proof, more, code) => {
    expect(verify(proof, more)).toBe(code);
  });

  it('accepts the ath and thumbprint of the token beside it; htu compares as an address', () => {
    const ath = createHash('sha256').update('at').digest('base64url');
    expect(
      verify(prove({ ath, htu: 'HTTPS://API.example:443/orders?x=1' }), {
        accessToken: 'at',
        expectedThumbprint: thumbprint(key),
      }),
    ).toBe('accepted');
  });

  it('symmetric algorithms cannot be configured', () => {
    expect(() => verifyDpopProof(prove(), { ...options, algorithms: ['HS256'] })).toThrow(TypeError);
  });
});
