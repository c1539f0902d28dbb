/**
 * What makes a JWK a key (RFC 7518 section 6, RFC 8037, RFC 9964): its members, their form, points that lie on their curve.
 *
 * What is merely unwise in a key is said by `@sealgate/jwt/lint`.
 */
import { fromBase64url, readBase64url } from '../model/base64url.ts';
import { type Plain } from '../model/json-value.ts';
import {
  COORDINATE_BYTES,
  WEIERSTRASS,
  isEdwards,
  isMlDsa,
  isMontgomery,
  isWeierstrass,
  ML_DSA,
  pointOf,
} from './elliptic.ts';
import { type Jwk, requiredMembers } from './jwk.ts';

export type KeyProblemCode =
  | 'too-long'
  | 'ssh-key'
  | 'is-a-token'
  | 'secret-encoding'
  | 'json'
  | 'set-empty'
  | 'pem-encrypted'
  | 'pem-broken'
  | 'algorithm-unknown'
  | 'structure'
  | 'not-an-object'
  | 'kty-missing'
  | 'kty-unknown'
  | 'member-missing'
  | 'member-not-base64url'
  | 'curve-unknown'
  | 'point-length'
  | 'point-off-curve';

export interface KeyProblem {
  readonly code: KeyProblemCode;
  /** What it is about: a member, a curve, a label. */
  readonly name?: string;
  /** Which key of a set, from 0. */
  readonly index?: number;
}

const STRINGS = ['kid', 'alg', 'use', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'pub', 'priv'];
const BASE64URL = new Set(['x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'pub', 'priv']);

/** A JWK from a plain value, or why it is none. */
export function jwkFromPlain(value: Plain): { jwk?: Jwk; problem?: KeyProblem } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: { code: 'not-an-object' } };
  const given = new Map(Object.entries(value));
  const kty = given.get('kty');
  if (typeof kty !== 'string') return { problem: { code: 'kty-missing' } };
  const required = requiredMembers(kty);
  if (required === undefined) return { problem: { code: 'kty-unknown', name: kty.slice(0, 40) } };
  const members: Record<string, string> = {};
  for (const name of STRINGS) {
    const each = given.get(name);
    if (typeof each !== 'string') continue;
    if (BASE64URL.has(name) && readBase64url(each).faults.length > 0)
      return { problem: { code: 'member-not-base64url', name } };
    members[name] = each;
  }
  const missing = required.find((name) => name !== 'kty' && members[name] === undefined);
  if (missing !== undefined) return { problem: { code: 'member-missing', name: missing } };
  const jwk: Jwk = { kty, ...members };
  const problem = faultOfForm(jwk);
  return problem === undefined ? { jwk } : { problem };
}

function faultOfForm(jwk: Jwk): KeyProblem | undefined {
  const length = (value: string | undefined) => fromBase64url(value ?? '').length;
  if (jwk.kty === 'EC') {
    if (!isWeierstrass(jwk.crv)) return { code: 'curve-unknown', name: (jwk.crv ?? '').slice(0, 40) };
    const size = COORDINATE_BYTES[jwk.crv];
    if (length(jwk.x) !== size || length(jwk.y) !== size) return { code: 'point-length', name: jwk.crv };
    try {
      WEIERSTRASS[jwk.crv].Point.fromBytes(pointOf(jwk)).assertValidity();
    } catch {
      return { code: 'point-off-curve', name: jwk.crv };
    }
  }
  if (jwk.kty === 'OKP') {
    if (!isEdwards(jwk.crv) && !isMontgomery(jwk.crv))
      return { code: 'curve-unknown', name: (jwk.crv ?? '').slice(0, 40) };
    const size = jwk.crv === 'Ed448' ? 57 : jwk.crv === 'X448' ? 56 : 32;
    if (length(jwk.x) !== size) return { code: 'point-length', name: jwk.crv };
  }
  if (jwk.kty === 'AKP') {
    if (!isMlDsa(jwk.alg)) return { code: 'curve-unknown', name: (jwk.alg ?? '').slice(0, 40) };
    if (length(jwk.pub) !== ML_DSA[jwk.alg].lengths.publicKey) return { code: 'point-length', name: jwk.alg };
  }
  return undefined;
}
