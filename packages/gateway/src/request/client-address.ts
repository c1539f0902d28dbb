/**
 * Who is calling, by address, and what the upstream is told of it: `X-Forwarded-For`, `-Proto`, `-Host` (ATTACKS.md G4).
 *
 * What a peer says about earlier hops counts only if the peer is a trusted proxy; then `X-Forwarded-For` is read from the right
 * up to the first address that is not trusted. `Forwarded` (RFC 7239) is never read: two sources would be two truths.
 */
import { BlockList, isIP, type Socket } from 'node:net';
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
  readonly #trusted = new BlockList();
  readonly #any: boolean;
  /** The peer of a connection does not change while it lasts. */
  readonly #peers = new WeakMap<Socket, { readonly ip: string; readonly trusted: boolean }>();

  /** @param ranges - Addresses and CIDR ranges. */
  constructor(ranges: readonly string[]) {
    this.#any = ranges.length > 0;
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  /** The peer's own address. */
  peer(socket: Socket): string {
    return this.#peerOf(socket).ip;
  }

  /** @param fields - Of the request; `host` was validated. */
  locate(socket: Socket, fields: HeaderFields): ClientAddress {
    const peer = this.#peerOf(socket);
    const host = fields.host ?? '';
    if (!peer.trusted) return { ip: peer.ip, forwardedFor: peer.ip, proto: 'http', host };
    const chain = readChain(fields.forwardedFor);
    let first = chain.length;
    while (first > 0 && (first === chain.length || this.#isTrusted(chain[first]!))) first--;
    const ip = chain[first] ?? peer.ip;
    const proto = fields.forwardedProto?.toLowerCase() === 'https' ? 'https' : 'http';
    const forwardedHost = fields.forwardedHost;
    return {
      ip,
      forwardedFor: [...chain.slice(first), peer.ip].join(', '),
      proto,
      host: forwardedHost !== undefined && HOST_VALUE.test(forwardedHost) ? forwardedHost : host,
    };
  }

  #peerOf(socket: Socket): { readonly ip: string; readonly trusted: boolean } {
    const known = this.#peers.get(socket);
    if (known !== undefined) return known;
    const ip = withoutMapping(socket.remoteAddress ?? '');
    const peer = { ip, trusted: this.#any && this.#isTrusted(ip) };
    this.#peers.set(socket, peer);
    return peer;
  }

  #isTrusted(ip: string): boolean {
    const family = isIP(ip);
    return family !== 0 && this.#trusted.check(ip, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** `::ffff:192.0.2.1`, as dual-stack sockets report IPv4 peers, is 192.0.2.1. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Addresses from left to right; what stands before something that is not an address is worth nothing and left out. */
function readChain(forwardedFor: string | undefined): string[] {
  const chain: string[] = [];
  for (const item of (forwardedFor ?? '').split(',').toReversed()) {
    const address = withoutMapping(withoutPort(item.trim()));
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

/** The key under which an address is counted: an IPv6 client owns its /64, so that is one caller (RFC 6177). */
export function addressGroup(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const right = tail === '' ? [] : tail.split(':');
    while (left.length + right.length < 8) left.push('0');
  }
  return `${left
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
