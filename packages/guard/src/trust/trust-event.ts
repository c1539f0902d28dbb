/** What happens behind a trust, for metrics and logs. No member ever holds a token or a secret. */
import type { FetchReport, RejectedKey } from '@sealgate/jwt';
import type { GuardError } from '../errors.ts';
import type { FeedClientEvent } from '../revocation/feed-client.ts';

/** `issuer` is the configured name. */
export type TrustEvent = { readonly issuer: string } & (
  | FeedClientEvent
  | { readonly type: 'discovered' }
  | { readonly type: 'discovery_failed'; readonly error: GuardError; readonly retryMs: number }
  | { readonly type: 'keys_fetched'; readonly report: FetchReport }
  | { readonly type: 'keys_changed'; readonly added: readonly string[]; readonly removed: readonly string[] }
  /** Keys of a set that were refused: by their index, as the set is not trusted to name them. */
  | { readonly type: 'keys_rejected'; readonly rejected: readonly RejectedKey[] }
  /** A pushed key set that is not one; the keys at hand stay. */
  | { readonly type: 'keys_malformed'; readonly error: unknown }
  | { readonly type: 'introspection_failed'; readonly error: GuardError }
);
