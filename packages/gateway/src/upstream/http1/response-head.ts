/**
 * The head of an upstream's HTTP/1.1 response (RFC 9112 sections 4, 5 and 6.3), read strictly: framing that could be understood in two ways is
 * malformed, and its connection is not used again.
 *
 * Names and values are not checked for forbidden characters here: every one is when it is written to the client (`server/http1/client-response.ts`).
 */
import { KnownTexts, USUAL_FIELD_NAMES } from '../../request/known-texts.ts';
import { trimmed } from '../../request/optional-white-space.ts';
import type { UpstreamResponse } from '../transport.ts';

export interface ResponseHead extends UpstreamResponse {
  readonly chunked: boolean;
  /** Whether the connection may carry another request. */
  readonly keepAlive: boolean;
  /** Seconds that the upstream says it keeps an idle connection; -1 when it does not. */
  readonly keepAliveSeconds: number;
}

/** Names as they go on: in lower case. */
const NAMES = new KnownTexts(USUAL_FIELD_NAMES, (name) => name.toLowerCase());

const LARGEST_LENGTH = /^[0-9]{1,15}$/u;

/**
 * @param head - Status line and fields, one character an octet, without the empty line at the end.
 * @returns undefined when malformed.
 */
export function parseResponseHead(head: string): ResponseHead | undefined {
  const lineEnd = head.indexOf('\r\n');
  const statusLine = lineEnd === -1 ? head : head.slice(0, lineEnd);
  const minor = statusLine.charCodeAt(7) - 0x30;
  const status = readStatus(statusLine);
  if (status === -1 || !statusLine.startsWith('HTTP/1.') || (minor !== 0 && minor !== 1)) return undefined;
  const reader = new FieldReader(minor === 1);
  for (let at = lineEnd; at !== -1;) {
    const start = at + 2;
    at = head.indexOf('\r\n', start);
    const end = at === -1 ? head.length : at;
    const colon = head.indexOf(':', start);
    if (colon <= start || colon >= end) return undefined;
    if (!reader.take(NAMES.at(head, start, colon), trimmed(head, colon + 1, end))) return undefined;
  }
  return reader.finish(status);
}

/** Three digits after the version and one space, then a space or the end (RFC 9112 section 4). */
function readStatus(line: string): number {
  if (line.charCodeAt(8) !== 0x20) return -1;
  if (line.length > 12 && line.charCodeAt(12) !== 0x20) return -1;
  let status = 0;
  for (let index = 9; index < 12; index++) {
    const digit = line.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return status >= 100 && status <= 599 ? status : -1;
}

/** Takes fields one by one: keeps what goes on, notes what frames the message. */
class FieldReader {
  readonly #fields: string[] = [];
  #contentLength = -1;
  #chunked = false;
  #keepAlive: boolean;
  #keepAliveSeconds = -1;
  #options: string[] | undefined;
  readonly #isVersion11: boolean;

  constructor(isVersion11: boolean) {
    this.#isVersion11 = isVersion11;
    this.#keepAlive = isVersion11;
  }

  /** @returns false when the field makes the message ambiguous. */
  take(name: string, value: string): boolean {
    switch (name) {
      case 'content-length':
        if (this.#contentLength !== -1 || !LARGEST_LENGTH.test(value)) return false;
        this.#contentLength = Number(value);
        this.#fields.push(name, value);
        return true;
      case 'transfer-encoding':
        if (this.#chunked || !this.#isVersion11 || value.toLowerCase() !== 'chunked') return false;
        this.#chunked = true;
        return true;
      case 'connection':
        this.#takeConnection(value.toLowerCase());
        return true;
      case 'keep-alive':
        this.#keepAliveSeconds = Number(/(?:^|[\s,])timeout=(\d{1,6})/u.exec(value)?.[1] ?? -1);
        return true;
      case 'proxy-connection':
      case 'proxy-authenticate':
      case 'te':
      case 'trailer':
      case 'upgrade':
      case 'x-request-id':
        return true;
      default:
        this.#fields.push(name, value);
        return true;
    }
  }

  finish(status: number): ResponseHead | undefined {
    if (this.#chunked && this.#contentLength !== -1) return undefined;
    return {
      status,
      fields: this.#options === undefined ? this.#fields : without(this.#fields, this.#options),
      contentLength: this.#contentLength,
      chunked: this.#chunked,
      keepAlive: this.#keepAlive,
      keepAliveSeconds: this.#keepAliveSeconds,
    };
  }

  #takeConnection(value: string): void {
    if (value === 'keep-alive') {
      this.#keepAlive = true;
      return;
    }
    for (const item of value.split(',')) {
      const option = item.trim();
      if (option === 'close') this.#keepAlive = false;
      else if (option !== '' && option !== 'keep-alive' && option !== 'upgrade') (this.#options ??= []).push(option);
    }
  }
}

/** What types or frames the message is not the connection's to take away. */
const END_TO_END = new Set(['content-length', 'content-type', 'content-encoding', 'cache-control', 'set-cookie']);

function without(fields: readonly string[], options: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]!;
    if (!options.includes(name) || END_TO_END.has(name)) kept.push(name, fields[index + 1]!);
  }
  return kept;
}
