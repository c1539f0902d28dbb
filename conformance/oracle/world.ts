/**
 * What the oracle tests ask of an authorization server: the same clients and one user, tokens on demand, and an answer to any request,
 * however malformed. `sealgate-world.ts` and `oidc-provider-world.ts` are the two there are.
 */

export type Endpoint = 'token' | 'introspect' | 'revoke';

/** A request as it goes on the wire, but for the path, which each server has its own of. */
export interface OracleRequest {
  readonly endpoint: Endpoint;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What is compared: the status, and the members that decide what a client does. */
export interface OracleAnswer {
  readonly status: number;
  /** `error` of RFC 6749 section 5.2, or undefined. */
  readonly error: string | undefined;
  /** `active` of RFC 7662 section 2.2, or undefined. */
  readonly active: boolean | undefined;
}

export interface World {
  send(request: OracleRequest): Promise<OracleAnswer>;
  /** A new access token of {@link WORKER}, by client credentials. */
  accessToken(): Promise<string>;
  /** A new refresh token of the user at {@link WEB}. */
  refreshToken(): Promise<string>;
  close(): Promise<void>;
}

export interface ConfidentialClient {
  readonly id: string;
  readonly secret: string;
}

/** May use client credentials, for {@link SCOPES}. */
export const WORKER: ConfidentialClient = { id: 'worker', secret: 'the-secret-of-the-worker-in-the-oracle-tests' };
/** May introspect. */
export const READER: ConfidentialClient = { id: 'reader', secret: 'the-secret-of-the-reader-in-the-oracle-tests' };
/** Confidential, but may not use client credentials. */
export const LIMITED: ConfidentialClient = { id: 'limited', secret: 'the-secret-of-the-limited-in-the-oracle-tests' };
/** Public; its user may refresh. */
export const WEB = 'web';
/** Public, and not the owner of any token. */
export const OTHER = 'other';

export const SCOPES = ['orders:read', 'orders:write'];
export const AUDIENCE = 'https://api.oracle.test';

/** Reads what is compared out of an answer. Anything but a JSON object has no members. */
export function readAnswer(status: number, text: string): OracleAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const member = (name: string): unknown =>
    typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
  const [error, active] = [member('error'), member('active')];
  return {
    status,
    error: typeof error === 'string' ? error : undefined,
    active: typeof active === 'boolean' ? active : undefined,
  };
}

/** Sends a request to a server's path for the endpoint. */
export async function sendTo(
  url: string,
  { method = 'POST', headers = {}, body }: OracleRequest,
): Promise<OracleAnswer> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body) }),
  });
  return readAnswer(answer.status, await answer.text());
}
