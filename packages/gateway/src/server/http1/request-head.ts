/**
 * The head of a client's HTTP/1.1 request (RFC 9112 sections 3, 5 and 6), read strictly: one reading or none.
 *
 * Line ends are CRLF, names stand right before their colon, lines are not folded, no value holds a control character, and what frames the
 * body is said once, in one way. What the fields mean to the gateway is not decided here (`request/header-fields.ts`).
 */
import { METHODS } from 'node:http';
import { tokenEnd } from '../../request/field-syntax.ts';
import { KnownTexts, USUAL_FIELD_NAMES } from '../../request/known-texts.ts';
import { trimmed } from '../../request/optional-white-space.ts';

export interface RequestHead {
  readonly method: string;
  /** As it stood on the request line: any characters but white space. */
  readonly target: string;
  /** Of the version: HTTP/1.0 or HTTP/1.1. */
  readonly minor: 0 | 1;
  /** Name, value, name, value, as they came, in their order; one character an octet. */
  readonly fields: readonly string[];
  /** Octets of the body; 0 when the request has none. Of no meaning with `chunked`. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** Whether the client means to use the connection again. */
  readonly keepAlive: boolean;
  /** The connection shall speak WebSocket from here on (RFC 6455 section 4.1). */
  readonly wantsWebSocket: boolean;
}

/** Why a head is no request. */
export type HeadFault = 'request_malformed' | 'version_unsupported' | 'headers_too_large';

/** The methods that Node knows, but for CONNECT: a gateway is no tunnel (RFC 9110 section 9.3.6). */
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS.filter((method) => method !== 'CONNECT'));

const [CR, LF] = [0x0d, 0x0a];
/** 1 for control characters: what may not stand in a head, or only as CR and LF together. HTAB may stand in a value. */
const CONTROL = new Uint8Array(256).fill(1, 0, 0x20);
CONTROL[0x09] = 0;
CONTROL[0x7f] = 1;
const VERSION = /^HTTP\/[0-9]\.[0-9]$/u;
const LENGTH = /^[0-9]{1,15}$/u;

const METHOD_TEXTS = new KnownTexts(KNOWN_METHODS);
const NAMES = new KnownTexts(USUAL_FIELD_NAMES);

/**
 * @param octets - Hold request line and fields from `start` to before `end`, without the empty line at the end.
 * @param mostFields - More of them are too many.
 */
export function parseRequestHead(
  octets: Buffer,
  start: number,
  end: number,
  mostFields: number,
): RequestHead | HeadFault {
  if (hasForbidden(octets, start, end)) return 'request_malformed';
  return parseLines(octets.toString('latin1', start, end), mostFields);
}

/** A control character, or a CR or LF alone. A loop over octets takes a seventh of the time of a regular expression. */
function hasForbidden(octets: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (CONTROL[octets[at]!] === 0) continue;
    if (octets[at] !== CR || at + 1 === end || octets[at + 1] !== LF) return true;
    at++;
  }
  return false;
}

/** Whether, in a head that has not ended yet, a line feed stands without its carriage return. */
export function hasLineFault(octets: Buffer, start: number): boolean {
  for (let at = octets.indexOf(LF, start); at !== -1; at = octets.indexOf(LF, at + 1)) {
    if (at === start || octets[at - 1] !== CR) return true;
  }
  return false;
}

function parseLines(head: string, mostFields: number): RequestHead | HeadFault {
  const lineEnd = head.indexOf('\r\n');
  const line = lineEnd === -1 ? head : head.slice(0, lineEnd);
  const methodEnd = line.indexOf(' ');
  const targetEnd = line.indexOf(' ', methodEnd + 1);
  if (methodEnd <= 0 || targetEnd <= methodEnd + 1) return 'request_malformed';
  const method = METHOD_TEXTS.at(line, 0, methodEnd);
  const version = line.slice(targetEnd + 1);
  if (!KNOWN_METHODS.has(method)) return 'request_malformed';
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') {
    return VERSION.test(version) ? 'version_unsupported' : 'request_malformed';
  }
  const reader = new FieldReader(version === 'HTTP/1.1' ? 1 : 0);
  const fields: string[] = [];
  for (let at = lineEnd; at !== -1;) {
    const start = at + 2;
    at = head.indexOf('\r\n', start);
    const end = at === -1 ? head.length : at;
    const colon = nameEnd(head, start, end);
    if (colon === -1) return 'request_malformed';
    const name = NAMES.at(head, start, colon);
    const value = trimmed(head, colon + 1, end);
    if (!reader.take(name, value)) return 'request_malformed';
    fields.push(name, value);
    if (fields.length > mostFields * 2) return 'headers_too_large';
  }
  return reader.finish(method, line.slice(methodEnd + 1, targetEnd), fields) ?? 'request_malformed';
}

/** Where the colon behind a field name stands; -1 when what stands before it is none. */
function nameEnd(head: string, start: number, end: number): number {
  const at = tokenEnd(head, start, end);
  return at > start && at < end && head.charCodeAt(at) === 0x3a ? at : -1;
}

/** Takes fields one by one and notes what frames the message and says what becomes of the connection. */
class FieldReader {
  readonly #minor: 0 | 1;
  #hosts = 0;
  #contentLength = -1;
  #chunked = false;
  #keepAlive: boolean;
  #upgrades = false;
  #wantsWebSocket = false;

  constructor(minor: 0 | 1) {
    this.#minor = minor;
    this.#keepAlive = minor === 1;
  }

  /** @returns false when the field makes the message ambiguous. */
  take(name: string, value: string): boolean {
    // Most names have none of these lengths, and need no look at their letters.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') this.#hosts++;
        return true;
      case 7:
        if (name.toLowerCase() === 'upgrade') this.#wantsWebSocket = value.toLowerCase() === 'websocket';
        return true;
      case 10:
        if (name.toLowerCase() === 'connection') this.#takeConnection(value);
        return true;
      case 14:
        return name.toLowerCase() !== 'content-length' || this.#takeLength(value);
      case 17:
        return name.toLowerCase() !== 'transfer-encoding' || this.#takeCoding(value);
      default:
        return true;
    }
  }

  finish(method: string, target: string, fields: readonly string[]): RequestHead | undefined {
    if (this.#chunked && this.#contentLength !== -1) return undefined;
    // RFC 9112 section 3.2. HTTP/1.0 knew no Host.
    if (this.#hosts > 1 || (this.#hosts === 0 && this.#minor === 1)) return undefined;
    return {
      method,
      target,
      minor: this.#minor,
      fields,
      contentLength: Math.max(0, this.#contentLength),
      chunked: this.#chunked,
      keepAlive: this.#keepAlive,
      wantsWebSocket: this.#wantsWebSocket && this.#upgrades && method === 'GET' && this.#minor === 1,
    };
  }

  #takeConnection(value: string): void {
    if (value === 'keep-alive') {
      this.#keepAlive = true;
      return;
    }
    for (const item of value.toLowerCase().split(',')) {
      const option = item.trim();
      if (option === 'close') this.#keepAlive = false;
      else if (option === 'keep-alive') this.#keepAlive = true;
      else if (option === 'upgrade') this.#upgrades = true;
    }
  }

  #takeLength(value: string): boolean {
    if (this.#contentLength !== -1 || !LENGTH.test(value)) return false;
    this.#contentLength = Number(value);
    return true;
  }

  /** RFC 9112 section 6.1: nobody needs another coding than this one, and HTTP/1.0 has none. */
  #takeCoding(value: string): boolean {
    if (this.#chunked || this.#minor === 0 || value.toLowerCase() !== 'chunked') return false;
    this.#chunked = true;
    return true;
  }
}
