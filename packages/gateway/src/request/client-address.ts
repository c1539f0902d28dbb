/**
 * Who is calling, by address, and what the upstream is told of it: `X-Forwarded-For`, `-Proto`, `-Host` (ATTACKS.md G4).
 *
 * What a peer says about earlier hops counts only if the peer is a trusted proxy; then `X-Forwarded-For` is read from the right
 * up to the first address that is not trusted. `Forwarded` (RFC 7239) is never read: two sources would be two truths.
 */
import { isIP } from 'node:net';
import type { ClientConnection } from '../server/client-connection.ts';
import { AddressSet, ipv6Groups, plainAddress } from './address-set.ts';
import type { HeaderFields } from './header-fields.ts';

export interface ClientAddress {
  /** The caller's address. */
  readonly ip: string;
  /** `X-Forwarded-For` for the upstream. */
  readonly forwardedFor: string;
  readonly proto: 'http' | 'https';
  readonly host: string;
}

const HOST_VALUE = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::[0-9]{1,5})?$/u;

export class ProxyTrust {
  readonly #trusted: AddressSet;
  readonly #any: boolean;
  /** The peer of a connection does not change while it lasts. */
  readonly #peers = new WeakMap<ClientConnection, boolean>();

  /** @param ranges - Addresses and CIDR ranges. */
  constructor(ranges: readonly string[]) {
    this.#any = ranges.length > 0;
    this.#trusted = new AddressSet(ranges);
  }

  /** @param fields - Of the request; `host` was validated. */
  locate(connection: ClientConnection, fields: HeaderFields): ClientAddress {
    const { ip: peer, scheme } = connection;
    const host = fields.host ?? '';
    if (!this.#isFromProxy(connection)) return { ip: peer, forwardedFor: peer, proto: scheme, host };
    const chain = readChain(fields.forwardedFor);
    let first = chain.length;
    while (first > 0 && (first === chain.length || this.isTrusted(chain[first]!))) first--;
    const ip = chain[first] ?? peer;
    const proto = fields.forwardedProto === undefined ? scheme : forwardedScheme(fields.forwardedProto);
    const forwardedHost = fields.forwardedHost;
    return {
      ip,
      forwardedFor: [...chain.slice(first), peer].join(', '),
      proto,
      host: forwardedHost !== undefined && HOST_VALUE.test(forwardedHost) ? forwardedHost : host,
    };
  }

  #isFromProxy(connection: ClientConnection): boolean {
    if (!this.#any) return false;
    const known = this.#peers.get(connection);
    if (known !== undefined) return known;
    const trusted = this.isTrusted(connection.ip);
    this.#peers.set(connection, trusted);
    return trusted;
  }

  /** Whether an address is that of a proxy in front. */
  isTrusted(ip: string): boolean {
    return this.#trusted.has(ip);
  }
}

const forwardedScheme = (value: string): 'http' | 'https' => (value.toLowerCase() === 'https' ? 'https' : 'http');

/** Addresses from left to right; what stands before something that is not an address is worth nothing and left out. */
function readChain(forwardedFor: string | undefined): string[] {
  const chain: string[] = [];
  for (const item of (forwardedFor ?? '').split(',').toReversed()) {
    const address = plainAddress(withoutPort(item.trim()));
    if (isIP(address) === 0) break;
    chain.unshift(address);
  }
  return chain;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/u.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^[^:]+:\d+$/u.test(text) ? text.slice(0, text.indexOf(':')) : text;
}

/**
 * The key under which an address is counted: an IPv6 client owns a whole network, so that is one caller (RFC 6177).
 *
 * @param prefixBits - How much of an IPv6 address is the network.
 */
export function addressGroup(ip: string, prefixBits = 64): string {
  if (!ip.includes(':')) return ip;
  const groups = ipv6Groups(ip).map((group, index) => {
    const kept = Math.min(16, Math.max(0, prefixBits - index * 16));
    return (group & ~((1 << (16 - kept)) - 1)).toString(16);
  });
  return `${groups.slice(0, Math.ceil(prefixBits / 16)).join(':')}/${prefixBits}`;
}
