/** What a decision takes and gives: the facts of one request, and the verdict on it. */
import type { GuardCode } from './verdict-codes.ts';
import type { Principal } from './principal.ts';

/** What the decision needs to know of a request. Built by an adapter or the gateway; never from unparsed bytes. */
export interface RequestFacts {
  readonly method: string;
  /** Canonical, without the query. */
  readonly path: string;
  /** Without the question mark; what conditions ask about. */
  readonly query?: string;
  /** Scheme and authority as the client addressed them; a DPoP proof is made for them (`htu`). Without, no proof can hold. */
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  /** Every `Authorization` field value, in order, without joining: two are an error (ATTACKS.md G7). */
  readonly authorization: readonly string[];
  /** Every `Cookie` field value; needed where the policy names a token cookie. */
  readonly cookie?: readonly string[];
  /** Name, value, name, value, as Node's `rawHeaders`: where a DPoP proof is looked for, and what conditions ask about. */
  readonly rawHeaders?: readonly string[];
  /** `x5t#S256` of the certificate that the client proved to hold in the TLS handshake (RFC 8705 section 3.1); asked only for bound tokens. */
  readonly certificateThumbprint?: () => string | undefined;
  /** Clock reading, seconds since the Unix epoch; the age of the revocation view is judged by it. */
  readonly nowSeconds: number;
  /** Whom to charge for fetching an unknown key, such as the client's address (ATTACKS.md T24). */
  readonly source?: string;
}

/** The request may pass; `principal` is undefined where the policy admits requests without a token. */
export interface Allowed {
  readonly allow: true;
  readonly principal: Principal | undefined;
}

/** The request may not pass. */
export interface Denied {
  readonly allow: false;
  readonly status: 400 | 401 | 403 | 503;
  readonly code: GuardCode;
  /** Value for `WWW-Authenticate` (RFC 6750 section 3); undefined where there is none to give. */
  readonly challenge?: string;
  /** Value for `Retry-After`, seconds; with status 503. */
  readonly retryAfterSeconds?: number;
  /** Value for `DPoP-Nonce` (RFC 9449 section 9). */
  readonly dpopNonce?: string;
}

export type Verdict = Allowed | Denied;
