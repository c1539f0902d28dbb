/**
 * How the access tokens of well-known issuers look: where they put client, scopes and roles, and what tells their access tokens
 * from their other tokens.
 *
 * None of these follows RFC 9068 by default, so `typ: at+jwt` cannot do the telling (RFC 8725 section 3.12). Each preset
 * therefore has a rule that the issuer's ID tokens and refresh tokens fail.
 */
import { claimOf, type Claims } from '@sealgate/jwt/claims';
import { JwtError } from '@sealgate/jwt';

export const PRESET_NAMES = ['keycloak', 'auth0', 'entra', 'cognito', 'spring'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** What verification asks of tokens of one shape. */
export interface TokenShape {
  /** The header's `typ`; undefined: `JWT`, or none. */
  readonly typ: string | undefined;
  readonly audienceClaim: 'aud' | 'client_id';
  readonly scopeMayBeList: boolean;
  readonly rules: readonly ((claims: Claims) => void)[];
}

export interface MappingTexts {
  readonly subject: string;
  readonly clientId: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

export interface Preset {
  readonly shape: TokenShape;
  readonly mapping: MappingTexts;
}

/** What a preset can be told, each checked by `mapping.ts` to belong to it. */
export interface PresetParameters {
  readonly client: string | undefined;
  readonly namespace: string | undefined;
}

/** RFC 9068, as Sealgate issues. */
export const STANDARD: Preset = {
  shape: { typ: 'at+jwt', audienceClaim: 'aud', scopeMayBeList: false, rules: [] },
  mapping: { subject: '/sub', clientId: ['/client_id'], scopes: ['/scope'], roles: ['/roles'] },
};

const JWT_SHAPE: TokenShape = { ...STANDARD.shape, typ: 'JWT' };

export const PRESETS: Readonly<Record<PresetName, (parameters: PresetParameters) => Preset>> = {
  /** The claim `typ` says what the token is for: `Bearer` or `DPoP`; `ID` and `Refresh` are others. */
  keycloak: ({ client }) => ({
    shape: { ...JWT_SHAPE, rules: [mustBeOneOf('typ', ['Bearer', 'DPoP'])] },
    mapping: {
      subject: '/sub',
      clientId: ['/azp', '/client_id'],
      scopes: ['/scope'],
      roles: ['/realm_access/roles', ...(client === undefined ? [] : [`/resource_access/${escape(client)}/roles`])],
    },
  }),
  /**
   * Custom claims have names that are URLs. `permissions` is what the user may do, not what they let the client do: it counts
   * as roles, so that it cannot widen `scope`.
   */
  auth0: ({ namespace }) => ({
    shape: { ...JWT_SHAPE, typ: undefined, rules: [mustHaveOneOf(['azp', 'client_id']), mustNotHave('nonce')] },
    mapping: {
      subject: '/sub',
      clientId: ['/azp', '/client_id'],
      scopes: ['/scope'],
      roles: ['/permissions', ...(namespace === undefined ? [] : [`/${escape(`${namespace}roles`)}`])],
    },
  }),
  /**
   * `scp` is delegated to the client, `roles` is assigned to the user or, without a user, to the client. `azp` is version 2, `appid`
   * version 1; an ID token has neither, and no `scp`.
   */
  entra: () => ({
    shape: { ...JWT_SHAPE, rules: [mustHaveOneOf(['azp', 'appid']), mustHaveOneOf(['scp', 'roles'])] },
    mapping: { subject: '/sub', clientId: ['/azp', '/appid'], scopes: ['/scp'], roles: ['/roles'] },
  }),
  /** No `aud`: the audience is the app client. `token_use` tells access from ID tokens. No `typ` either. */
  cognito: () => ({
    shape: { ...JWT_SHAPE, typ: undefined, audienceClaim: 'client_id', rules: [mustBeOneOf('token_use', ['access'])] },
    mapping: { subject: '/sub', clientId: ['/client_id'], scopes: ['/scope'], roles: ['/cognito:groups'] },
  }),
  /** Spring Authorization Server: `scope` is an array, and there is no `typ`. An ID token has `azp`; an access token does not. */
  spring: () => ({
    shape: { ...JWT_SHAPE, typ: undefined, scopeMayBeList: true, rules: [mustNotHave('azp')] },
    mapping: { subject: '/sub', clientId: ['/client_id'], scopes: ['/scope'], roles: ['/roles'] },
  }),
};

function mustBeOneOf(claim: string, values: readonly string[]): (claims: Claims) => void {
  return (claims) => {
    const value = claimOf(claims, claim);
    if (value === undefined) throw new JwtError('claim_missing', { claim });
    if (typeof value !== 'string' || !values.includes(value)) {
      throw new JwtError('claim_mismatch', { claim, reason: `not ${values.join(' or ')}: another kind of token` });
    }
  };
}

function mustHaveOneOf(names: readonly string[]): (claims: Claims) => void {
  return (claims) => {
    if (names.some((name) => claimOf(claims, name) !== undefined)) return;
    throw new JwtError('claim_missing', { claim: names.join('" or "'), reason: 'not an access token of this issuer' });
  };
}

function mustNotHave(claim: string): (claims: Claims) => void {
  return (claims) => {
    if (claimOf(claims, claim) === undefined) return;
    throw new JwtError('claim_mismatch', { claim, reason: 'only an ID token of this issuer has it' });
  };
}

/** As a reference token of a JSON Pointer (RFC 6901 section 3). */
function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
