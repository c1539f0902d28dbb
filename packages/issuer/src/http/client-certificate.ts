/**
 * The certificate that a client proved to hold to the proxy that ended its TLS connection (RFC 8705), as that proxy hands it on: PEM, URL-encoded
 * (`$ssl_client_escaped_cert` of nginx), or the structured field of RFC 9440. Only its thumbprint counts: who signed it, and whether it is in
 * force, the proxy has checked or need not have (RFC 8705 section 3: self-signed ones bind as well).
 */
import { createHash, X509Certificate } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { GrantError } from '../grants/grant-error.ts';

export interface ClientCertificateSettings {
  /** Name of the header, in lower case. */
  readonly header: string;
  /** Addresses and subnets of the proxies that may set it. */
  readonly trustProxies: readonly string[];
}

export type ClientCertificates = (request: FastifyRequest) => string | undefined;

/** @returns what reads the SHA-256 thumbprint (`x5t#S256`); from anybody but the proxies, the header says nothing. */
export function createClientCertificates(settings: ClientCertificateSettings | undefined): ClientCertificates {
  if (settings === undefined) return () => undefined;
  const trusted = new BlockList();
  for (const proxy of settings.trustProxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (request) => {
    const peer = request.socket.remoteAddress ?? '';
    const value = request.headers[settings.header];
    if (typeof value !== 'string' || value === '' || !trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4'))
      return undefined;
    return createHash('sha256').update(readCertificate(value)).digest('base64url');
  };
}

function readCertificate(value: string): Buffer {
  const [, der] = /^:([A-Za-z0-9+/]+={0,2}):$/u.exec(value) ?? [];
  try {
    return new X509Certificate(der === undefined ? decodeURIComponent(value) : Buffer.from(der, 'base64')).raw;
  } catch {
    throw new GrantError(
      'invalid_request',
      'the client certificate that the proxy hands on is none',
      'certificate_malformed',
    );
  }
}
