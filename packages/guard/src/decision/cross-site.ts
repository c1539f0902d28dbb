/**
 * Requests that another site's page makes a browser send (cross-site request forgery): a cookie comes with them, so a token that came as a
 * cookie is no sign that its user wanted the request. A token in `Authorization` is: no page can set it for another origin
 * without being let.
 *
 * Judged by what only the browser writes: `Sec-Fetch-Site` (Fetch Metadata section 2.3), and where it is missing, `Origin` (RFC 6454
 * section 7). A request that says neither does not come from a browser of these days and is refused. Reading is not asked about: methods
 * that are safe (RFC 9110 section 9.2.1) change nothing, and the answer is kept from the other site by the browser. A WebSocket is
 * opened by GET and is not kept from it, so opening one counts as unsafe.
 */
import type { RequestFacts } from './verdict.ts';
import { fieldValues } from './header-values.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Why the request may be another site's; undefined if it is not.
 *
 * @param origins - Other origins whose pages may use the cookie, as `https://app.acme.test`.
 */
export function findCrossSiteFault(facts: RequestFacts, origins: readonly string[]): string | undefined {
  const { method, host, rawHeaders = [] } = facts;
  if (SAFE.has(method) && fieldValues(rawHeaders, 'upgrade').length === 0) return undefined;
  const sites = fieldValues(rawHeaders, 'sec-fetch-site');
  const [origin, ...more] = fieldValues(rawHeaders, 'origin');
  if (sites.length > 1 || more.length > 0) return 'Sec-Fetch-Site or Origin is there twice';
  if (origin !== undefined && origins.includes(origin)) return undefined;
  const [site] = sites;
  // `none`: the user's own doing, such as an address typed in.
  if (site === 'same-origin' || site === 'none') return undefined;
  if (site !== undefined)
    return `it comes from another origin's page (Sec-Fetch-Site: ${site === 'same-site' ? site : 'cross-site'})`;
  if (origin === undefined) return 'it says neither Sec-Fetch-Site nor Origin, so it comes from no browser';
  return host !== undefined && isHost(origin, host) ? undefined : "it comes from another origin's page (Origin)";
}

/** By host and port alone: a proxy in front may have taken off the TLS that the page was loaded by. */
function isHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false;
  const { protocol, host: named } = new URL(origin);
  return named !== '' && named === new URL(`${protocol}//${host}`).host;
}
