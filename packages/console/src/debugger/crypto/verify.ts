/**
 * Tries the keys that the user gave on the token that the user pasted, and says of each what came of it.
 *
 * Answers "did one of these keys make this signature", no more. Never rejects.
 */
import type { SignedContent } from '../model/inspect.ts';
import type { JsonNode } from '../model/json-scan.ts';
import { stringMember } from '../model/json-value.ts';
import { type SignatureAlgorithm, isSignatureAlgorithm, schemeOf } from './algorithms.ts';
import { children, joinBytes, readOne, readUnsigned, TAG } from './der.ts';
import { COORDINATE_BYTES } from './elliptic.ts';
import { type KeyItem, type KeyReading, type SecretEncoding, secretBytes } from './key-text.ts';
import { CryptoUnavailable, type Misfit, misfit, verifyBytes } from './signature.ts';
import { toBase64url } from '../model/base64url.ts';

export interface Attempt {
  readonly key: KeyItem;
  readonly outcome: 'valid' | 'invalid' | 'misfit' | 'insecure-context' | 'refused';
  readonly misfit: Misfit | undefined;
}

/** What else was found out: the reading of the secret that would fit, a mistake in how the token was signed. */
export type VerificationHint =
  | { readonly kind: 'secret-encoding'; readonly encoding: SecretEncoding }
  | { readonly kind: 'secret-trimmed' }
  | { readonly kind: 'confusion' }
  | { readonly kind: 'der-signature' }
  | { readonly kind: 'kid-mismatch'; readonly kid: string }
  | { readonly kind: 'kid-absent-from-set'; readonly kid: string };

export interface Verification {
  /** `no-key`: there was nothing to try. `not-signed`: the token names no algorithm that signs. `misfit`: no key fits. */
  readonly status: 'no-key' | 'not-signed' | 'misfit' | 'valid' | 'invalid' | 'unavailable';
  readonly algorithm: string | undefined;
  readonly attempts: readonly Attempt[];
  readonly hints: readonly VerificationHint[];
}

/** Most keys of a set that are tried. */
const MAXIMUM_ATTEMPTS = 100;

/** The verdict where there is nothing to try; `undefined` if there is. */
export function verdictWithoutTrial(
  header: JsonNode | undefined,
  signed: SignedContent | undefined,
  reading: KeyReading,
): Verification | undefined {
  const algorithm = stringMember(header, 'alg');
  const base = { algorithm, attempts: [], hints: [] };
  if (signed === undefined || !isSignatureAlgorithm(algorithm)) return { ...base, status: 'not-signed' };
  return reading.keys.length === 0 ? { ...base, status: 'no-key' } : undefined;
}

/** @param keyText - The text that `reading` was read from: for secrets it is tried in other encodings too. */
export async function verifySignature(
  header: JsonNode | undefined,
  signed: SignedContent | undefined,
  reading: KeyReading,
  keyText: string,
): Promise<Verification> {
  const algorithm = stringMember(header, 'alg');
  const without = verdictWithoutTrial(header, signed, reading);
  if (without !== undefined || signed === undefined || !isSignatureAlgorithm(algorithm)) {
    return without ?? { algorithm, attempts: [], hints: [], status: 'not-signed' };
  }
  const input = new TextEncoder().encode(signed.signingInput);
  const kid = stringMember(header, 'kid');
  const attempts: Attempt[] = [];
  for (const key of inOrderOfLikelihood(reading.keys, kid).slice(0, MAXIMUM_ATTEMPTS)) {
    const attempt = await tryKey(algorithm, key, input, signed.signature);
    attempts.push(attempt);
    if (attempt.outcome === 'valid') break;
  }
  const valid = attempts.find(({ outcome }) => outcome === 'valid');
  const hints: VerificationHint[] = [];
  const named = kid !== undefined && reading.keys.some(({ jwk }) => jwk.kid === kid);
  if (kid !== undefined && valid?.key.jwk.kid !== undefined && valid.key.jwk.kid !== kid) {
    hints.push({ kind: 'kid-mismatch', kid: valid.key.jwk.kid });
  } else if (kid !== undefined && !named && reading.form === 'jwks') hints.push({ kind: 'kid-absent-from-set', kid });
  if (valid === undefined) hints.push(...(await findMistake(algorithm, reading, keyText, input, signed.signature)));
  const status = valid
    ? 'valid'
    : attempts.some(({ outcome }) => outcome === 'invalid')
      ? 'invalid'
      : attempts.some(({ outcome }) => outcome === 'misfit')
        ? 'misfit'
        : 'unavailable';
  return { status, algorithm, attempts, hints };
}

function inOrderOfLikelihood(keys: readonly KeyItem[], kid: string | undefined): KeyItem[] {
  const rank = (key: KeyItem) => (kid !== undefined && key.jwk.kid === kid ? 0 : 1);
  return keys.toSorted((a, b) => rank(a) - rank(b));
}

async function tryKey(
  algorithm: SignatureAlgorithm,
  key: KeyItem,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<Attempt> {
  const reason = misfit(algorithm, key.jwk, 'verify');
  // What the key says of its own use is told, and does not keep it from being tried.
  if (reason !== undefined && reason !== 'key-names-other' && reason !== 'key-use') {
    return { key, outcome: 'misfit', misfit: reason };
  }
  try {
    const isValid = await verifyBytes(algorithm, key.jwk, input, signature);
    return { key, outcome: isValid ? 'valid' : 'invalid', misfit: reason };
  } catch (error) {
    return { key, outcome: error instanceof CryptoUnavailable ? error.reason : 'refused', misfit: reason };
  }
}

async function findMistake(
  algorithm: SignatureAlgorithm,
  reading: KeyReading,
  keyText: string,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<VerificationHint[]> {
  const scheme = schemeOf(algorithm);
  const fits = (secret: Uint8Array | undefined) =>
    secret !== undefined && verifyBytes(algorithm, { kty: 'oct', k: toBase64url(secret) }, input, signature);
  if (scheme.family === 'HMAC' && reading.form === 'secret') {
    for (const encoding of ['utf8', 'base64url', 'hex'] as const) {
      if (await fits(secretBytes(keyText, encoding))) return [{ kind: 'secret-encoding', encoding }];
    }
    return (await fits(new TextEncoder().encode(keyText.trim()))) ? [{ kind: 'secret-trimmed' }] : [];
  }
  if (scheme.family === 'HMAC') {
    for (const text of [keyText, keyText.trim(), `${keyText.trim()}\n`]) {
      if (await fits(new TextEncoder().encode(text))) return [{ kind: 'confusion' }];
    }
    return [];
  }
  const [key] = reading.keys;
  if (scheme.family !== 'ECDSA' || key === undefined || misfit(algorithm, key.jwk, 'verify') === 'needs-curve')
    return [];
  const raw = rawFromDer(signature, COORDINATE_BYTES[scheme.curve]);
  return raw !== undefined && (await verifyBytes(algorithm, key.jwk, input, raw)) ? [{ kind: 'der-signature' }] : [];
}

/** `r` and `s` side by side from the DER form of an ECDSA signature. */
function rawFromDer(signature: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    const numbers = children(readOne(signature, TAG.sequence)).map(readUnsigned);
    return joinBytes(...numbers.flatMap((value) => [new Uint8Array(size - value.length), value]));
  } catch {
    return undefined;
  }
}
