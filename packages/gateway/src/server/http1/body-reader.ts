/**
 * Reads the body of one HTTP/1.1 request from its connection's octets (RFC 9112 sections 6.2 and 7.1). Strict: chunk sizes are
 * hexadecimal digits and nothing else, line ends are CRLF; chunk extensions and trailers are bounded, extensions are not kept.
 */
import { trimmed } from '../../request/optional-white-space.ts';

export type BodyState = 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'done' | 'malformed';

/** Chunk extensions of one body together, and its trailers: more is not meant well. */
const MOST_EXTRA_OCTETS = 16 * 1024;
const LONGEST_LINE = 4096;
/** A chunk size of more digits would not be exact as a number, nor honest. */
const CHUNK_SIZE = /^[0-9a-fA-F]{1,12}$/u;
/** Behind a chunk size; of a trailer line. */
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/u;
const EXTENSION = /^[\t\x20-\x7e\x80-\xff]*$/u;
const LF = 0x0a;

const NO_TRAILERS: readonly string[] = Object.freeze([]);

export class BodyReader {
  state: BodyState;
  /** Name, value, name, value, as they came; all of them once the body is done. */
  trailers: readonly string[] = NO_TRAILERS;
  #left: number;
  #line = '';
  #extra = 0;

  /** @param contentLength - Not looked at with `chunked`. */
  constructor(contentLength: number, chunked: boolean) {
    this.#left = contentLength;
    if (chunked) this.state = 'chunk-size';
    else this.state = contentLength === 0 ? 'done' : 'length';
  }

  /**
   * Reads octets up to the end of the body.
   *
   * @param onData - Gets the parts of `buffer` that are content.
   * @returns where the body's octets in `buffer` end.
   */
  read(buffer: Buffer, start: number, onData: (chunk: Buffer) => void): number {
    let at = start;
    while (at < buffer.length && this.state !== 'done' && this.state !== 'malformed') {
      at =
        this.state === 'length' || this.state === 'chunk-data'
          ? this.#data(buffer, at, onData)
          : this.#text(buffer, at);
    }
    return at;
  }

  #data(buffer: Buffer, at: number, onData: (chunk: Buffer) => void): number {
    const end = Math.min(buffer.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.state = this.state === 'length' ? 'done' : 'chunk-end';
    onData(at === 0 && end === buffer.length ? buffer : buffer.subarray(at, end));
    return end;
  }

  /** Gathers up to CRLF, then judges the line. */
  #text(buffer: Buffer, at: number): number {
    const found = buffer.indexOf(LF, at);
    const end = found === -1 ? buffer.length : found + 1;
    this.#line += buffer.toString('latin1', at, end);
    if (this.#line.length > LONGEST_LINE) this.state = 'malformed';
    else if (found !== -1) this.#judge();
    return end;
  }

  #judge(): void {
    const isTerminated = this.#line.endsWith('\r\n');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    if (!isTerminated) this.state = 'malformed';
    else if (this.state === 'chunk-size') this.#takeSize(line);
    else if (this.state === 'chunk-end') this.state = line === '' ? 'chunk-size' : 'malformed';
    else this.#takeTrailer(line);
  }

  #takeSize(line: string): void {
    const semicolon = line.indexOf(';');
    const digits = semicolon === -1 ? line : line.slice(0, semicolon);
    const extension = semicolon === -1 ? '' : line.slice(semicolon);
    if (!CHUNK_SIZE.test(digits) || !EXTENSION.test(extension) || !this.#spend(extension.length)) {
      this.state = 'malformed';
      return;
    }
    this.#left = Number.parseInt(digits, 16);
    this.state = this.#left === 0 ? 'trailers' : 'chunk-data';
  }

  #takeTrailer(line: string): void {
    if (line === '') {
      this.state = 'done';
    } else if (!FIELD_LINE.test(line) || !this.#spend(line.length)) {
      this.state = 'malformed';
    } else {
      const colon = line.indexOf(':');
      this.trailers = [...this.trailers, line.slice(0, colon), trimmed(line, colon + 1, line.length)];
    }
  }

  #spend(octets: number): boolean {
    this.#extra += octets;
    return this.#extra <= MOST_EXTRA_OCTETS;
  }
}
