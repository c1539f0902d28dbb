/**
 * The one table of what can go wrong in `@sealgate/guard` beside a refused request: code, meaning, what to do about it.
 *
 * `GuardErrorCode`, the messages and `docs/errors.md` come from here. The codes that a client of an API sees are another table,
 * `decision/verdict-codes.ts`.
 */

interface ErrorEntry {
  /** What was wrong, one sentence without a full stop. */
  readonly message: string;
  /** What the reader of the message should do. */
  readonly remedy: string;
  /** Where the rule stands. */
  readonly source: string;
}

export const GUARD_ERROR_CODES = {
  options_invalid: {
    message: 'an option cannot work as it was given',
    remedy: 'correct the option that the message names',
    source: 'this package',
  },
  policy_invalid: {
    message: 'a route policy cannot mean what it says',
    remedy: 'correct the member that the message names',
    source: 'this package',
  },
  issuer_unknown: {
    message: 'a policy names an issuer that is not configured',
    remedy: 'use a name from the list of issuers, or add the issuer to it',
    source: 'this package',
  },
  endpoint_insecure: {
    message: 'a URL is neither https nor on a loopback address',
    remedy: 'use https; keys and credentials that travel in clear can be replaced and read',
    source: 'RFC 8414 section 2, RFC 6750 section 5.3',
  },
  discovery_failed: {
    message: 'the metadata of the issuer could not be read',
    remedy: 'check the address, the network and the state of the issuer; it is tried again by itself',
    source: 'RFC 8414 section 3',
  },
  issuer_mismatch: {
    message: 'the metadata names another issuer than the one configured',
    remedy: 'configure `url` exactly as the issuer writes it; a final slash counts',
    source: 'RFC 8414 section 3.3',
  },
  endpoint_missing: {
    message: 'the metadata lacks an endpoint that the configuration needs',
    remedy: 'check that the issuer offers it, or configure the issuer without',
    source: 'RFC 8414 section 2',
  },
  feed_unreachable: {
    message: 'the connection to the revocation feed failed or ended',
    remedy: 'check the network and the state of the issuer; it is tried again by itself',
    source: 'docs/feed.md',
  },
  feed_refused: {
    message: 'the issuer refused the revocation feed',
    remedy: 'check the id and the secret of this client, and that it may introspect',
    source: 'docs/feed.md',
  },
  feed_malformed: {
    message: 'the feed sent something that is not an event of its protocol',
    remedy: 'check that issuer and verifier are of compatible versions, and what stands between them',
    source: 'docs/feed.md, WHATWG HTML section 9.2',
  },
  feed_too_large: {
    message: 'an event of the feed is larger than the limit',
    remedy: 'raise `maxEventBytes` if the issuer really holds that many records',
    source: 'docs/feed.md',
  },
  feed_gap: {
    message: 'a change is missing between two that arrived',
    remedy: 'nothing: the whole state is read again; look at the network if it happens often',
    source: 'docs/feed.md',
  },
  feed_silent: {
    message: 'nothing arrived on the feed for longer than two heartbeats',
    remedy: 'nothing: the connection is made again; look for a proxy that buffers the stream if it happens often',
    source: 'docs/feed.md',
  },
  ack_refused: {
    message: 'the issuer refused a confirmation',
    remedy: 'nothing: the connection is made again; check the credentials if it happens often',
    source: 'docs/feed.md',
  },
  policy_service_failed: {
    message: 'the policy service could not be asked',
    remedy: 'check its address and its state; `onFailure` says what requests are worth meanwhile',
    source: 'this package',
  },
  introspection_failed: {
    message: 'the issuer could not be asked about a token',
    remedy: 'check the network, the state of the issuer and the credentials of this client',
    source: 'RFC 7662 section 2',
  },
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link GUARD_ERROR_CODES}: stable, safe to branch on. */
export type GuardErrorCode = keyof typeof GUARD_ERROR_CODES;
