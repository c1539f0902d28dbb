/** What is known of a client's connection as a whole: whose it is, and what its TLS handshake proved. */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { plainAddress } from '../request/address-set.ts';

export class ClientConnection {
  /** The peer, or who the peer said it speaks for (PROXY protocol). */
  readonly ip: string;
  readonly scheme: 'http' | 'https';
  /** Version of HTTP that was agreed on. */
  readonly httpMajor: 1 | 2;
  readonly #tls: TLSSocket | undefined;
  #certificate: X509Certificate | undefined | null = null;
  #thumbprint: string | undefined;

  /**
   * @param ip - When another than the socket's own peer is spoken for.
   * @param scheme - When it is spoken for too.
   */
  constructor(socket: Socket, httpMajor: 1 | 2, ip = socket.remoteAddress, scheme?: 'http' | 'https') {
    this.ip = plainAddress(ip ?? '');
    this.#tls = socket instanceof TLSSocket ? socket : undefined;
    this.scheme = scheme ?? (this.#tls === undefined ? 'http' : 'https');
    this.httpMajor = httpMajor;
  }

  /** The certificate that the client proved to hold. Verified where the configuration asks for certificates. */
  get certificate(): X509Certificate | undefined {
    if (this.#certificate === null) this.#certificate = this.#tls?.getPeerX509Certificate();
    return this.#certificate;
  }

  /** SHA-256 of its DER, base64url: `x5t#S256` (RFC 8705 section 3.1). */
  readonly thumbprint = (): string | undefined => {
    const { certificate } = this;
    if (certificate === undefined) return undefined;
    return (this.#thumbprint ??= createHash('sha256').update(certificate.raw).digest('base64url'));
  };
}
