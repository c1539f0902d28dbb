/**
 * What an upstream is told about the caller: verified claims as headers, a token of the gateway's own, the caller's token, or nothing.
 *
 * Made from a verified principal only. That no client can send these headers itself is the business of `request/header-rules.ts`,
 * which removes them from every request before anything is added here (ATTACKS.md G5).
 */
import { readPointer, type Derivation, type JsonPointer, type Principal } from '@sealgate/guard';
import { encodeClaim } from './encode-claim.ts';

export interface IdentitySettings {
  readonly mode: 'headers' | 'internal' | 'original' | 'none';
  /** Header, and the claim it carries. */
  readonly headers: readonly { readonly name: string; readonly pointer: JsonPointer }[];
}

/** Name, value, name, value; or the name of the header whose claim cannot be sent. */
export type IdentityFields = readonly string[] | { readonly unsendable: string };

/** The same for every request of one token, so that a principal derives it once. */
export type Identity = IdentitySettings & Derivation<IdentityFields>;

export function createIdentity(settings: IdentitySettings): Identity {
  return { ...settings, from: (principal) => makeFields(settings, principal) };
}

function makeFields(identity: IdentitySettings, principal: Principal): IdentityFields {
  const fields: string[] = [];
  for (const { name, pointer } of identity.headers) {
    const value = encodeClaim(readPointer(principal.claims, pointer));
    if (value === null) return { unsendable: name };
    if (value !== undefined) fields.push(name, value);
  }
  if (identity.mode === 'original') fields.push('authorization', `Bearer ${principal.token}`);
  return Object.freeze(fields);
}
