/**
 * Which trailer fields of an upstream go to the client (RFC 9110 section 6.5.1): none that frames, routes, authenticates or would change what
 * the header already said, and none that cannot be written.
 */

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
