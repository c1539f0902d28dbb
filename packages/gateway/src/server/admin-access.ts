/**
 * Who may ask the admin port (ATTACKS.md G14): whoever holds the admin token where one is configured; else programs of this machine, and
 * the page that the port itself serves.
 *
 * A web page of anybody else reaches neither: a browser says where a request comes from (`Origin`, and `Sec-Fetch-Site` of the Fetch
 * Metadata specification), and a name that was rebound to this address is not a loopback name.
 */
import { isLoopbackHost, type Secret } from '@sealgate/service';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export function isAdmitted(req: IncomingMessage, token: Secret | undefined): boolean {
  if (!isOfThisOrigin(req)) return false;
  if (token === undefined) return hasLoopbackName(req);
  const [, presented = ''] = /^bearer ([^\s]+)$/iu.exec(req.headers.authorization ?? '') ?? [];
  return timingSafeEqual(digest(presented), digest(token.reveal()));
}

/** Where no token protects the port, the page on it is for this machine too. */
export function mayLoadPage(req: IncomingMessage, token: Secret | undefined): boolean {
  return token !== undefined || hasLoopbackName(req);
}

function hasLoopbackName({ headers }: IncomingMessage): boolean {
  return isLoopbackHost((headers.host ?? '').replace(/:\d+$/u, ''));
}

/** Programs send neither field; a browser sends at least one for whatever another origin asks. */
function isOfThisOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return false;
  return site === undefined || site === 'same-origin' || site === 'none';
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
