/**
 * Addresses in a configuration: where to listen, and whom to call. Both are strict: an address that a reader and a client could
 * understand differently (user info, fragments, backslashes, white space) is refused.
 */
import * as z from 'zod';

/** Where a server listens. */
export interface ListenAddress {
  /** As written. */
  readonly url: string;
  /** Name or address, an IPv6 address without its brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const LISTEN = /^https?:\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253}):(0|[1-9]\d{0,4})$/u;

export interface ListenUrlOptions {
  /** Also take `https://`, for a server that speaks TLS itself. Default false. */
  readonly tls?: boolean;
}

/** `http://127.0.0.1:8080` to its parts; undefined if it is anything but scheme, host and port. */
export function parseListenUrl(text: string, { tls = false }: ListenUrlOptions = {}): ListenAddress | undefined {
  if (!tls && !text.startsWith('http:')) return undefined;
  const [, host = '', port = ''] = LISTEN.exec(text) ?? [];
  // The URL parser knows what is an address (`127.1` and `[::00]` are written differently from what they mean).
  if (!URL.canParse(text) || new URL(text).hostname !== host) return undefined;
  return { url: text, host: host.replace(/^\[(.*)\]$/u, '$1'), port: Number(port) };
}

/** Where to listen: `http://HOST:PORT`, nothing after it. Its typed value is a {@link ListenAddress}. */
export function listenUrl(
  options: ListenUrlOptions = {},
): z.ZodPipe<z.ZodString, z.ZodTransform<ListenAddress, string>> {
  return z
    .string()
    .transform((text, context) => {
      const address = parseListenUrl(text, options);
      if (address !== undefined) return address;
      const message = 'expected an address to listen on, such as "http://127.0.0.1:8080", without a path';
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    })
    .meta({ 'x-kind': 'listen address', format: 'uri' });
}

export interface HttpUrlOptions {
  /** Refuse a path other than `/`. Default false. */
  readonly originOnly?: boolean;
}

/** An `http:` or `https:` URL to call, kept exactly as written (issuer identifiers are compared byte by byte). */
export function httpUrl(options: HttpUrlOptions = {}): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> {
  return z
    .string()
    .transform((text, context) => {
      const message = httpUrlFault(text, options);
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: text });
      return text;
    })
    .meta({ 'x-kind': 'URL', format: 'uri' });
}

/** Whether a host is this machine and no other: `127.0.0.0/8`, `::1`, `localhost`. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/u, '$1');
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(name);
}

function httpUrlFault(text: string, { originOnly = false }: HttpUrlOptions): string | undefined {
  const url = /^https?:\/\/[^\s\\#?@]+$/iu.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return 'expected an "http://" or "https://" URL without user info, query or fragment';
  if (text !== url.href && `${text}/` !== url.href) return `expected the URL in its normal form, "${url.href}"`;
  if (originOnly && url.pathname !== '/') return 'expected scheme, host and port alone, without a path';
  return undefined;
}
