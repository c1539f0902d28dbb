/** What every route may use: the parts of the issuer, put together by `issuer.ts`. */
import type { Algorithm } from '@sealgate/jwt';
import type { Health, Logger, Metrics, StaticSite } from '@sealgate/service';
import type { AdminParts } from '../admin/context.ts';
import type { Client } from '../clients/client.ts';
import type { FamilyLifetimes } from '../families/refresh-families.ts';
import type { LoginParts } from '../grants/login.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Confirmations } from '../revocation/confirmations.ts';
import type { Feed } from '../revocation/feed.ts';
import type { TokenStatus } from '../revocation/token-status.ts';
import type { OwnTokens } from '../tokens/own-tokens.ts';
import type { StatusLists } from '../tokens/status-list.ts';
import type { PasswordPolicy } from '../users/password-policy.ts';
import type { PasswordReset } from '../users/password-reset.ts';
import type { ClientAuthenticationParts } from './client-authentication.ts';
import type { SenderProofParts } from './sender-proofs.ts';

export interface IssuerParts extends LoginParts {
  readonly authentication: ClientAuthenticationParts;
  readonly policy: PasswordPolicy;
  /** Where mails can be sent. */
  readonly passwordReset: PasswordReset | undefined;
  readonly auditsClientTokens: boolean;
  readonly senders: SenderProofParts;
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  readonly trustProxies: readonly string[];
  readonly confirmations: Confirmations;
  readonly feed: Feed;
  readonly ring: KeyRing;
  readonly ownTokens: OwnTokens;
  readonly tokenStatus: TokenStatus;
  readonly statusLists: StatusLists;
  readonly lifetimes: FamilyLifetimes;
  readonly accessTokenTtlSeconds: number;
  /** The default of access tokens; of what else the issuer signs, the only one. */
  readonly algorithm: Algorithm;
  /** Whether a proxy hands client certificates on. */
  readonly certificates: boolean;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What the administration works with. */
  readonly administration: AdminParts;
  readonly events: SecurityEvents;
  /** The issuer identifier. Known when the server listens. */
  readonly issuerUrl: () => string;
  /** Path of the issuer identifier, without a slash at its end: what every endpoint begins with. */
  readonly basePath: string;
  /** The token debugger, where there is one to show. */
  readonly debuggerPage: StaticSite | undefined;
}

/** What an operator wants to know of. Never holds a secret. */
export interface SecurityEvents {
  granted(grant: string, client: Client, requestId: string): void;
  refused(grant: string, code: string, reason: string | undefined, requestId: string): void;
  revoked(what: string, requestId: string): void;
}
