/**
 * One HTTP/1.1 response to a client (RFC 9112 sections 4 to 7): head and body in as few writes as can be, framed by length, in chunks, or
 * for HTTP/1.0 by the end of the connection.
 */
import { STATUS_CODES } from 'node:http';
import { isFieldName, isFieldValue } from '../../request/field-syntax.ts';
import type { ClientResponse } from '../client-message.ts';

/** The connection, as far as a response needs it. */
export interface ResponseOutlet {
  /** @returns false when the client reads more slowly: `drained` follows. */
  write(text: string, encoding: 'latin1' | 'utf8'): boolean;
  /** @param taken - Called once the octets are not looked at any more. */
  write(octets: Buffer, taken: () => void): boolean;
  /** Between these, writes are gathered into one. */
  cork(): void;
  uncork(): void;
  /** The value of `Date`. */
  date(): string;
  /** Fields that say how long the connection is kept, each line with its end. */
  readonly keepAliveLines: string;
  /** All of the response was handed over. */
  done(): void;
  destroy(): void;
}

/** Up to this size a part of the body is joined to what stands around it: one write costs less than gathering buffers. */
const JOINED_OCTETS = 4096;

export class Http1Response implements ClientResponse {
  statusCode = 200;
  headersSent = false;
  destroyed = false;
  shouldKeepAlive: boolean;
  readonly #outlet: ResponseOutlet;
  readonly #isHead: boolean;
  readonly #isVersion10: boolean;
  #head = '';
  #hasLength = false;
  #isChunked = false;
  #isBodiless = false;
  #isHeadWritten = false;
  #isEnded = false;
  #trailers = '';
  #onClose: (() => void) | undefined;
  #onDrain: (() => void) | undefined;

  constructor(outlet: ResponseOutlet, method: string, minor: 0 | 1, keepAlive: boolean) {
    this.#outlet = outlet;
    this.#isHead = method === 'HEAD';
    this.#isVersion10 = minor === 0;
    this.shouldKeepAlive = keepAlive;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** @throws {TypeError} for fields that hold what no field may. */
  writeHead(status: number, fields: readonly string[]): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    let hasDate = false;
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index]!;
      const value = fields[index + 1]!;
      checkField(name, value);
      if (name === 'content-length') this.#hasLength = true;
      else if (name === 'date') hasDate = true;
      head += `${name}: ${value}\r\n`;
    }
    if (!hasDate) head += `date: ${this.#outlet.date()}\r\n`;
    this.statusCode = status;
    this.headersSent = true;
    this.#head = head;
    this.#isBodiless = this.#isHead || status === 204 || status === 304;
  }

  flushHeaders(): void {
    if (!this.#isHeadWritten) this.#outlet.write(this.#takeHead(), 'latin1');
  }

  writeContinue(): void {
    if (!this.#isVersion10 && !this.headersSent) this.#outlet.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
  }

  write(chunk: Buffer, taken: () => void): boolean {
    if (this.#isBodiless || this.destroyed || chunk.length === 0) {
      taken();
      return true;
    }
    const outlet = this.#outlet;
    const before = this.#takeHead();
    if (!this.#isChunked && before === '') return outlet.write(chunk, taken);
    const open = this.#isChunked ? `${before}${chunk.length.toString(16)}\r\n` : before;
    const close = this.#isChunked ? '\r\n' : '';
    if (chunk.length <= JOINED_OCTETS) {
      const text = open + chunk.toString('latin1') + close;
      taken();
      return outlet.write(text, 'latin1');
    }
    outlet.cork();
    outlet.write(open, 'latin1');
    let isFlowing = outlet.write(chunk, taken);
    if (close !== '') isFlowing = outlet.write(close, 'latin1');
    outlet.uncork();
    return isFlowing;
  }

  /** Sent with chunked bodies alone: elsewhere there is no place for them. */
  addTrailers(fields: readonly (readonly [string, string])[]): void {
    for (const [name, value] of fields) {
      checkField(name, value);
      this.#trailers += `${name}: ${value}\r\n`;
    }
  }

  end(text = '', encoding: 'latin1' | 'utf8' = 'utf8'): void {
    if (this.#isEnded || this.destroyed) return;
    this.#isEnded = true;
    const outlet = this.#outlet;
    const isWhole = !this.#isHeadWritten && !this.#hasLength && this.#trailers === '';
    if (isWhole && !this.#isBodiless) this.#head += `content-length: ${Buffer.byteLength(text, encoding)}\r\n`;
    if (isWhole) this.#hasLength = true;
    const before = this.#takeHead();
    const body = this.#isBodiless ? '' : text;
    const open = this.#isChunked && body !== '' ? `${Buffer.byteLength(body, encoding).toString(16)}\r\n` : '';
    const close = this.#isChunked ? `${body === '' ? '' : '\r\n'}0\r\n${this.#trailers}\r\n` : '';
    if (encoding === 'latin1' || isAscii(body)) {
      const all = before + open + body + close;
      if (all !== '') outlet.write(all, 'latin1');
    } else {
      outlet.cork();
      outlet.write(before + open, 'latin1');
      outlet.write(body, 'utf8');
      if (close !== '') outlet.write(close, 'latin1');
      outlet.uncork();
    }
    outlet.done();
  }

  destroy(): void {
    this.#outlet.destroy();
  }

  on(_event: 'close', listener: () => void): void {
    this.#onClose = listener;
  }

  once(_event: 'drain', listener: () => void): void {
    this.#onDrain = listener;
  }

  // What the connection finds.

  drained(): void {
    const listener = this.#onDrain;
    this.#onDrain = undefined;
    listener?.();
  }

  /** The response is over: sent, or broken off. */
  closed(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#onClose?.();
  }

  /** The head with its framing and its end, the first time; then nothing. */
  #takeHead(): string {
    if (this.#isHeadWritten) return '';
    this.#isHeadWritten = true;
    let head = this.#head;
    this.#head = '';
    if (!this.#hasLength && !this.#isBodiless) {
      this.#isChunked = !this.#isVersion10;
      if (this.#isChunked) head += 'transfer-encoding: chunked\r\n';
      else this.shouldKeepAlive = false;
    }
    return `${head}${this.shouldKeepAlive ? this.#outlet.keepAliveLines : 'connection: close\r\n'}\r\n`;
  }
}

/** @throws {TypeError} */
function checkField(name: string, value: string): void {
  if (!isFieldName(name)) throw new TypeError('a field name holds what no name may');
  if (!isFieldValue(value)) throw new TypeError(`the field ${name} holds what no value may`);
}

// eslint-disable-next-line no-control-regex -- all of ASCII
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/u.test(text);
