/**
 * What the gateway does with each request header, by name (ATTACKS.md G2 to G5).
 *
 * Names are compared folded: lower case, and every character that is not a letter or a digit as `-`, because an upstream that
 * turns headers into variables (CGI, WSGI, PHP) cannot tell `X-User-Id` from `x_user_id` or `X.User.Id`. A name that folds to one
 * the gateway gives meaning to, without being it, is dropped. `header-fields.ts` applies the rules.
 */

/** Pass it on as it came. */
export const PASS = 0;
/** Never passed on. */
export const DROP = 1;
export const HOST = 2;
export const AUTHORIZATION = 3;
export const COOKIE = 4;
export const CONNECTION = 5;
export const CONTENT_LENGTH = 6;
export const TRANSFER_ENCODING = 7;
export const UPGRADE = 8;
export const EXPECT = 9;
export const ORIGIN = 10;
export const REQUEST_ID = 11;
export const FORWARDED_FOR = 12;
export const FORWARDED_PROTO = 13;
export const FORWARDED_HOST = 14;
export const PREFLIGHT_METHOD = 15;
export const TRACEPARENT = 16;
export const TRACESTATE = 17;

/** What to do with a header: one of the constants above. */
export type HeaderAction = number;

/** Headers the gateway reads; each is passed on, or set anew, by whoever reads it. */
const READ: Readonly<Record<string, HeaderAction>> = {
  host: HOST,
  authorization: AUTHORIZATION,
  cookie: COOKIE,
  connection: CONNECTION,
  'content-length': CONTENT_LENGTH,
  'transfer-encoding': TRANSFER_ENCODING,
  upgrade: UPGRADE,
  expect: EXPECT,
  origin: ORIGIN,
  'x-request-id': REQUEST_ID,
  'x-forwarded-for': FORWARDED_FOR,
  'x-forwarded-proto': FORWARDED_PROTO,
  'x-forwarded-host': FORWARDED_HOST,
  'access-control-request-method': PREFLIGHT_METHOD,
};

/** Read only where requests are traced; passed on as they came elsewhere. */
const TRACED: Readonly<Record<string, HeaderAction>> = { traceparent: TRACEPARENT, tracestate: TRACESTATE };

const DROPPED: readonly string[] = [
  // Hop-by-hop: RFC 9110 section 7.6.1, and what older software treats so.
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'http2-settings',
  // Says where a request came from. The gateway says that, from what it saw (forwarded.ts).
  'forwarded',
  'x-forwarded',
  'x-forwarded-by',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-scheme',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'client-ip',
  'true-client-ip',
  'fastly-client-ip',
  'cf-connecting-ip',
  'x-envoy-external-address',
  // The certificate that a client proved to hold: said by the gateway only (RFC 9440 section 4).
  'client-cert',
  'client-cert-chain',
  // Makes an upstream see another method or path than was decided about.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  // Becomes the environment variable HTTP_PROXY in CGI programs.
  'proxy',
];

/** The form in which header names are compared: `X_User.Id` -> `x-user-id`. */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/gu, '-');
}

/** Names that arrive often are looked up as they are spelled; the bound keeps a flood of invented names from growing it. */
const REMEMBERED_NAMES = 1024;

export class HeaderRules {
  readonly #folded = new Map<string, HeaderAction>();
  readonly #seen = new Map<string, HeaderAction>();

  /** Passed on, but in one spelling only. */
  readonly #meant: ReadonlySet<string>;

  /**
   * @param identityHeaders - Every header that any route may set: none is ever taken from a client.
   * @param matchedHeaders - Every header that routes are chosen by: an upstream must not find another value under a name that it cannot tell apart.
   * @param options - `traced`: whether the gateway takes part in traces.
   */
  constructor(identityHeaders: Iterable<string>, matchedHeaders: Iterable<string> = [], { traced = false } = {}) {
    this.#meant = new Set(Array.from(matchedHeaders, foldHeaderName));
    for (const name of DROPPED) this.#folded.set(name, DROP);
    for (const [name, action] of Object.entries(READ)) this.#folded.set(name, action);
    if (traced) for (const [name, action] of Object.entries(TRACED)) this.#folded.set(name, action);
    for (const name of identityHeaders) {
      const folded = foldHeaderName(name);
      if (!Object.hasOwn(READ, folded)) this.#folded.set(folded, DROP);
    }
  }

  /** Whether a field may follow a body: nothing that the gateway reads, drops, sets or chooses routes by (ATTACKS.md G2). */
  mayTrail(name: string): boolean {
    return this.actionFor(name) === PASS && !this.#meant.has(foldHeaderName(name));
  }

  /** @param name - As spelled by the client; a valid field name, which the HTTP parser saw to. */
  actionFor(name: string): HeaderAction {
    const known = this.#seen.get(name);
    if (known !== undefined) return known;
    const folded = foldHeaderName(name);
    let action = this.#folded.get(folded) ?? PASS;
    if ((action !== PASS || this.#meant.has(folded)) && name.toLowerCase() !== folded) action = DROP;
    if (folded.startsWith('x-forwarded-') && action === PASS) action = DROP;
    if (this.#seen.size < REMEMBERED_NAMES) this.#seen.set(name, action);
    return action;
  }
}
