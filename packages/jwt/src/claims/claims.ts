/** The claims of a JWT (RFC 7519 section 4) as a type. The checks are beside this file, one rule each. Runs in a browser. */
import type { JsonValue } from '../parse/json.ts';

/** Claims as a verifier returns them: frozen at every depth. Registered names have their types once verified. */
export interface Claims {
  /** Issuer (RFC 7519 section 4.1.1). */
  readonly iss?: string;
  /** Subject (RFC 7519 section 4.1.2). */
  readonly sub?: string;
  /** Audience, one or several (RFC 7519 section 4.1.3). */
  readonly aud?: string | readonly string[];
  /** Seconds since 1970. */
  readonly exp?: number;
  /** Seconds since 1970. */
  readonly nbf?: number;
  /** Seconds since 1970. */
  readonly iat?: number;
  /** Token id (RFC 7519 section 4.1.7). */
  readonly jti?: string;
  readonly [name: string]: JsonValue | undefined;
}

/** An own member of the claims: never one that an object inherits. */
export function claimOf(claims: Claims, name: string): JsonValue | undefined {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
