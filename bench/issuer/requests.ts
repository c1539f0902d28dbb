/** What every issuer under comparison knows and is asked: two clients, one user, and requests as they go on the wire. */

/** Confidential: gets tokens for itself, and introspects. */
export const CLIENT = {
  id: 'bench-client',
  secret: 'bench-client-secret-of-at-least-32-characters',
};

/** Public: its user logs in and refreshes. */
export const WEB = 'bench-web';
export const USER = { username: 'user@bench.test', password: 'correct horse battery staple' };

export const SCOPES = ['orders:read', 'orders:write'];
export const AUDIENCE = 'https://api.bench.test';
/** A resource whose tokens are opaque, for the issuer that cannot introspect its JWTs. */
export const OPAQUE_AUDIENCE = 'https://opaque.bench.test';

/** Life of every access token. */
export const TTL_SECONDS = 600;

/** Where an issuer has its endpoints. */
export interface Paths {
  readonly token: string;
  readonly introspect: string;
  readonly keys: string;
}

export type Fields = Readonly<Record<string, string>>;

/** One `POST` of a form. */
export interface FormPost {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The client credentials grant with `client_secret_basic`. */
export function tokenRequest({ token }: Paths, more: Fields = {}): FormPost {
  return form(token, { grant_type: 'client_credentials', scope: 'orders:read', ...more }, basic());
}

export function introspectionRequest({ introspect }: Paths, token: string): FormPost {
  return form(introspect, { token }, basic());
}

/** The refresh grant of the public client. */
export function refreshRequest({ token }: Paths, refreshToken: string): FormPost {
  return form(token, { grant_type: 'refresh_token', client_id: WEB, refresh_token: refreshToken });
}

/** The request as bytes of HTTP/1.1. */
export function onTheWire({ target, headers, body }: FormPost): string {
  const all = { host: 'issuer.bench.test', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${target} HTTP/1.1`, ...fields, '', body].join('\r\n');
}

function form(target: string, fields: Fields, headers: Record<string, string> = {}): FormPost {
  return {
    target,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  };
}

function basic(): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}` };
}
