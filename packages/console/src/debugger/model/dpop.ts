/**
 * A DPoP proof (RFC 9449 section 4.2): for which request it was made, with which key, and whether it has what it must.
 *
 * The key in the header is used to check the proof's own signature, which is what the RFC asks; it proves possession, no more.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { keyType } from '../crypto/jwk.ts';
import { jwkFromPlain } from '../crypto/key-rules.ts';
import type { Jwk } from '../crypto/jwk.ts';
import { thumbprint } from '../crypto/thumbprint.ts';
import { toBase64url } from './base64url.ts';
import { type Fault, fault } from './fault.ts';
import type { Inspection } from './inspect.ts';
import { member, numberMember, stringMember, toPlain } from './json-value.ts';

export interface DpopProof {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly id: string | undefined;
  readonly issuedAt: number | undefined;
  readonly nonce: string | undefined;
  /** Hash of the access token that the proof goes with. */
  readonly tokenHash: string | undefined;
  readonly key: Jwk | undefined;
  /** RFC 7638 thumbprint of the key: what `cnf.jkt` of the access token must be. */
  readonly thumbprint: string | undefined;
  readonly faults: readonly Fault[];
}

export function readDpopProof({ header, payload }: Inspection): DpopProof {
  const faults: Fault[] = [];
  for (const name of ['jti', 'htm', 'htu', 'iat']) {
    if (member(payload?.node, name) === undefined)
      faults.push(fault('error', 'dpop-member-missing', payload?.span, { name }));
  }
  const embedded = member(header?.node, 'jwk');
  if (embedded === undefined) faults.push(fault('error', 'dpop-member-missing', header?.span, { name: 'jwk' }));
  const key = embedded && jwkFromPlain(toPlain(embedded)).jwk;
  const type = key && keyType(key);
  if (type === 'private') faults.push(fault('error', 'dpop-private-key', header?.span));
  if (type === 'secret' || stringMember(header?.node, 'alg')?.startsWith('HS')) {
    faults.push(fault('error', 'dpop-symmetric', header?.span));
  }
  return {
    method: stringMember(payload?.node, 'htm'),
    url: stringMember(payload?.node, 'htu'),
    id: stringMember(payload?.node, 'jti'),
    issuedAt: numberMember(payload?.node, 'iat'),
    nonce: stringMember(payload?.node, 'nonce'),
    tokenHash: stringMember(payload?.node, 'ath'),
    key,
    thumbprint: key && thumbprint(key),
    faults,
  };
}

/** What `ath` must be for an access token (RFC 9449 section 4.2). */
export function accessTokenHash(accessToken: string): string {
  return toBase64url(sha256(new TextEncoder().encode(accessToken)));
}
