/** The Open Policy Agent behind {@link PolicyService}: one POST for each decision, bounded in time and size. */
import type { PolicyService } from '../decision/policy-service.ts';
import { GuardError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { requestJson } from './bounded-json.ts';
import { parseEndpointUrl } from './endpoint-url.ts';

export interface OpaOptions {
  /** The rule, as `http://127.0.0.1:8181/v1/data/orders/allow`; https unless on a loopback address. */
  readonly url: string;
  /** Default 250. */
  readonly timeoutMs?: number;
  /** What a request is worth while the service cannot be asked. Default `deny`. */
  readonly onFailure?: 'deny' | 'allow';
  readonly fetch?: typeof globalThis.fetch;
  /** For metrics and logs. Must not throw. */
  readonly onFailed?: (error: GuardError) => void;
}

const MAX_ANSWER_BYTES = 64 * 1024;
const NEVER = new AbortController().signal;

/** @throws {GuardError} `options_invalid`, `endpoint_insecure`. */
export function createOpaService(options: OpaOptions, path = 'opa'): PolicyService {
  const { timeoutMs = 250, onFailure = 'deny' } = options;
  const url = parseEndpointUrl(options.url, `${path}.url`);
  if (!(timeoutMs > 0 && timeoutMs <= 60_000)) {
    throw new GuardError('options_invalid', { path: `${path}.timeoutMs`, detail: 'must be 1 to 60,000' });
  }
  return {
    onFailure,
    async ask(claims, request) {
      try {
        const { method, headers, query } = request;
        const input = {
          claims,
          request: {
            method,
            path: request.path,
            headers: Object.fromEntries(headers),
            query: Object.fromEntries(query),
          },
        };
        const answer = await requestJson({
          fetch: options.fetch ?? globalThis.fetch,
          url,
          init: {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/json' },
            body: JSON.stringify({ input }),
          },
          timeoutMs,
          maxBytes: MAX_ANSWER_BYTES,
          signal: NEVER,
        });
        if (!answer.ok) {
          throw new GuardError('policy_service_failed', {
            status: answer.status,
            detail: `answered with ${answer.status}`,
          });
        }
        const { result } = answer.body;
        return result === true || (isJsonObject(result) && result['allow'] === true) ? 'allow' : 'deny';
      } catch (cause) {
        // A query that cannot be read is the client's fault, and no reason to let it pass.
        if (cause instanceof TypeError && cause.message.startsWith('the query')) return 'deny';
        options.onFailed?.(cause instanceof GuardError ? cause : new GuardError('policy_service_failed', { cause }));
        return 'unknown';
      }
    },
  };
}
