/**
 * Reads HTTP/1.1 responses from a connection's octets, one at a time (RFC 9112 sections 6 and 7).
 *
 * Strict: sizes are hexadecimal digits and nothing else, line ends are CRLF, and octets behind a complete response are a fault, since
 * nothing was asked for that they could answer.
 */
import { parseResponseHead, type ResponseHead } from './response-head.ts';

/** Who gets the parts. The octets given to `data` are only good during the call. */
export interface ResponseParts {
  /** Interim responses (1xx) too. */
  head(head: ResponseHead): void;
  data(buffer: Buffer, start: number, end: number): void;
  /** @param trailers - Name, value, name, value. */
  end(trailers: readonly string[]): void;
}

export type ParserState =
  | 'head'
  | 'length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'done'
  | 'malformed';

const LARGEST_HEAD = 64 * 1024;
const LONGEST_CHUNK_LINE = 4096;
const LF = 0x0a;
const CR = 0x0d;
/** A chunk size of more digits would not be exact as a number, nor honest. */
const MOST_SIZE_DIGITS = 12;

export class ResponseParser {
  state: ParserState = 'done';
  readonly #parts: ResponseParts;
  #bodiless = false;
  #left = 0;
  #text = '';
  #trailers: string[] = [];

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  /** @param method - Of the request whose response comes next. */
  begin(method: string): void {
    this.state = 'head';
    this.#bodiless = method === 'HEAD';
    this.#text = '';
  }

  /** Reads what arrived. Afterwards `state` tells where it stands; `malformed` is final. */
  read(buffer: Buffer, end: number): void {
    let at = 0;
    while (at < end && this.state !== 'malformed') at = this.#step(buffer, at, end);
  }

  /** The connection ended. @returns whether that ended the response as it should. */
  finish(): boolean {
    if (this.state !== 'until-close') return false;
    this.#complete([]);
    return true;
  }

  /** Reads one part; returns where the next begins. */
  #step(buffer: Buffer, at: number, end: number): number {
    if (this.state === 'head') return this.#readHead(buffer, at, end);
    if (this.state === 'length' || this.state === 'chunk-data') return this.#readData(buffer, at, end);
    if (this.state === 'chunk-size') return this.#readLine(buffer, at, end, (line) => this.#takeChunkSize(line));
    if (this.state === 'chunk-end') return this.#readLine(buffer, at, end, (line) => this.#takeChunkEnd(line));
    if (this.state === 'trailers') return this.#readLine(buffer, at, end, (line) => this.#takeTrailer(line));
    if (this.state === 'until-close') this.#parts.data(buffer, at, end);
    else this.state = 'malformed';
    return end;
  }

  #readHead(buffer: Buffer, at: number, end: number): number {
    if (this.#text === '') {
      const limit = buffer.indexOf('\r\n\r\n', at, 'latin1');
      if (limit !== -1 && limit + 4 <= end) {
        this.#takeHead(buffer.toString('latin1', at, limit));
        return limit + 4;
      }
    }
    const before = this.#text.length;
    this.#text += buffer.toString('latin1', at, end);
    const limit = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (limit === -1) {
      if (this.#text.length > LARGEST_HEAD) this.state = 'malformed';
      return end;
    }
    const head = this.#text.slice(0, limit);
    this.#text = '';
    this.#takeHead(head);
    return at + (limit + 4 - before);
  }

  #takeHead(text: string): void {
    const head = parseResponseHead(text);
    if (head === undefined || text.length > LARGEST_HEAD) {
      this.state = 'malformed';
      return;
    }
    const { status, contentLength, chunked } = head;
    if (status < 200) {
      // 101 ends the parser's work: what follows is not HTTP.
      if (status === 101) this.state = 'done';
      this.#parts.head(head);
      return;
    }
    const empty = this.#bodiless || status === 204 || status === 304 || contentLength === 0;
    if (chunked) this.state = 'chunk-size';
    else if (contentLength === -1) this.state = 'until-close';
    else this.state = 'length';
    this.#left = Math.max(0, contentLength);
    this.#parts.head(head);
    if (empty) this.#complete([]);
  }

  #readData(buffer: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + this.#left);
    this.#left -= stop - at;
    this.#parts.data(buffer, at, stop);
    if (this.#left === 0) {
      if (this.state === 'length') this.#complete([]);
      else this.state = 'chunk-end';
    }
    return stop;
  }

  /** Gathers up to CRLF, then lets `take` judge the line. A lone CR or LF is malformed. */
  #readLine(buffer: Buffer, at: number, end: number, take: (line: string) => void): number {
    const found = buffer.indexOf(LF, at);
    const stop = found === -1 || found >= end ? end : found + 1;
    this.#text += buffer.toString('latin1', at, stop);
    const { length } = this.#text;
    if (stop === end && (found === -1 || found >= end)) {
      if (length > LONGEST_CHUNK_LINE) this.state = 'malformed';
      return stop;
    }
    const line = this.#text.slice(0, -2);
    const isTerminated = this.#text.charCodeAt(length - 2) === CR && !line.includes('\r');
    this.#text = '';
    if (isTerminated && length <= LONGEST_CHUNK_LINE) take(line);
    else this.state = 'malformed';
    return stop;
  }

  #takeChunkSize(line: string): void {
    const extension = line.indexOf(';');
    const digits = extension === -1 ? line : line.slice(0, extension);
    if (digits.length === 0 || digits.length > MOST_SIZE_DIGITS || !/^[0-9a-fA-F]+$/u.test(digits)) {
      this.state = 'malformed';
      return;
    }
    this.#left = Number.parseInt(digits, 16);
    this.state = this.#left === 0 ? 'trailers' : 'chunk-data';
    this.#trailers = [];
  }

  #takeChunkEnd(line: string): void {
    this.state = line === '' ? 'chunk-size' : 'malformed';
  }

  #takeTrailer(line: string): void {
    if (line === '') {
      this.#complete(this.#trailers);
      return;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || this.#trailers.length > 64) this.state = 'malformed';
    else this.#trailers.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }

  #complete(trailers: readonly string[]): void {
    this.state = 'done';
    this.#parts.end(trailers);
  }
}
