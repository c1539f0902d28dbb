/** What is known of a client's connection as a whole: whose it is, and what its TLS handshake proved. */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { plainAddress } from '../request/address-set.ts';

/** The certificate that the client at the other end proved to hold. Verified where the configuration asks for certificates. */
export type CertificateOf = (socket: Socket) => X509Certificate | undefined;

const ofHandshake: CertificateOf = (socket) =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;

export class ClientConnection {
  /** The peer, or who the peer said it speaks for (PROXY protocol). */
  readonly ip: string;
  readonly scheme: 'http' | 'https';
  /** Version of HTTP that was agreed on. */
  readonly httpMajor: 1 | 2;
  readonly #socket: Socket;
  readonly #certificateOf: CertificateOf;
  #certificate: X509Certificate | undefined | null = null;
  #thumbprint: string | undefined;

  /**
   * @param ip - When another than the socket's own peer is spoken for.
   * @param scheme - When it is spoken for too.
   * @param certificateOf - Default: as the TLS handshake says.
   */
  constructor(
    socket: Socket,
    httpMajor: 1 | 2,
    ip = socket.remoteAddress,
    scheme: 'http' | 'https' = socket instanceof TLSSocket ? 'https' : 'http',
    certificateOf: CertificateOf = ofHandshake,
  ) {
    this.ip = plainAddress(ip ?? '');
    this.scheme = scheme;
    this.httpMajor = httpMajor;
    this.#socket = socket;
    this.#certificateOf = certificateOf;
  }

  get certificate(): X509Certificate | undefined {
    if (this.#certificate === null) this.#certificate = this.#certificateOf(this.#socket);
    return this.#certificate;
  }

  /** SHA-256 of its DER, base64url: `x5t#S256` (RFC 8705 section 3.1). */
  readonly thumbprint = (): string | undefined => {
    const { certificate } = this;
    if (certificate === undefined) return undefined;
    return (this.#thumbprint ??= createHash('sha256').update(certificate.raw).digest('base64url'));
  };
}
