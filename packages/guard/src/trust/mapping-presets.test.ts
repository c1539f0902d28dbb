/** Recorded shapes of access tokens, and of the tokens beside them that must not pass for one, signed by a test key. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createVerifier, importKey, type RemoteKeys } from '@sealgate/jwt';
import { describe, expect, it } from 'vitest';
import { Principal } from '../decision/principal.ts';
import { GuardError } from '../errors.ts';
import { resolveIssuer } from './issuer-options.ts';
import type { IssuerOptions } from './options.ts';
import { tokenRulesFor } from './token-rules.ts';

const NOW = 1_800_000_000;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = importKey(publicKey, { alg: 'ES256', kid: 'k1' });

/** As these issuers sign; `signJwt` refuses what some of them write. */
function tokenOf(claims: object, typ: string | undefined): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'ES256', kid: 'k1', ...(typ === undefined ? {} : { typ }) })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

interface Shape {
  readonly options: Omit<IssuerOptions, 'algorithms'>;
  /** `typ` of the header. */
  readonly typ?: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const principalOf = ({ options, typ, claims }: Shape, changes: object = {}): Principal | string => {
  const issuer = resolveIssuer('main', { ...options, algorithms: ['ES256'] }, 'issuers.main');
  const keys = { find: () => key, isCurrent: () => true } as Partial<RemoteKeys> as RemoteKeys;
  const verifier = createVerifier({ issuers: [tokenRulesFor(issuer, keys)], now: () => NOW });
  const token = tokenOf({ iat: NOW, exp: NOW + 300, ...claims, ...changes }, typ);
  const outcome = verifier.check(token);
  if (outcome instanceof Promise) throw new TypeError('a local key is found at once');
  if (!outcome.ok) return `${outcome.error.code} ${outcome.error.claim ?? outcome.error.member ?? ''}`;
  const verified = { token, issuer: outcome.issuer, issuerName: 'main', claims: outcome.claims };
  return new Principal(
    { ...verified, expiresAtSeconds: outcome.expiresAtSeconds, tokenRef: undefined },
    issuer.mapping,
  );
};

const KEYCLOAK: Shape = {
  options: {
    url: 'https://sso.test/realms/acme',
    audience: 'orders',
    mapping: { preset: 'keycloak', client: 'orders' },
  },
  typ: 'JWT',
  claims: {
    jti: 'onrtac:7bd0a3b2-5f5e-4a35-8c2a-8a3a1ec5e7d1',
    iss: 'https://sso.test/realms/acme',
    aud: ['orders', 'account'],
    sub: 'b0a6b2a8-6f0d-4a59-9d54-8a6e8d1a3a10',
    typ: 'Bearer',
    azp: 'web',
    sid: '4f1c7f3e-1f0c-4f7b-9d6a-6f3f5f0f7e02',
    acr: '1',
    'allowed-origins': ['https://app.test'],
    realm_access: { roles: ['offline_access', 'uma_authorization', 'staff'] },
    resource_access: { orders: { roles: ['editor'] }, account: { roles: ['manage-account'] } },
    scope: 'openid email profile',
    email_verified: true,
    preferred_username: 'alice',
  },
};

const AUTH0: Shape = {
  options: {
    url: 'https://acme.eu.auth0.test/',
    audience: 'https://orders.test',
    mapping: { preset: 'auth0', namespace: 'https://acme.test/' },
  },
  typ: 'JWT',
  claims: {
    'https://acme.test/roles': ['staff'],
    iss: 'https://acme.eu.auth0.test/',
    sub: 'auth0|65f1c0ffee',
    aud: ['https://orders.test', 'https://acme.eu.auth0.test/userinfo'],
    azp: 'mYcLiEnTiD',
    scope: 'openid profile read:orders',
    permissions: ['read:orders', 'write:orders'],
  },
};

const TENANT = '6f1b1d0a-0000-4000-8000-9d5c0f0e0a01';
const ENTRA: Shape = {
  options: {
    url: `https://login.microsoftonline.test/${TENANT}/v2.0`,
    audience: '9a4c1f7e-0000-4000-8000-5b1d0c0f0a02',
    mapping: 'entra',
  },
  typ: 'JWT',
  claims: {
    aud: '9a4c1f7e-0000-4000-8000-5b1d0c0f0a02',
    iss: `https://login.microsoftonline.test/${TENANT}/v2.0`,
    nbf: NOW,
    aio: 'AXQAi/8TAAAA',
    azp: '11112222-0000-4000-8000-000000000003',
    azpacr: '1',
    oid: '33334444-0000-4000-8000-000000000004',
    rh: '0.AAAA',
    roles: ['Orders.Editor'],
    scp: 'Orders.Read Orders.Write',
    sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
    tid: TENANT,
    uti: 'fqiBqXLPj0eQa82S-IYFAA',
    ver: '2.0',
  },
};

const COGNITO: Shape = {
  options: {
    url: 'https://cognito-idp.eu-west-1.amazonaws.test/eu-west-1_example',
    audience: 'exampleclientid',
    mapping: 'cognito',
  },
  claims: {
    sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    'cognito:groups': ['editors', 'admins'],
    iss: 'https://cognito-idp.eu-west-1.amazonaws.test/eu-west-1_example',
    version: 2,
    client_id: 'exampleclientid',
    origin_jti: 'bbbbbbbb-0000-4000-8000-000000000001',
    event_id: 'cccccccc-0000-4000-8000-000000000002',
    token_use: 'access',
    scope: 'openid orders/read',
    auth_time: NOW,
    jti: 'dddddddd-0000-4000-8000-000000000003',
    username: 'alice',
  },
};

const SPRING: Shape = {
  options: { url: 'https://auth.test', audience: 'orders', mapping: 'spring' },
  claims: {
    sub: 'alice',
    aud: 'orders',
    nbf: NOW,
    scope: ['orders.read', 'orders.write'],
    iss: 'https://auth.test',
    jti: 'eeeeeeee-0000-4000-8000-000000000001',
  },
};

describe('the tokens of well-known issuers, by preset', () => {
  it.each<[string, Shape, object]>([
    [
      'keycloak: roles of the realm and of one client, not of others',
      KEYCLOAK,
      {
        clientId: 'web',
        scopes: ['openid', 'email', 'profile'],
        roles: ['offline_access', 'uma_authorization', 'staff', 'editor'],
      },
    ],
    [
      'auth0: permissions and the namespaced claim are roles, and widen no scope',
      AUTH0,
      {
        clientId: 'mYcLiEnTiD',
        scopes: ['openid', 'profile', 'read:orders'],
        roles: ['read:orders', 'write:orders', 'staff'],
      },
    ],
    [
      'entra: scp and roles',
      ENTRA,
      {
        clientId: '11112222-0000-4000-8000-000000000003',
        scopes: ['Orders.Read', 'Orders.Write'],
        roles: ['Orders.Editor'],
      },
    ],
    [
      'cognito: groups, and the client for an audience',
      COGNITO,
      { clientId: 'exampleclientid', scopes: ['openid', 'orders/read'], roles: ['editors', 'admins'] },
    ],
    ['spring: a list of scopes', SPRING, { clientId: undefined, scopes: ['orders.read', 'orders.write'], roles: [] }],
  ])('%s', (_name, shape, expected) => {
    expect(principalOf(shape)).toMatchObject({ subject: shape.claims['sub'], ...expected });
  });

  it.each<[string, Shape, object, object]>([
    ['entra, version 1', ENTRA, { azp: undefined, appid: 'v1-client', ver: '1.0' }, { clientId: 'v1-client' }],
    ['entra, without a user', ENTRA, { scp: undefined, idtyp: 'app' }, { scopes: [], roles: ['Orders.Editor'] }],
    ['keycloak, bound by DPoP', KEYCLOAK, { typ: 'DPoP' }, { clientId: 'web' }],
    ['keycloak, no role at all', KEYCLOAK, { realm_access: undefined, resource_access: undefined }, { roles: [] }],
    ['keycloak, one list malformed', KEYCLOAK, { realm_access: { roles: 'staff' } }, { roles: ['editor'] }],
    ['cognito, no groups', COGNITO, { 'cognito:groups': undefined }, { roles: [] }],
    ['spring, one string', SPRING, { scope: 'orders.read' }, { scopes: ['orders.read'] }],
  ])('%s', (_name, shape, changes, expected) => {
    expect(principalOf(shape, changes)).toMatchObject(expected);
  });

  it.each<[string, Shape, object, string]>([
    ['an ID token of keycloak', KEYCLOAK, { typ: 'ID', aud: 'orders' }, 'claim_mismatch typ'],
    ['a refresh token of keycloak', KEYCLOAK, { typ: 'Refresh' }, 'claim_mismatch typ'],
    ['a keycloak token that does not say', KEYCLOAK, { typ: undefined }, 'claim_missing typ'],
    ['an ID token of auth0', AUTH0, { aud: 'https://orders.test', nonce: 'n' }, 'claim_mismatch nonce'],
    ['an ID token of entra', ENTRA, { azp: undefined, scp: undefined }, 'claim_missing azp" or "appid'],
    ['an entra token that grants nothing', ENTRA, { scp: undefined, roles: undefined }, 'claim_missing scp" or "roles'],
    [
      'an ID token of cognito',
      COGNITO,
      { token_use: 'id', aud: 'exampleclientid', client_id: undefined },
      'claim_missing client_id',
    ],
    ['an ID token of cognito with a client', COGNITO, { token_use: 'id' }, 'claim_mismatch token_use'],
    ['a cognito token of another client', COGNITO, { client_id: 'other' }, 'audience_mismatch client_id'],
    [
      'a cognito token with that client as aud alone',
      COGNITO,
      { client_id: 'x', aud: 'exampleclientid' },
      'audience_mismatch client_id',
    ],
    ['an ID token of spring', SPRING, { azp: 'web' }, 'claim_mismatch azp'],
    ['a list of scopes that are no strings', SPRING, { scope: ['a', 1] }, 'claim_malformed scope'],
    ['a list of scopes from anybody else', KEYCLOAK, { scope: ['a'] }, 'claim_malformed scope'],
    ['a token without audience, where that is not the issuer’s way', SPRING, { aud: undefined }, 'claim_missing aud'],
  ])('refuses %s (RFC 8725 section 3.12)', (_name, shape, changes, refusal) => {
    expect(principalOf(shape, changes)).toBe(refusal);
  });

  it('takes a configured pointer before that of the preset', () => {
    const mapping = { preset: 'entra', subject: '/oid', roles: ['/roles', '/groups'] } as const;
    const shape = { ...ENTRA, options: { ...ENTRA.options, mapping } };
    expect(principalOf(shape, { groups: ['g1'] })).toMatchObject({
      subject: '33334444-0000-4000-8000-000000000004',
      roles: ['Orders.Editor', 'g1'],
    });
  });

  it.each<[string, object, string]>([
    ['an unknown preset', { preset: 'okta' }, 'issuers.main.mapping.preset'],
    ['a client without keycloak', { preset: 'auth0', client: 'x' }, 'issuers.main.mapping.client'],
    ['a namespace without auth0', { namespace: 'x' }, 'issuers.main.mapping.namespace'],
    ['an unknown member', { role: '/x' }, 'issuers.main.mapping.role'],
    ['an empty list', { roles: [] }, 'issuers.main.mapping.roles'],
    ['no pointer', { roles: 'x' }, 'issuers.main.mapping.roles'],
    ['a list of scopes under RFC 9068', { scopeMayBeList: true }, 'issuers.main.mapping.scopeMayBeList'],
  ])('refuses %s when it is configured', (_name, mapping, path) => {
    const options = { url: 'https://id.test', audience: 'a', algorithms: ['ES256'], mapping } as never;
    expect(() => resolveIssuer('main', options, 'issuers.main')).toThrow(GuardError);
    expect(() => resolveIssuer('main', options, 'issuers.main')).toThrow(path);
  });
});
