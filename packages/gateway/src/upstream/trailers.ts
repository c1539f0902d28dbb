/**
 * Which trailer fields go on (RFC 9110 section 6.5.1), to a client and to an upstream: none that frames, routes, authenticates, controls or would change what
 * the header already said, and none that cannot be written. What is not allowed is dropped. Upstreams may take trailers for headers, so that of a
 * client's nothing passes that could say who calls, in any spelling (ATTACKS.md G2).
 */
import { foldHeaderName } from '../request/header-rules.ts';
import type { Exchange } from '../server/exchange.ts';

const NEVER = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'location',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'retry-after',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
  'x-request-id',
]);
/** Of requests: conditions and other words that say how to serve them. */
const NEVER_IN_REQUESTS = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'pragma',
  'range',
  'referer',
  'user-agent',
]);
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/u;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/u;

/** @param trailers - Name (lower case), value, name, value. */
export function sendableTrailers(trailers: readonly string[]): [string, string][] {
  const sendable: [string, string][] = [];
  for (let index = 0; index < trailers.length; index += 2) {
    const name = trailers[index]!;
    const value = trailers[index + 1]!;
    if (FIELD_NAME.test(name) && FIELD_VALUE.test(value) && !NEVER.has(name)) sendable.push([name, value]);
  }
  return sendable;
}

/**
 * @param trailers - Of a client: name, value, name, value, as they came.
 * @returns what may go to its upstream, names in lower case.
 */
export function requestTrailers(trailers: readonly string[], { runtime, fields, route }: Exchange): readonly string[] {
  const passed: string[] = [];
  for (let index = 0; index < trailers.length; index += 2) {
    const name = trailers[index]!.toLowerCase();
    const value = trailers[index + 1]!;
    if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) continue;
    if (NEVER.has(name) || NEVER_IN_REQUESTS.has(name) || !runtime.headerRules.mayTrail(name)) continue;
    if (fields.hopByHop?.has(foldHeaderName(name)) === true || route?.requestHeaders?.touches(name) === true) continue;
    passed.push(name, value);
  }
  return passed;
}
