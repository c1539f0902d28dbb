/**
 * Looks up a key set for the user (RFC 7517 section 5, RFC 8414): the only code of the page that uses the network, reached from one
 * button of the served form. `fetch` is handed in.
 */
import { scanJson } from './model/json-scan.ts';
import { member, stringMember } from './model/json-value.ts';

export type LookupFailure = 'address' | 'insecure' | 'network' | 'status' | 'too-large' | 'not-a-set';
export type Lookup = { readonly keySet: string } | { readonly failure: LookupFailure };

const MAXIMUM_BYTES = 524_288;
const TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1']);

type Read = { readonly text: string } | { readonly failure: LookupFailure };

/** Fetches a key set, or the discovery document of an issuer and then its key set. Never rejects. */
export async function lookUpKeySet(address: string, fetcher: typeof fetch): Promise<Lookup> {
  const url = parseAddress(address);
  if (typeof url === 'string') return { failure: url };
  const isIssuer = url.pathname === '/' || !/(?:jwks|keys|certs|\.json|\.well-known)/u.test(url.pathname);
  const found = isIssuer ? await readMetadata(url, fetcher) : await read(url, fetcher);
  if ('failure' in found) return found;
  const { node } = scanJson(found.text);
  if (member(node, 'keys')?.type === 'array') return { keySet: found.text };
  const next = stringMember(node, 'jwks_uri');
  const keysAt = next === undefined ? 'not-a-set' : parseAddress(next);
  if (typeof keysAt === 'string') return { failure: next === undefined ? 'not-a-set' : keysAt };
  const set = await read(keysAt, fetcher);
  if ('failure' in set) return set;
  return member(scanJson(set.text).node, 'keys')?.type === 'array' ? { keySet: set.text } : { failure: 'not-a-set' };
}

/** OpenID Connect Discovery section 4 appends to the issuer; RFC 8414 section 3.1 inserts before its path. */
async function readMetadata(issuer: URL, fetcher: typeof fetch): Promise<Read> {
  const path = issuer.pathname.replace(/\/$/u, '');
  const openId = await read(new URL(`${path}/.well-known/openid-configuration`, issuer), fetcher);
  if ('text' in openId) return openId;
  const oauth = await read(new URL(`/.well-known/oauth-authorization-server${path}`, issuer), fetcher);
  return 'text' in oauth ? oauth : openId;
}

function parseAddress(address: string): URL | 'address' | 'insecure' {
  const url = URL.parse(address.trim());
  if (url?.protocol === 'https:') return url;
  if (url?.protocol !== 'http:') return 'address';
  return LOOPBACK.has(url.hostname) ? url : 'insecure';
}

/** No cookies, no referrer, no redirect to elsewhere unseen: an address that redirects is a failure. */
async function read(url: URL, fetcher: typeof fetch): Promise<Read> {
  try {
    const response = await fetcher(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      cache: 'no-store',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return { failure: 'status' };
    const text = await response.text();
    return text.length > MAXIMUM_BYTES ? { failure: 'too-large' } : { text };
  } catch {
    return { failure: 'network' };
  }
}
