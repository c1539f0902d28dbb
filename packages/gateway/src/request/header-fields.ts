/**
 * The headers of one request, read once: what the gateway itself needs, and the list that may go upstream.
 *
 * Removal comes first, anything the gateway adds comes later and elsewhere, so that `Connection: x-user-id` cannot remove what
 * was not yet there (ATTACKS.md G3). Framing is not decided here: the HTTP parser did that. RFC 9110 section 7.6.1.
 */
import {
  AUTHORIZATION,
  CONNECTION,
  CONTENT_LENGTH,
  COOKIE,
  EXPECT,
  FORWARDED_FOR,
  FORWARDED_HOST,
  FORWARDED_PROTO,
  HOST,
  ORIGIN,
  PASS,
  PREFLIGHT_METHOD,
  REQUEST_ID,
  TRACEPARENT,
  TRACESTATE,
  TRANSFER_ENCODING,
  UPGRADE,
  foldHeaderName,
  type HeaderRules,
} from './header-rules.ts';

export type HeaderFault =
  | 'duplicate_host'
  | 'malformed_host'
  | 'duplicate_content_length'
  | 'malformed_content_length'
  | 'unsupported_transfer_encoding'
  | 'length_and_transfer_encoding'
  | 'forbidden_connection_option'
  /** In HTTP/2: a field of the connection, or one that could not be written as HTTP/1.1. */
  | 'malformed_field'
  /** A question about another request that does not say which. */
  | 'malformed_question';

const NONE: readonly string[] = Object.freeze([]);

/** One request's headers. Values are as the parser gave them: one character an octet. */
export class HeaderFields {
  /** Name, value, name, value: what may be passed on, without host, framing, credentials and anything hop-by-hop. */
  readonly passed: string[] = [];
  host: string | undefined = undefined;
  authorization: readonly string[] = NONE;
  cookie: readonly string[] = NONE;
  /** Bytes, when the client declared them. */
  contentLength: number | undefined = undefined;
  chunked = false;
  upgrade: string | undefined = undefined;
  expect: string | undefined = undefined;
  origin: string | undefined = undefined;
  preflightMethod: string | undefined = undefined;
  requestId: string | undefined = undefined;
  forwardedFor: string | undefined = undefined;
  forwardedProto: string | undefined = undefined;
  forwardedHost: string | undefined = undefined;
  /** Where requests are traced; '' when there is more than one. */
  traceparent: string | undefined = undefined;
  tracestate: readonly string[] = NONE;
  /** Names, folded, of what belongs to this connection by the word of `Connection`. */
  hopByHop: ReadonlySet<string> | undefined = undefined;
  /** Set when the request must be refused with 400. */
  fault: HeaderFault | undefined = undefined;

  /** True when bytes follow the header section. */
  get hasBody(): boolean {
    return this.chunked || (this.contentLength !== undefined && this.contentLength > 0);
  }
}

/** host or host:port, with the characters of RFC 3986 section 3.2.2 that occur in practice. */
const HOST_VALUE = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::[0-9]{1,5})?$/u;
const DIGITS = /^[0-9]{1,15}$/u;

/** Reads `rawHeaders` (name, value, name, value) once. Look at `fault` first. */
export function readHeaderFields(rawHeaders: readonly string[], rules: HeaderRules): HeaderFields {
  const fields = new HeaderFields();
  const passed = fields.passed;
  let connection: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    const action = rules.actionFor(name);
    if (action === PASS) passed.push(name, value);
    else if (action === CONNECTION) connection = connection === undefined ? value : `${connection},${value}`;
    else keep(fields, action, value);
  }
  if (fields.chunked && fields.contentLength !== undefined) fields.fault ??= 'length_and_transfer_encoding';
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close') {
    removeNamed(fields, connection);
  }
  if (fields.origin !== undefined) passed.push('origin', fields.origin);
  if (fields.preflightMethod !== undefined) passed.push('access-control-request-method', fields.preflightMethod);
  return fields;
}

function keep(fields: HeaderFields, action: number, value: string): void {
  switch (action) {
    case HOST:
      if (fields.host !== undefined) fields.fault ??= 'duplicate_host';
      else if (!HOST_VALUE.test(value)) fields.fault ??= 'malformed_host';
      fields.host = value;
      break;
    case AUTHORIZATION:
      fields.authorization = fields.authorization === NONE ? [value] : [...fields.authorization, value];
      break;
    case COOKIE:
      fields.cookie = fields.cookie === NONE ? [value] : [...fields.cookie, value];
      break;
    case CONTENT_LENGTH:
      if (fields.contentLength !== undefined) fields.fault ??= 'duplicate_content_length';
      else if (!DIGITS.test(value)) fields.fault ??= 'malformed_content_length';
      fields.contentLength = Number(value);
      break;
    case TRANSFER_ENCODING:
      if (fields.chunked || value.toLowerCase() !== 'chunked') fields.fault ??= 'unsupported_transfer_encoding';
      fields.chunked = true;
      break;
    case UPGRADE:
      fields.upgrade = fields.upgrade === undefined ? value : `${fields.upgrade},${value}`;
      break;
    case EXPECT:
      fields.expect = value;
      break;
    case ORIGIN:
      // Two origins are no origin: `null` is never on a list.
      fields.origin = fields.origin === undefined ? value : 'null';
      break;
    case REQUEST_ID:
      fields.requestId = fields.requestId === undefined ? value : '';
      break;
    case TRACEPARENT:
      fields.traceparent = fields.traceparent === undefined ? value : '';
      break;
    case TRACESTATE:
      fields.tracestate = [...fields.tracestate, value];
      break;
    case PREFLIGHT_METHOD:
      fields.preflightMethod = value;
      break;
    case FORWARDED_FOR:
      fields.forwardedFor = fields.forwardedFor === undefined ? value : `${fields.forwardedFor},${value}`;
      break;
    case FORWARDED_PROTO:
      fields.forwardedProto = fields.forwardedProto === undefined ? value : '';
      break;
    case FORWARDED_HOST:
      fields.forwardedHost = fields.forwardedHost === undefined ? value : '';
      break;
    default:
  }
}

/** Connection options that would take away what the message is framed or addressed by. */
const NEVER_AN_OPTION = new Set(['host', 'content-length', 'transfer-encoding', 'cookie', 'content-type', 'origin']);

/** Drops every passed header that `Connection` names (RFC 9110 section 7.6.1). */
function removeNamed(fields: HeaderFields, connection: string): void {
  const named = new Set<string>();
  for (const option of connection.split(',')) {
    const folded = foldHeaderName(option.trim());
    if (folded === '' || folded === 'close' || folded === 'keep-alive' || folded === 'upgrade') continue;
    if (NEVER_AN_OPTION.has(folded)) fields.fault ??= 'forbidden_connection_option';
    named.add(folded);
  }
  if (named.size === 0) return;
  fields.hopByHop = named;
  const { passed } = fields;
  let kept = 0;
  for (let index = 0; index < passed.length; index += 2) {
    if (named.has(foldHeaderName(passed[index]!))) continue;
    passed[kept] = passed[index]!;
    passed[kept + 1] = passed[index + 1]!;
    kept += 2;
  }
  passed.length = kept;
}
