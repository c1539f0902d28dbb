/**
 * One HTTP/2 stream's request, read into the terms of HTTP/1.1 (RFC 9113 section 8.3), so that the same checks meet it.
 *
 * nghttp2 has refused what is not well-formed HTTP/2. What could still be read in two ways, or would mean something else once it is
 * written as HTTP/1.1, is a fault here: 400.
 */
import type { ServerHttp2Stream } from 'node:http2';
import type { HeaderFault } from '../../request/header-fields.ts';
import type { BodySource, ClientRequest } from '../client-message.ts';

const CONNECTION_FIELDS = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);
/** A token in lower case (RFC 9113 section 8.2.1). */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/u;
// eslint-disable-next-line no-control-regex -- the characters that must not be
const NO_VALUE = /[\0-\x08\n-\x1f\x7f]/u;

export class StreamRequest implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly fault: HeaderFault | undefined;
  /** A body may follow, of a length that the client has not said. */
  readonly hasUnknownLength: boolean;
  readonly httpVersion = '2.0';
  trailers: readonly string[] = [];
  readonly #stream: ServerHttp2Stream;

  /** @param raw - Name, value, name, value, pseudo-header fields included. */
  constructor(stream: ServerHttp2Stream, raw: readonly string[]) {
    this.#stream = stream;
    const head = readHead(raw);
    this.method = head.method;
    this.url = head.path;
    this.rawHeaders = head.fields;
    this.fault = head.fault;
    this.hasUnknownLength = !stream.endAfterHeaders && !head.hasLength;
  }

  get complete(): boolean {
    return this.#stream.endAfterHeaders || this.#stream.readableEnded;
  }

  on(event: string, listener: (chunk: Buffer) => void): BodySource {
    // Only whoever reads the body wants to know what comes behind it.
    if (event === 'data') {
      this.#stream.once('trailers', (_headers, _flags, raw) => {
        this.trailers = raw ?? [];
      });
    }
    this.#stream.on(event, listener);
    return this;
  }

  off(event: string, listener: (chunk: Buffer) => void): BodySource {
    this.#stream.off(event, listener);
    return this;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}

interface Head {
  readonly method: string;
  readonly path: string;
  /** Without pseudo-header fields; `host` first, cookies joined. */
  readonly fields: readonly string[];
  readonly hasLength: boolean;
  readonly fault: HeaderFault | undefined;
}

function readHead(raw: readonly string[]): Head {
  const pseudo: Record<string, string> = {};
  const fields: string[] = [];
  const cookies: string[] = [];
  let host: string | undefined;
  let hasLength = false;
  let fault: HeaderFault | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!;
    const value = raw[index + 1]!;
    if (NO_VALUE.test(value)) fault ??= 'malformed_field';
    if (name.startsWith(':')) {
      if (pseudo[name] !== undefined) fault ??= 'malformed_field';
      pseudo[name] = value;
    } else if (name === 'cookie') {
      cookies.push(value);
    } else if (name === 'host') {
      if (host !== undefined) fault ??= 'duplicate_host';
      host = value;
    } else if (CONNECTION_FIELDS.has(name) || !FIELD_NAME.test(name)) {
      fault ??= 'malformed_field';
    } else {
      if (name === 'content-length') hasLength = true;
      fields.push(name, value);
    }
  }
  const authority = pseudo[':authority'] ?? host;
  if (authority === undefined) fault ??= 'malformed_host';
  else if (host !== undefined && host.toLowerCase() !== authority.toLowerCase()) fault ??= 'duplicate_host';
  // Crumbs of one cookie header, cut apart for compression (RFC 9113 section 8.2.3).
  if (cookies.length > 0) fields.push('cookie', cookies.join('; '));
  return {
    method: pseudo[':method'] ?? '',
    path: pseudo[':path'] ?? '',
    fields: authority === undefined ? fields : ['host', authority, ...fields],
    hasLength,
    fault,
  };
}
