/** Under whose name a request is counted. */
import { readPointer, type Derivation, type JsonPointer, type Principal } from '@sealgate/guard';
import { createHash } from 'node:crypto';
import { addressGroup } from '../request/client-address.ts';

/** A longer name of a holder is kept by its hash. */
const LONGEST_HOLDER = 128;

/** What a limit counts by. */
export interface CountedBy {
  readonly by: 'ip' | 'route' | 'sub' | 'client' | 'claim';
  readonly claim: JsonPointer | undefined;
  readonly ipv6Prefix: number;
}

/**
 * Holders carry their issuer: a subject of one issuer is nobody at another. Whoever lacks the claim shares one allowance with all
 * others who do.
 */
export function holderOf({ by, claim, ipv6Prefix }: CountedBy, ip: string, principal: Principal | undefined): string {
  if (by === 'ip') return addressGroup(ip, ipv6Prefix);
  if (by === 'route') return '';
  if (by === 'sub' && principal !== undefined) return principal.derive(SUBJECT);
  return shortened(`${principal?.issuerName ?? ''} ${nameOf(by, claim, principal) ?? ''}`);
}

/** The most common, kept: a text that was just put together has to be hashed before it can be looked up. */
const SUBJECT: Derivation<string> = { from: ({ issuerName, subject }) => shortened(`${issuerName} ${subject ?? ''}`) };

function shortened(holder: string): string {
  return holder.length <= LONGEST_HOLDER ? holder : createHash('sha256').update(holder).digest('base64url');
}

function nameOf(
  by: 'sub' | 'client' | 'claim',
  claim: JsonPointer | undefined,
  principal: Principal | undefined,
): string | undefined {
  if (by === 'sub') return principal?.subject;
  if (by === 'client') return principal?.clientId;
  if (principal === undefined || claim === undefined) return undefined;
  return JSON.stringify(readPointer(principal.claims, claim));
}
