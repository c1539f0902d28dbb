/** Where a server listens, as a URL. */
import type { AddressInfo } from 'node:net';

export const baseUrl = ({ address, port, family }: AddressInfo, scheme: 'http' | 'https'): string =>
  `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
