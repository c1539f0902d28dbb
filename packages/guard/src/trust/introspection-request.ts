/** One question to an issuer about one token (RFC 7662 section 2), bounded in time and size; the answer plain, or signed (RFC 9701). */
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { parseObject, requestText } from './bounded-json.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import { openSignedAnswer, SIGNED_ANSWER_TYPE, type SignedAnswerRules } from './signed-introspection.ts';

export interface IntrospectionEndpoint {
  /** Undefined until it was discovered. */
  readonly endpoint: () => string | undefined;
  /** Value of `Authorization`. */
  readonly authorization: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** Only answers that are signed as these say; without them, only plain ones. */
  readonly signed?: SignedAnswerRules | undefined;
}

export type IntrospectionReply = JsonObject & { readonly active: boolean };

const MAX_ANSWER_BYTES = 64 * 1024;

/** @throws {GuardError} `introspection_failed`. */
export async function requestIntrospection(options: IntrospectionEndpoint, token: string): Promise<IntrospectionReply> {
  try {
    const endpoint = options.endpoint();
    if (endpoint === undefined) throw failed('the endpoint is not known yet');
    const { signed } = options;
    const answer = await requestText({
      fetch: options.fetch,
      url: parseEndpointUrl(endpoint, 'introspection_endpoint'),
      init: {
        method: 'POST',
        headers: {
          authorization: options.authorization,
          accept: signed === undefined ? 'application/json' : SIGNED_ANSWER_TYPE,
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      },
      timeoutMs: options.timeoutMs ?? 2000,
      maxBytes: MAX_ANSWER_BYTES,
      signal: options.signal,
    });
    if (!answer.ok) {
      const { status } = answer;
      throw new GuardError('introspection_failed', { status, detail: `answered with ${status}` });
    }
    // An answer that is not signed is none: whoever could take the signature away could say anything.
    if (signed !== undefined && answer.mediaType !== SIGNED_ANSWER_TYPE) throw failed('the answer is not signed');
    const body = signed === undefined ? parseObject(answer.body) : await openSignedAnswer(answer.body, signed);
    const { active } = body;
    if (typeof active !== 'boolean') throw failed('"active" is not a boolean');
    return { ...body, active };
  } catch (cause) {
    throw cause instanceof GuardError ? cause : new GuardError('introspection_failed', { cause });
  }
}

const failed = (detail: string): GuardError => new GuardError('introspection_failed', { detail });
