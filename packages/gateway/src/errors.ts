/**
 * What can go wrong before a request is served: configuration that cannot become a running gateway, and misuse of its API.
 * What a client is told stands in `server/answers.ts`.
 */

/** Every code, with what it means and what to do. Generates `docs/errors.md`. */
export const GATEWAY_ERRORS = {
  route_pattern_malformed: 'A route has a path that no request can match. The message says how to write it.',
  route_ambiguous: 'Two routes would answer the same request. Give one of them other methods or another path.',
  upstream_unknown: 'A route names an upstream that is not in `upstreams`.',
  issuer_unknown: 'A route names an issuer that is not in `issuers`.',
  policy_impossible:
    'A route asks for what can never be: scopes on a route without tokens, an issuer where there is none.',
  address_in_use: 'A port that the gateway should listen on is taken.',
  explain_invalid: 'What should be explained is not a request. The message names the field and what it may be.',
  tls_unusable: 'A certificate, key or authority file cannot be used. The message names it and says why.',
  worker_gone:
    'A worker process ended before it answered, or none serves at the moment. The supervisor replaces it; the log says why it ended.',
  worker_hung:
    'A worker process hung while it started, and was killed. Where a start may take so long, raise `workerSilence`.',
  already_closed: 'The gateway was closed; create another.',
} as const;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** Branch on `code`. The message is for people; it holds names from the configuration, never secrets or request data. */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string = GATEWAY_ERRORS[code], options?: ErrorOptions) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
  }
}
