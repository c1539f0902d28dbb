/**
 * IP addresses and ranges in CIDR notation (RFC 4632, RFC 4291 section 2.3), and whether an address is among them.
 *
 * IPv4-mapped IPv6 addresses (RFC 4291 section 2.5.5.2) are IPv4 addresses here, in rules as in requests: a rule cannot be walked around by
 * another spelling.
 */
import { BlockList, isIP } from 'node:net';

export interface AddressRange {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly bits: number;
}

/** Undefined for what is not a range, or has a bit set that its prefix leaves out: its author meant something else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', bitsText, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return undefined;
  const width = version === 6 ? 128 : 32;
  if (bitsText !== undefined && !/^(?:0|[1-9]\d{0,2})$/u.test(bitsText)) return undefined;
  const bits = bitsText === undefined ? width : Number(bitsText);
  if (bits > width) return undefined;
  const plain = plainAddress(address);
  const mapped = version === 6 && isIP(plain) === 4;
  if (mapped && bits < 96) return undefined;
  const range: AddressRange = mapped
    ? { family: 'ipv4', address: plain, bits: bits - 96 }
    : { family: version === 6 ? 'ipv6' : 'ipv4', address: plain, bits };
  return hasStrayBits(range) ? undefined : range;
}

export class AddressSet {
  /** Apart, because Node's list takes an IPv4 address for one of `::/0`. */
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** @param ranges - As {@link parseAddressRange} takes them. @throws {TypeError} for one that is none. */
  constructor(ranges: readonly string[]) {
    for (const text of ranges) {
      const range = parseAddressRange(text);
      if (range === undefined) throw new TypeError(`not an address range: ${text}`);
      this.#lists[range.family].addSubnet(range.address, range.bits, range.family);
    }
  }

  /** @param ip - As {@link plainAddress} gives it; what is no address is in no set. */
  has(ip: string): boolean {
    const address = ip.includes('%') ? ip.slice(0, ip.indexOf('%')) : ip;
    const version = isIP(address);
    if (version === 0) return false;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    return this.#lists[family].check(address, family);
  }
}

/** `::ffff:192.0.2.1`, in whatever spelling, is 192.0.2.1; any other text is itself. */
export function plainAddress(address: string): string {
  // Nearly every address: IPv4, or IPv6 that begins with its network.
  if (!address.startsWith(':') && !address.startsWith('0')) return address;
  if (isIP(address) !== 6) return address;
  const groups = ipv6Groups(address);
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return address;
  const [high = 0, low = 0] = groups.slice(6);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** The eight groups of an IPv6 address. A zone (`%eth0`) is left out. */
export function ipv6Groups(address: string): number[] {
  const [text = ''] = address.split('%');
  const [head = '', tail] = withoutDots(text).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
}

/** `::ffff:192.0.2.1` as `::ffff:c000:201`. */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(':');
  const octets = text.slice(at + 1).split('.');
  if (octets.length !== 4) return text;
  const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number);
  return `${text.slice(0, at + 1)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function hasStrayBits({ family, address, bits }: AddressRange): boolean {
  const groups = family === 'ipv6' ? ipv6Groups(address) : address.split('.').map(Number);
  const width = family === 'ipv6' ? 16 : 8;
  return groups.some((group, index) => {
    const kept = Math.min(width, Math.max(0, bits - index * width));
    return (group & ((1 << (width - kept)) - 1)) !== 0;
  });
}
