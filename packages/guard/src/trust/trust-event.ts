/** What happens behind a trust, for metrics and logs. No member ever holds a token or a secret. */
import type { GuardError } from '../errors.ts';
import type { FeedClientEvent } from '../revocation/feed-client.ts';

/** `issuer` is the configured name. */
export type TrustEvent = { readonly issuer: string } & (
  | FeedClientEvent
  | { readonly type: 'discovered' }
  | { readonly type: 'discovery_failed'; readonly error: GuardError; readonly retryMs: number }
  | { readonly type: 'keys_pushed'; readonly keys: number; readonly rejected: number }
  | { readonly type: 'introspection_failed'; readonly error: GuardError }
);
