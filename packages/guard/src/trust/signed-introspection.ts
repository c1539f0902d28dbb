/**
 * What an issuer says of a token, signed (RFC 9701 section 5): a JWT of a type of its own, for this one client, that holds the answer.
 *
 * The signature is for whoever must show later what was said, or does not trust the way in between; what the answer means is judged by
 * `opaque-tokens.ts`, as if it had come plain.
 */
import { decodeUnverified, isAlgorithm, verifyJws, type Algorithm, type KeyResolver } from '@sealgate/jwt';
import { isJsonObject, type JsonObject } from '../json.ts';

export const SIGNED_ANSWER_TYPE = 'application/token-introspection+jwt';

export interface SignedAnswerRules {
  /** `iss`, exactly. */
  readonly issuer: string;
  /** `aud`: this client, and nobody else. */
  readonly clientId: string;
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeyResolver;
  readonly clockSkewSeconds: number;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

const TYP = 'token-introspection+jwt';
/** An answer is read as soon as it is given: an older one is somebody's copy. */
const MAX_AGE_SECONDS = 60;

/** @returns the answer. @throws {Error} `JwtError` for its signature, else what is wrong with it; nothing of it is quoted. */
export async function openSignedAnswer(text: string, rules: SignedAnswerRules): Promise<JsonObject> {
  const { header, claims } = decodeUnverified(text);
  const typ = typeof header.typ === 'string' ? header.typ.toLowerCase().replace(/^application\//u, '') : undefined;
  if (typ !== TYP) throw new Error(`the signed answer is not of the type ${TYP}`);
  const { alg, kid } = header;
  if (!isAlgorithm(alg) || !rules.algorithms.includes(alg))
    throw new Error('the signed answer has an algorithm that is not accepted');
  // From here on the claims are those that the issuer signed.
  const key = await rules.keys.find(kid, alg);
  if (key === undefined) throw new Error('the signed answer has no key of the issuer');
  verifyJws(text, key);
  const { iss, aud, iat, token_introspection: answer } = claims;
  if (iss !== rules.issuer) throw new Error('the signed answer is of another issuer');
  const [meant, ...others] = Array.isArray(aud) ? aud : [aud];
  if (meant !== rules.clientId || others.length > 0) throw new Error('the signed answer is not for this client');
  const ageSeconds = typeof iat === 'number' ? rules.now() - iat : Number.NaN;
  // Conditions that admit, negated: what is no number refuses.
  if (!(ageSeconds < MAX_AGE_SECONDS + rules.clockSkewSeconds && ageSeconds >= -Math.max(rules.clockSkewSeconds, 1)))
    throw new Error('the signed answer is not of this moment');
  if (!isJsonObject(answer)) throw new Error('the signed answer holds none');
  return answer;
}
