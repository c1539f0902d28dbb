/**
 * What an upstream is told about the caller: verified claims as headers, a token of the gateway's own, the caller's token, or nothing.
 *
 * Made from a verified principal only. That no client can send these headers itself is the business of `request/header-rules.ts`,
 * which removes them from every request before anything is added here (ATTACKS.md G5).
 */
import { readPointer, type JsonPointer, type Principal } from '@sealgate/guard';
import { encodeClaim } from './encode-claim.ts';

export interface Identity {
  readonly mode: 'headers' | 'internal' | 'original' | 'none';
  /** Header, and the claim it carries. */
  readonly headers: readonly { readonly name: string; readonly pointer: JsonPointer }[];
}

/** Name, value, name, value; or the name of the header whose claim cannot be sent. */
export type IdentityFields = readonly string[] | { readonly unsendable: string };

/** The same for every request of one token, so it is made once for a principal and mode of sending. */
const MADE = new WeakMap<Principal, Map<Identity, IdentityFields>>();

const NOTHING: readonly string[] = Object.freeze([]);

export function identityFields(identity: Identity, principal: Principal): IdentityFields {
  if (identity.mode === 'none') return NOTHING;
  let byIdentity = MADE.get(principal);
  if (byIdentity === undefined) MADE.set(principal, (byIdentity = new Map()));
  let fields = byIdentity.get(identity);
  if (fields === undefined) byIdentity.set(identity, (fields = makeFields(identity, principal)));
  return fields;
}

function makeFields(identity: Identity, principal: Principal): IdentityFields {
  const fields: string[] = [];
  for (const { name, pointer } of identity.headers) {
    const value = encodeClaim(readPointer(principal.claims, pointer));
    if (value === null) return { unsendable: name };
    if (value !== undefined) fields.push(name, value);
  }
  if (identity.mode === 'original') fields.push('authorization', `Bearer ${principal.token}`);
  return Object.freeze(fields);
}
