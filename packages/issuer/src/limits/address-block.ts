/** The part of an address that one customer is given: all of IPv4, the first 64 bits of IPv6 (RFC 6177). Who may use more counts as one. */
import { isIPv6 } from 'node:net';

export function addressBlock(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/iu.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::');
  const words = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const start = words(head);
  const end = words(tail);
  // A dotted end stands for two words.
  const length = start.length + end.length + (bare.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - length }, () => '0');
  const first = [...start, ...zeros, ...end].slice(0, 4).map((word) => Number.parseInt(word, 16).toString(16));
  return `${first.join(':')}::/64`;
}
