/** Which URLs a verifier may talk to: https, or plain HTTP on the machine itself (RFC 8414 section 2, RFC 6750 section 5.3). */
import { GuardError } from '../errors.ts';

/**
 * @param path - Where the URL was written, for the error.
 * @throws {GuardError} `options_invalid`, `endpoint_insecure`.
 */
export function parseEndpointUrl(text: string, path: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new GuardError('options_invalid', { path, detail: 'is not an absolute URL' });
  if (url.username !== '' || url.password !== '') {
    throw new GuardError('options_invalid', { path, detail: 'must not hold credentials; use `client`' });
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return url;
  throw new GuardError('endpoint_insecure', { path });
}

/** RFC 6761 section 6.3 (`localhost` and below), RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/.test(hostname)
  );
}
