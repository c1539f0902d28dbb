/**
 * What a token request proves of its sender: a client certificate (RFC 8705), by the proxy's word; and a DPoP key (RFC 9449 section 5): each proof is verified for this very endpoint, holds a nonce of ours (section 8), and is
 * taken once by all processes that share the database (section 11.1).
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DpopNonces } from '@sealgate/guard';
import { DPOP_ALGORITHMS, isJwtError, verifyDpopProof, type VerifiedDpopProof } from '@sealgate/jwt';
import type { Client } from '../clients/client.ts';
import { GrantError } from '../grants/grant-error.ts';
import { BEARER, type ConfirmationClaim, type Sender } from '../grants/sender.ts';
import { toSeconds, type Runtime } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { ClientCertificates } from './client-certificate.ts';

const MAX_AGE_SECONDS = 60;
const CLOCK_SKEW_SECONDS = 5;
/** Expired proofs that are forgotten with each new one: more than come in. */
const FORGOTTEN_AT_ONCE = 4;

export interface SenderProofParts {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly nonces: DpopNonces;
  readonly clientCertificates: ClientCertificates;
  readonly requireNonce: boolean;
  readonly issuerUrl: () => string;
  readonly basePath: string;
}

const takeProof = query((db, p: { hash: Uint8Array; expires: number }) =>
  db
    .insertInto('dpop_proof')
    .values({ hash: p.hash, expires_seconds: p.expires })
    .onConflict((c) => c.column('hash').doNothing()),
);

const forgetProofs = query((db, p: { now: number; limit: number }) =>
  db
    .deleteFrom('dpop_proof')
    .where(
      'hash',
      'in',
      db
        .selectFrom('dpop_proof')
        .select('hash')
        .where('expires_seconds', '<', p.now)
        .orderBy('expires_seconds')
        .limit(p.limit),
    ),
);

/**
 * What the sender of a token request proves to hold. The answer gets the nonce for the next proof.
 *
 * @throws {GrantError} `invalid_dpop_proof`, `use_dpop_nonce`, `invalid_request` without the certificate that the client's tokens are bound to.
 */
export async function proveSender(
  parts: SenderProofParts,
  client: Client,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Sender> {
  const certificate = client.certificateBound ? parts.clientCertificates(request) : undefined;
  if (client.certificateBound && certificate === undefined) {
    throw new GrantError(
      'invalid_request',
      'this client’s tokens are bound to its certificate: connect with it',
      'certificate_missing',
    );
  }
  const bound = certificate === undefined ? BEARER : { certificate };
  const proof = dpopField(request);
  if (proof === undefined) {
    // RFC 9449 section 5.2.
    if (client.dpopBound)
      throw invalidProof('this client’s tokens are bound to a key: a DPoP proof is needed', 'missing');
    return bound;
  }
  reply.header('dpop-nonce', parts.nonces.current());
  const verified = verify(parts, proof, request);
  const { nonce } = verified.claims;
  if (typeof nonce !== 'string' ? parts.requireNonce : !parts.nonces.accepts(nonce)) {
    throw new GrantError('use_dpop_nonce', 'make the proof with the nonce of the header DPoP-Nonce', 'nonce');
  }
  await takeOnce(parts, verified);
  return { ...bound, jkt: verified.thumbprint };
}

/** Section 4.3, check 1: there is one field at most. Node joins several, and no proof holds a comma. */
function dpopField(request: FastifyRequest): string | undefined {
  const field = request.headers['dpop'];
  return Array.isArray(field) ? field.join() : field;
}

/**
 * That the sender of a request holds what its access token is bound to (RFC 9449 section 7, RFC 8705 section 3). No nonce is asked for: each
 * proof is for this one token and is taken once.
 *
 * @throws {GrantError} `invalid_dpop_proof`, `invalid_grant` for another certificate.
 */
export async function provePossession(
  parts: SenderProofParts,
  request: FastifyRequest,
  accessToken: string,
  { jkt, 'x5t#S256': certificate }: ConfirmationClaim,
): Promise<void> {
  if (certificate !== undefined && certificate !== parts.clientCertificates(request)) {
    throw new GrantError('invalid_grant', 'the token is bound to another client certificate', 'sender_mismatch');
  }
  if (jkt === undefined) return;
  const proof = dpopField(request);
  if (proof === undefined) throw invalidProof('the token is bound to a key: a DPoP proof is needed', 'missing');
  await takeOnce(parts, verify(parts, proof, request, { accessToken, expectedThumbprint: jkt }));
}

function verify(
  parts: SenderProofParts,
  proof: string,
  request: FastifyRequest,
  token: { readonly accessToken?: string; readonly expectedThumbprint?: string } = {},
): VerifiedDpopProof {
  const path = request.url.replace(/\?.*$/su, '').slice(parts.basePath.length);
  try {
    return verifyDpopProof(proof, {
      ...token,
      algorithms: DPOP_ALGORITHMS,
      method: request.method,
      // As clients know the endpoint, whatever stands between.
      url: `${parts.issuerUrl()}${path}`,
      maxAgeSeconds: MAX_AGE_SECONDS,
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: () => parts.runtime.nowMs() / 1000,
    });
  } catch (error) {
    if (!isJwtError(error)) throw error;
    throw invalidProof(`the proof is refused: ${error.message}`, error.code);
  }
}

async function takeOnce({ store, runtime }: SenderProofParts, proof: VerifiedDpopProof): Promise<void> {
  const hash = createHash('sha256').update(`${proof.thumbprint} ${proof.jti}`).digest();
  const expires = Math.ceil(proof.rememberUntilSeconds);
  const taken = await store.write(async (tx) => {
    if ((await tx.run(takeProof, { hash, expires })) === 0) return false;
    await tx.run(forgetProofs, { now: toSeconds(runtime.nowMs()) - CLOCK_SKEW_SECONDS, limit: FORGOTTEN_AT_ONCE });
    return true;
  });
  if (!taken) throw invalidProof('the proof was used before: make a new one for each request', 'replayed');
}

function invalidProof(description: string, reason: string): GrantError {
  return new GrantError('invalid_dpop_proof', description, reason);
}
