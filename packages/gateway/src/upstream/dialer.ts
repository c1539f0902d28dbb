/**
 * Opens connections to one instance: by name, to whatever addresses the name has at present, the next one first each time, and to another
 * when one does not answer soon (RFC 8305, as Node implements it); with TLS where its URL says so.
 */
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { cipherPolicy } from '../tls/cipher-policy.ts';
import type { UpstreamTls } from '../tls/upstream-tls.ts';
import type { AddressBook } from './address-book.ts';

export interface DialerOptions {
  readonly url: string;
  /** Where the configuration says something about TLS. */
  readonly tls: UpstreamTls | undefined;
  /** Undefined for an instance that is named by its address. */
  readonly addresses: AddressBook | undefined;
}

/** Where the octets of a connection without TLS go instead of `data` events. */
export interface OnRead {
  readonly buffer: Buffer;
  /** @returns false to stop reading. */
  readonly callback: (length: number) => boolean;
}

export class Dialer {
  readonly url: URL;
  readonly isSecure: boolean;
  readonly #host: string;
  readonly #port: number;
  readonly #tls: UpstreamTls | undefined;
  readonly #lookup: { readonly lookup?: LookupFunction };

  constructor({ url, tls, addresses }: DialerOptions) {
    this.url = new URL(url);
    this.isSecure = this.url.protocol === 'https:';
    this.#host = this.url.hostname.replace(/^\[(.*)\]$/u, '$1');
    this.#port = Number(this.url.port === '' ? (this.isSecure ? 443 : 80) : this.url.port);
    this.#tls = tls;
    this.#lookup = addresses === undefined ? {} : { lookup: addresses.lookup };
  }

  /** The socket emits `connect`, or with TLS `secureConnect` when the instance has proven who it is. */
  open(protocol: 'http/1.1' | 'h2', onread?: OnRead): Socket {
    const place = { host: this.#host, port: this.#port, noDelay: true, ...this.#lookup };
    if (!this.isSecure) return connectTcp(onread === undefined ? place : { ...place, onread });
    const servername = /^[0-9.]+$|:/u.test(this.#host) ? '' : this.#host;
    const how = this.#tls?.optionsFor(this.#host) ?? { servername, rejectUnauthorized: true, ...cipherPolicy('1.2') };
    return connectTls({ ...place, ...how, ALPNProtocols: [protocol] });
  }
}
