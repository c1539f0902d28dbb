/**
 * What a client is told when the gateway itself answers: problem details (RFC 9457) with few, stable codes.
 *
 * Refusals of the decision bring their own code and challenge from `@sealgate/guard`; this table has the rest.
 */
import { problemOf, type Denied } from '@sealgate/guard';
import { problem, PROBLEM_MEDIA_TYPE } from '@sealgate/service';

/** Every code the gateway answers with by itself. Generates `docs/errors.md`. */
export const GATEWAY_ANSWERS = {
  path_ambiguous: [
    400,
    'The path could be read in more than one way: no dot segments, empty segments, backslashes, ";" or escaped delimiters.',
  ],
  header_malformed: [400, 'A header that says how to read the request is malformed, repeated, or contradicts another.'],
  request_malformed: [400, 'The request is not well-formed HTTP/1.1.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'The resource does not know this method; `Allow` lists those it knows.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  body_too_large: [413, 'The request body is larger than this resource accepts.'],
  url_too_long: [414, 'Path and query are longer than this server accepts.'],
  expectation_unknown: [417, 'The only expectation this server knows is `100-continue`.'],
  address_denied: [403, 'This resource is not open to your address.'],
  too_many_at_once: [429, 'Too many requests of yours are under way. Wait for one of them to end.'],
  rate_limited: [429, 'Too many requests. `Retry-After` says when to come back.'],
  headers_too_large: [431, 'The request headers are larger, or more, than this server accepts.'],
  identity_unsendable: [403, 'The access token holds a claim that cannot be passed on to this resource.'],
  upstream_unreachable: [502, 'The service behind could not be reached, or broke off before it answered.'],
  overloaded: [503, 'Too many requests are under way. Try again in a moment.'],
  upstream_unavailable: [503, 'No instance of the service behind is available. Try again later.'],
  upstream_timeout: [504, 'The service behind did not answer in time.'],
  version_unsupported: [505, 'This server speaks HTTP/1.1.'],
  internal_error: [500, 'The gateway failed. The request id helps its operator to find out why.'],
} as const satisfies Readonly<Record<string, readonly [status: number, detail: string]>>;

export type AnswerCode = keyof typeof GATEWAY_ANSWERS;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Status and body. Header fields are the business of whoever sends it. */
export function answerFor(code: AnswerCode, requestId: string): Answer {
  const [status, detail] = GATEWAY_ANSWERS[code];
  let begin = BEGINNINGS.get(code);
  if (begin === undefined)
    BEGINNINGS.set(code, (begin = beginningOf(problem({ status, code, detail, requestId: '' }))));
  return { status, body: `${begin}${requestId}"}` };
}

/** The same for a refusal of the decision. @param requestId - Needs no escaping: see `requestId` of `@sealgate/service`. */
export function refusalBody(denied: Denied, requestId: string): string {
  let begin = REFUSAL_BEGINNINGS.get(denied);
  if (begin === undefined) REFUSAL_BEGINNINGS.set(denied, (begin = beginningOf(problemOf(denied, ''))));
  return `${begin}${requestId}"}`;
}

/** Bodies up to the request id, which is the only part that differs from one request to the next. */
const BEGINNINGS = new Map<AnswerCode, string>();
/** A policy's refusals are made once. */
const REFUSAL_BEGINNINGS = new WeakMap<Denied, string>();

/** @param body - Whose last member is an empty `request_id`. */
const beginningOf = (body: object): string => JSON.stringify(body).slice(0, -2);

/** Header fields of every answer of the gateway's own. */
export const ANSWER_FIELDS: readonly string[] = ['content-type', PROBLEM_MEDIA_TYPE, 'cache-control', 'no-store'];
