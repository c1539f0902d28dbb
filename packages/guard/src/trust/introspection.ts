/**
 * Asks the issuer whether a token is active (RFC 7662); used where the revocation view is too old to be believed.
 *
 * Many requests with one token ask once (single flight), and an answer is believed for a moment. That moment is the longest time
 * a revocation can go unnoticed here, so it is short.
 */
import type { IntrospectionAnswer } from '../decision/trusted-issuer.ts';
import { GuardError } from '../errors.ts';
import { requestJson } from './bounded-json.ts';
import { parseEndpointUrl } from './endpoint-url.ts';

export interface IntrospectionOptions {
  /** Undefined until it was discovered. */
  readonly endpoint: () => string | undefined;
  /** Value of `Authorization`. */
  readonly authorization: string;
  readonly fetch: typeof globalThis.fetch;
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onFailed?: (error: GuardError) => void;
  /** How long an answer is believed. Default 2. */
  readonly cacheSeconds?: number;
  /** How many answers are kept. Default 1,000. */
  readonly cacheEntries?: number;
  readonly timeoutMs?: number;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** @returns Asks about one token; never rejects. */
export function createIntrospection(options: IntrospectionOptions): (token: string) => Promise<IntrospectionAnswer> {
  const { now, cacheSeconds = 2, cacheEntries = 1000, timeoutMs = 2000 } = options;
  /** By the whole token; in order of arrival, so that the first is the oldest. */
  const answers = new Map<string, { readonly answer: IntrospectionAnswer; readonly atSeconds: number }>();
  const underWay = new Map<string, Promise<IntrospectionAnswer>>();

  const ask = async (token: string): Promise<IntrospectionAnswer> => {
    try {
      const endpoint = options.endpoint();
      if (endpoint === undefined)
        throw new GuardError('introspection_failed', { detail: 'the endpoint is not known yet' });
      const answer = await requestJson({
        fetch: options.fetch,
        url: parseEndpointUrl(endpoint, 'introspection_endpoint'),
        init: {
          method: 'POST',
          headers: { authorization: options.authorization, accept: 'application/json' },
          body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
        },
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        signal: options.signal,
      });
      if (!answer.ok) {
        throw new GuardError('introspection_failed', {
          status: answer.status,
          detail: `answered with ${answer.status}`,
        });
      }
      const active = answer.body['active'];
      if (typeof active !== 'boolean')
        throw new GuardError('introspection_failed', { detail: '"active" is not a boolean' });
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
