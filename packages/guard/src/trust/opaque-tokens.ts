/**
 * Opaque access tokens: what their issuer says of them (RFC 7662 section 2.2), held against the same rules as the claims of a JWT.
 *
 * An answer is believed for a while, never beyond the token's end; revocations that a feed brings count at once, as the decision looks
 * at them each time. Whatever the answer lacks that the rules need is a refusal, and no answer is "cannot be checked now". Bounded: in
 * answers kept, good and bad apart so that guesses push out no good ones, and in questions at once.
 */
import { JwtError, type Accepted, type Outcome } from '@sealgate/jwt';
import type { CheckOutcome } from '../decision/trusted-issuer.ts';
import { isBearerToken } from '../decision/token-extraction.ts';
import { GuardError } from '../errors.ts';
import { requestIntrospection, type IntrospectionEndpoint, type IntrospectionReply } from './introspection-request.ts';
import type { ResolvedIssuer, ResolvedOpaqueTokens } from './issuer-options.ts';

/** For metrics. */
export interface OpaqueTokenCounts {
  /** Answers kept now. */
  readonly cached: number;
  /** Requests that were answered from them. */
  readonly hits: number;
  /** Questions, by their answer. */
  readonly active: number;
  readonly inactive: number;
  readonly failed: number;
}

export interface OpaqueTokens {
  check(token: string): CheckOutcome | Promise<CheckOutcome>;
  counts(): OpaqueTokenCounts;
}

export interface OpaqueTokenAsking extends IntrospectionEndpoint {
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  readonly onFailed: (error: GuardError) => void;
}

interface Kept<Kind extends Outcome> {
  readonly outcome: Kind;
  readonly atSeconds: number;
  readonly untilSeconds: number;
}

/** Questions under way; a flood of guesses must not become one at the issuer. */
const MOST_AT_ONCE = 100;
const LONGEST_TOKEN = 4096;
const ACCESS_TOKEN_TYPES = new Set(['bearer', 'dpop']);
const ACCESS_TOKEN_USES = new Set(['access', 'access_token']);

export function createOpaqueTokens(
  issuer: ResolvedIssuer,
  options: ResolvedOpaqueTokens,
  asking: OpaqueTokenAsking,
): OpaqueTokens {
  const { now } = asking;
  const good = new Map<string, Kept<Accepted>>();
  const bad = new Map<string, Kept<Outcome>>();
  const underWay = new Map<string, Promise<CheckOutcome>>();
  const counts = { hits: 0, active: 0, inactive: 0, failed: 0 };

  const ask = async (token: string): Promise<CheckOutcome> => {
    // Believed from the moment of the question: the answer may be as old as that.
    const askedAt = now();
    try {
      const reply = await requestIntrospection(asking, token);
      counts[reply.active ? 'active' : 'inactive']++;
      const outcome = judgeReply(reply, issuer, options, askedAt);
      if (outcome.ok) {
        const untilSeconds = Math.min(askedAt + options.cacheSeconds, outcome.expiresAtSeconds);
        const kept = Object.freeze({ ...outcome, cached: true });
        remember(good, token, { outcome: kept, atSeconds: askedAt, untilSeconds }, options.maxEntries);
      } else {
        const untilSeconds = askedAt + options.negativeSeconds;
        remember(bad, token, { outcome, atSeconds: askedAt, untilSeconds }, options.maxEntries);
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      counts.failed++;
      asking.onFailed(error);
      return { ok: false, error };
    }
  };

  return {
    check(token) {
      if (token.length > LONGEST_TOKEN || !isBearerToken(token)) return refused('token_malformed', {});
      const known = good.get(token) ?? bad.get(token);
      const time = now();
      // Bounded in both directions, so that a clock that steps back cannot stretch it.
      if (known !== undefined && time < known.untilSeconds && time >= known.atSeconds) {
        counts.hits++;
        return known.outcome;
      }
      good.delete(token);
      bad.delete(token);
      const running = underWay.get(token);
      if (running !== undefined) return running;
      if (underWay.size >= MOST_AT_ONCE) {
        const detail = `${MOST_AT_ONCE} questions are under way already`;
        return { ok: false, error: new GuardError('introspection_failed', { detail }) };
      }
      const asked = ask(token).finally(() => underWay.delete(token));
      underWay.set(token, asked);
      return asked;
    },
    counts: () => ({ cached: good.size + bad.size, ...counts }),
  };
}

/** Maps keep the order of arrival, so that the first is the oldest. */
function remember<Kind extends Outcome>(
  kept: Map<string, Kept<Kind>>,
  token: string,
  entry: Kept<Kind>,
  most: number,
): void {
  for (const oldest of kept.keys()) {
    if (kept.size < most) break;
    kept.delete(oldest);
  }
  kept.set(token, entry);
}

/** The rules that a JWT of this issuer is held against, for what the issuer says of a token. */
function judgeReply(
  { active, ...members }: IntrospectionReply,
  issuer: ResolvedIssuer,
  { cacheSeconds, mayLack }: ResolvedOpaqueTokens,
  nowSeconds: number,
): Outcome {
  if (!active) return refused('claims_rejected', { reason: 'the issuer says that the token is not active' });
  const { iss = issuer.url, aud, exp, nbf, token_type: type, token_use: use } = members;
  const skew = issuer.clockSkewSeconds;
  if (iss !== issuer.url) return refused('claim_mismatch', { claim: 'iss' });
  for (const name of ['aud', 'token_type', 'exp'] as const) {
    if (members[name] === undefined && !mayLack.includes(name)) return refused('claim_missing', { claim: name });
  }
  if (type !== undefined && !(typeof type === 'string' && ACCESS_TOKEN_TYPES.has(type.toLowerCase())))
    return refused('claim_mismatch', { claim: 'token_type', reason: 'not an access token' });
  if (use !== undefined && !(typeof use === 'string' && ACCESS_TOKEN_USES.has(use)))
    return refused('claim_mismatch', { claim: 'token_use', reason: 'not an access token' });
  if (aud !== undefined && !isMeantFor(aud, issuer.audience)) return refused('audience_mismatch', {});
  if (exp !== undefined && typeof exp !== 'number') return refused('claim_malformed', { claim: 'exp' });
  if (nbf !== undefined && typeof nbf !== 'number') return refused('claim_malformed', { claim: 'nbf' });
  // Conditions that admit, negated: a clock that is no number refuses.
  if (exp !== undefined && !(nowSeconds < exp + skew)) return refused('token_expired', {});
  if (nbf !== undefined && !(nowSeconds >= nbf - skew)) return refused('token_not_yet_valid', {});
  const claims = deepFreeze({ ...members, iss });
  try {
    for (const rule of issuer.shape.rules) rule(claims);
  } catch (error) {
    if (error instanceof JwtError) return { ok: false, error };
    throw error;
  }
  const expiresAtSeconds = exp ?? nowSeconds + cacheSeconds;
  return { ok: true, header: NO_HEADER, claims, kid: undefined, issuer: issuer.url, expiresAtSeconds, cached: false };
}

const NO_HEADER: Accepted['header'] = Object.freeze({ alg: 'none' });

function isMeantFor(aud: unknown, audience: ResolvedIssuer['audience']): boolean {
  const meant: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return typeof audience === 'string' ? meant.includes(audience) : audience.some((name) => meant.includes(name));
}

function refused(...[code, details]: ConstructorParameters<typeof JwtError>): Outcome {
  return { ok: false, error: new JwtError(code, details) };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
