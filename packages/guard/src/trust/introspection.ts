/**
 * Asks the issuer whether a token is active (RFC 7662); used where the revocation view is too old to be believed.
 *
 * Many requests with one token ask once (single flight), and an answer is believed for a moment. That moment is the longest time
 * a revocation can go unnoticed here, so it is short.
 */
import type { IntrospectionAnswer } from '../decision/trusted-issuer.ts';
import { GuardError } from '../errors.ts';
import { requestIntrospection, type IntrospectionEndpoint } from './introspection-request.ts';

export interface IntrospectionOptions extends IntrospectionEndpoint {
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  readonly onFailed?: (error: GuardError) => void;
  /** How long an answer is believed. Default 2. */
  readonly cacheSeconds?: number;
  /** How many answers are kept. Default 1,000. */
  readonly cacheEntries?: number;
}

/** @returns Asks about one token; never rejects. */
export function createIntrospection(options: IntrospectionOptions): (token: string) => Promise<IntrospectionAnswer> {
  const { now, cacheSeconds = 2, cacheEntries = 1000 } = options;
  /** By the whole token; in order of arrival, so that the first is the oldest. */
  const answers = new Map<string, { readonly answer: IntrospectionAnswer; readonly atSeconds: number }>();
  const underWay = new Map<string, Promise<IntrospectionAnswer>>();

  const ask = async (token: string): Promise<IntrospectionAnswer> => {
    try {
      const { active } = await requestIntrospection(options, token);
      return active ? 'active' : 'inactive';
    } catch (cause) {
      options.onFailed?.(cause instanceof GuardError ? cause : new GuardError('introspection_failed', { cause }));
      return 'unknown';
    }
  };

  const remember = (token: string, answer: IntrospectionAnswer, atSeconds: number): void => {
    answers.delete(token);
    for (const oldest of answers.keys()) {
      if (answers.size < cacheEntries) break;
      answers.delete(oldest);
    }
    answers.set(token, { answer, atSeconds });
  };

  return (token) => {
    const known = answers.get(token);
    // Bounded in both directions, so that a clock that steps back cannot stretch it.
    if (known !== undefined && Math.abs(now() - known.atSeconds) <= cacheSeconds) return Promise.resolve(known.answer);
    const running = underWay.get(token);
    if (running !== undefined) return running;
    // Believed from the moment of the question: the answer may be as old as that.
    const askedAt = now();
    const asked = ask(token).then((answer) => {
      underWay.delete(token);
      if (answer !== 'unknown') remember(token, answer, askedAt);
      return answer;
    });
    underWay.set(token, asked);
    return asked;
  };
}
