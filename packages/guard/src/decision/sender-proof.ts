/**
 * Whether the sender of a request holds the key that its token is bound to: a DPoP proof (RFC 9449 section 7) or a client
 * certificate (RFC 8705 section 3).
 *
 * The scheme of `Authorization` and the binding must agree in both directions: a bound token sent as `Bearer` is refused,
 * and so is a bearer token sent as `DPoP` (RFC 9449 section 7.2).
 */
import type { DpopProofs, ProofOutcome } from './dpop-proofs.ts';
import { fieldValues } from './header-values.ts';
import type { SenderBinding } from './sender-binding.ts';
import type { RequestFacts } from './verdict.ts';

export type TokenScheme = 'Bearer' | 'DPoP';

export interface SenderProofFault {
  /** `unavailable`: the proof may be good, but nobody can tell now. */
  readonly code: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce' | 'temporarily_unavailable';
  readonly why: string;
  readonly change: string;
  readonly source: string;
}

const DPOP_SCHEME = 'RFC 9449 section 7.2';
const DPOP_PROOF = 'RFC 9449 section 4.3';
const CERTIFICATE = 'RFC 8705 section 3';

/** How a route wants the tokens that it takes to be bound. */
export type SenderConstraint = 'dpop' | 'mtls' | 'any';

/** Whether a token's binding is what a route asks for; that the sender proves it is asked by {@link findProofFault}. */
export function isBoundBy(constraint: SenderConstraint, binding: SenderBinding | undefined): boolean {
  if (constraint === 'any') return binding !== undefined;
  return (constraint === 'dpop' ? binding?.jkt : binding?.certificate) !== undefined;
}

/** Undefined when the binding is proven. A promise only where proofs are remembered elsewhere. */
export function findProofFault(
  binding: SenderBinding | undefined,
  scheme: TokenScheme,
  token: string,
  facts: RequestFacts,
  proofs: DpopProofs | undefined,
): SenderProofFault | undefined | Promise<SenderProofFault | undefined> {
  if (binding?.certificate !== undefined) {
    const fault = findCertificateFault(binding.certificate, facts);
    if (fault !== undefined) return fault;
  }
  if (scheme === 'Bearer') {
    return binding?.jkt === undefined
      ? undefined
      : {
          code: 'invalid_token',
          why: 'the token is bound to a key by DPoP, but came as Bearer',
          change: 'send it as `Authorization: DPoP <token>` with a proof in `DPoP`',
          source: DPOP_SCHEME,
        };
  }
  if (binding?.jkt === undefined) {
    return {
      code: 'invalid_token',
      why: 'the token came as DPoP, but is bound to no key (cnf.jkt)',
      change: 'send it as `Authorization: Bearer <token>`, or ask the issuer for a token bound to the key',
      source: DPOP_SCHEME,
    };
  }
  return findDpopFault(binding.jkt, token, facts, proofs);
}

function findCertificateFault(expected: string, facts: RequestFacts): SenderProofFault | undefined {
  const actual = facts.certificateThumbprint?.();
  if (actual === expected) return undefined;
  return {
    code: 'invalid_token',
    why: `the token is bound to a client certificate, and ${actual === undefined ? 'none was presented' : 'another one was presented'}`,
    change: 'connect with the client certificate that the token was issued to',
    source: CERTIFICATE,
  };
}

function findDpopFault(
  jkt: string,
  token: string,
  facts: RequestFacts,
  proofs: DpopProofs | undefined,
): SenderProofFault | undefined | Promise<SenderProofFault | undefined> {
  const { scheme, host, method, path, rawHeaders = [] } = facts;
  const fields = fieldValues(rawHeaders, 'dpop');
  const [proof] = fields;
  if (proof === undefined) return dpopFault('there is no DPoP header', 'send a proof in the header `DPoP`');
  if (fields.length > 1) return dpopFault('there is more than one DPoP header', 'send exactly one proof');
  if (proofs === undefined || scheme === undefined || host === undefined) {
    return dpopFault(
      'this verifier does not know the address that proofs are made for',
      'configure it to check proofs',
    );
  }
  const outcome = proofs.check(proof, { method, url: `${scheme}://${host}${path}`, accessToken: token, jkt });
  return outcome instanceof Promise ? outcome.then(faultOf) : faultOf(outcome);
}

function faultOf(outcome: ProofOutcome): SenderProofFault | undefined {
  if (outcome.result === 'held') return undefined;
  if (outcome.result === 'refused') {
    return dpopFault(outcome.why, 'make a new proof for this very method, address and token, with the key of cnf.jkt');
  }
  if (outcome.result === 'replayed') {
    return dpopFault('the proof was used before', 'make a new proof, with a new jti, for each request');
  }
  if (outcome.result === 'nonce') {
    return {
      code: 'use_dpop_nonce',
      why: 'the proof holds no nonce that was given lately',
      change: 'make a new proof with the nonce of the header `DPoP-Nonce`',
      source: 'RFC 9449 section 9',
    };
  }
  return {
    code: 'temporarily_unavailable',
    why: 'too many proofs are remembered to take another',
    change: 'raise the number of remembered proofs, or spread the load over more verifiers',
    source: 'RFC 9449 section 11.1',
  };
}

const dpopFault = (why: string, change: string): SenderProofFault => ({
  code: 'invalid_dpop_proof',
  why,
  change,
  source: DPOP_PROOF,
});
