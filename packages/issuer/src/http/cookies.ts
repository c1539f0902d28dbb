/**
 * The cookies that carry tokens for `"transport": "cookie"` (DESIGN.md section 6): the tokens never reach a script, so a script that was
 * smuggled into the page cannot carry them away. `__Host-` (RFC 6265bis section 4.1.3.2) binds each to one host and to secure
 * connections; browsers count loopback addresses among those.
 *
 * A cookie comes with every request, whoever made the page send it: `assertSameOrigin` is what stands against that.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FirstPartyError } from './problems.ts';

/** What a route of the gateway names as its `cookie`. */
export const ACCESS_COOKIE = '__Host-sealgate-access';
export const REFRESH_COOKIE = '__Host-sealgate-refresh';
/** Makes the device known to its user's next login (`users/known-devices.ts`); stays after logout. */
export const DEVICE_COOKIE = '__Host-sealgate-device';

/** The access token may come along when a link is followed; the refresh token only with requests of the site's own pages. */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=';
const SAME_SITE = { [ACCESS_COOKIE]: 'Lax', [REFRESH_COOKIE]: 'Strict', [DEVICE_COOKIE]: 'Strict' } as const;

type TokenCookie = keyof typeof SAME_SITE;

/** @param lifeSeconds - How long the browser keeps it; 0 removes it. */
export function setTokenCookie(reply: FastifyReply, name: TokenCookie, value: string, lifeSeconds: number): void {
  reply.header('set-cookie', `${name}=${value}; ${ATTRIBUTES}${SAME_SITE[name]}; Max-Age=${lifeSeconds}`);
}

export function clearTokenCookies(reply: FastifyReply): void {
  setTokenCookie(reply, ACCESS_COOKIE, '', 0);
  setTokenCookie(reply, REFRESH_COOKIE, '', 0);
}

/** @throws {FirstPartyError} `invalid_request`: the cookie is there twice, so nobody knows which counts. */
export function readTokenCookie(request: FastifyRequest, name: TokenCookie): string | undefined {
  const values: string[] = [];
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
  }
  if (values.length > 1) throw new FirstPartyError('invalid_request', 'a cookie is presented twice');
  return values[0] === '' ? undefined : values[0];
}

/**
 * Whether a page of the issuer's own origin sent the request, by what only a browser can write: `Sec-Fetch-Site` (Fetch Metadata section
 * 2.3), and where a browser has none, `Origin` (RFC 6454 section 7). Whoever sends neither is no browser and has no use for cookies.
 * That bodies are JSON stands beside it: no form can send that media type.
 *
 * @throws {FirstPartyError} `cross_site_request`.
 */
export function assertSameOrigin(request: FastifyRequest, issuerUrl: string): void {
  const { 'sec-fetch-site': site, origin } = request.headers;
  const own =
    site === undefined ? origin !== undefined && origin === new URL(issuerUrl).origin : site === 'same-origin';
  if (!own) throw new FirstPartyError('cross_site_request', 'cookies are for pages of the same origin');
}
