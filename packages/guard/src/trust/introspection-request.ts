/** One question to an issuer about one token (RFC 7662 section 2), bounded in time and size. */
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { requestJson } from './bounded-json.ts';
import { parseEndpointUrl } from './endpoint-url.ts';

export interface IntrospectionEndpoint {
  /** Undefined until it was discovered. */
  readonly endpoint: () => string | undefined;
  /** Value of `Authorization`. */
  readonly authorization: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

export type IntrospectionReply = JsonObject & { readonly active: boolean };

const MAX_ANSWER_BYTES = 64 * 1024;

/** @throws {GuardError} `introspection_failed`. */
export async function requestIntrospection(options: IntrospectionEndpoint, token: string): Promise<IntrospectionReply> {
  try {
    const endpoint = options.endpoint();
    if (endpoint === undefined) throw failed('the endpoint is not known yet');
    const answer = await requestJson({
      fetch: options.fetch,
      url: parseEndpointUrl(endpoint, 'introspection_endpoint'),
      init: {
        method: 'POST',
        headers: { authorization: options.authorization, accept: 'application/json' },
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
    const { active } = answer.body;
    if (typeof active !== 'boolean') throw failed('"active" is not a boolean');
    return { ...answer.body, active };
  } catch (cause) {
    throw cause instanceof GuardError ? cause : new GuardError('introspection_failed', { cause });
  }
}

const failed = (detail: string): GuardError => new GuardError('introspection_failed', { detail });
