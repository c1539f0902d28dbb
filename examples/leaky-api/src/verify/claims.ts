/** What a token says, held against what this API demands: whose it is, for whom, and when. */
import type { FaultName } from '../faults.ts';
import { AUDIENCE, ISSUER } from '../token-desk.ts';

export interface Claims {
  readonly sub: string;
  readonly jti: string;
}

const SKEW_SECONDS = 5;

/** @throws {Error} */
export function checkClaims(payload: unknown, faults: ReadonlySet<FaultName>): Claims {
  // FAULT any-payload
  if (faults.has('any-payload') && typeof payload !== 'object') return { sub: 'alice', jti: 'none' };
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw new Error('no claims');
  const claims: Readonly<Record<string, unknown>> = { ...payload };
  const now = Date.now() / 1000;
  if (claims.iss !== ISSUER) throw new Error('another issuer');
  // FAULT audience-unchecked
  if (!faults.has('audience-unchecked') && claims.aud !== AUDIENCE) throw new Error('for another API');
  // FAULT expiry-ignored
  if (!faults.has('expiry-ignored') && !(timeOf(claims, 'exp') > now - SKEW_SECONDS)) throw new Error('expired');
  if (!(timeOf(claims, 'iat') < now + SKEW_SECONDS)) throw new Error('issued in the future');
  if (claims.nbf !== undefined && !(timeOf(claims, 'nbf') < now + SKEW_SECONDS)) throw new Error('not yet valid');
  const { sub, jti } = claims;
  if (typeof sub !== 'string' || typeof jti !== 'string') throw new Error('no subject or no id');
  return { sub, jti };
}

function timeOf(claims: Readonly<Record<string, unknown>>, name: string): number {
  const value = claims[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`"${name}" is no time`);
  return value;
}
