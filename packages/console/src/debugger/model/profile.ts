/**
 * What kind of token it is, from `typ` and the claims: an access token, an ID token, a DPoP proof and so on.
 *
 * A guess for the reader. `certain` says that the token declares it (`typ`, RFC 8725 section 3.11).
 */
import type { Inspection } from './inspect.ts';
import { member, stringMember } from './json-value.ts';

export type ProfileName =
  | 'access-token'
  | 'id-token'
  | 'logout-token'
  | 'dpop-proof'
  | 'key-binding'
  | 'sd-jwt'
  | 'client-assertion'
  | 'request-object'
  | 'status-list'
  | 'introspection'
  | 'security-event'
  | 'refresh-token'
  | 'jwt'
  | 'signed-data';

export interface Profile {
  readonly name: ProfileName;
  readonly certain: boolean;
}

const BY_TYPE: Readonly<Record<string, ProfileName>> = {
  'at+jwt': 'access-token',
  'dpop+jwt': 'dpop-proof',
  'logout+jwt': 'logout-token',
  'kb+jwt': 'key-binding',
  'sd+jwt': 'sd-jwt',
  'dc+sd-jwt': 'sd-jwt',
  'vc+sd-jwt': 'sd-jwt',
  'client-authentication+jwt': 'client-assertion',
  'oauth-authz-req+jwt': 'request-object',
  'statuslist+jwt': 'status-list',
  'token-introspection+jwt': 'introspection',
  'secevent+jwt': 'security-event',
};

export function recogniseProfile({ form, header, payload }: Inspection): Profile | undefined {
  if (payload === undefined) return undefined;
  const typ = stringMember(header?.node, 'typ')
    ?.toLowerCase()
    .replace(/^application\//u, '');
  const declared = typ !== undefined && Object.hasOwn(BY_TYPE, typ) ? BY_TYPE[typ] : undefined;
  if (declared !== undefined) return { name: declared, certain: true };
  const has = (...names: readonly string[]) => names.every((name) => member(payload.node, name) !== undefined);
  const guess = (name: ProfileName): Profile => ({ name, certain: false });
  if (form === 'sd-jwt' || has('_sd_alg')) return guess('sd-jwt');
  if (has('htm', 'htu', 'jti')) return guess('dpop-proof');
  if (has('events') && (has('sid') || has('sub'))) return guess('logout-token');
  if (has('sd_hash', 'nonce')) return guess('key-binding');
  const issuer = stringMember(payload.node, 'iss');
  if (issuer !== undefined && issuer === stringMember(payload.node, 'sub') && has('aud', 'exp'))
    return guess('client-assertion');
  if (has('nonce') || has('at_hash') || has('c_hash') || has('auth_time', 'aud')) return guess('id-token');
  if (has('scope') || has('scp') || has('client_id', 'aud')) return guess('access-token');
  if (stringMember(payload.node, 'typ') === 'Refresh') return guess('refresh-token');
  return guess(payload.node?.type === 'object' ? 'jwt' : 'signed-data');
}

const TIMELESS: ReadonlySet<ProfileName> = new Set(['dpop-proof', 'key-binding', 'security-event', 'signed-data']);

/** Kinds that are bound to one moment, or to none, and need no expiry. */
export function isTimeless(name: ProfileName | undefined): boolean {
  return name !== undefined && TIMELESS.has(name);
}
