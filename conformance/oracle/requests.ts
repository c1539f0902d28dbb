/** How the cases say what they send. */
import type { ConfidentialClient, Endpoint, OracleRequest, World } from './world.ts';

/** One case: a name that says what is special, where the rule stands, and the request. */
export interface OracleCase {
  readonly name: string;
  readonly rule: string;
  /** Makes the request, and before it whatever must have happened. */
  readonly request: (world: World) => OracleRequest | Promise<OracleRequest>;
}

type Headers = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, string>> | [string, string][];

/** `client_secret_basic`: both parts form-urlencoded, then RFC 7617 (RFC 6749 section 2.3.1). */
export function basic({ id, secret }: ConfidentialClient): Headers {
  return basicOf(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`);
}

/** An `Authorization: Basic` header with any text in it. */
export function basicOf(text: string): Headers {
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** `client_secret_post` (RFC 6749 section 2.3.1). */
export function post({ id, secret }: ConfidentialClient): Record<string, string> {
  return { client_id: id, client_secret: secret };
}

/** A request with form parameters; a list where one is repeated. */
export function form(endpoint: Endpoint, fields: Fields, headers: Headers = {}) {
  const body = new URLSearchParams(fields);
  return {
    endpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: body.toString(),
  };
}

/** A request with exactly this body. */
export function raw(endpoint: Endpoint, body: string | Uint8Array, headers: Headers = {}): OracleRequest {
  return { endpoint, headers, body };
}
