/**
 * Speaks HTTP/1.1 byte by byte, for what no client library would send, and reads whatever comes back.
 *
 * Sends and reads text in which each character is one octet.
 */
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Lower-case names; repeated fields joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawExchange {
  /** Every response on the connection, in order. */
  readonly responses: readonly RawResponse[];
  /** All octets received. */
  readonly text: string;
  /** True when the server ended the connection, false when it was still open at the time-out. */
  readonly closed: boolean;
}

/** Longest silence where the server is going to close the connection: it only waits as long on a busy machine. */
export const PATIENCE_MS = 10_000;

export interface RawOptions {
  /** Longest silence, milliseconds, after which reading ends. Default 300. */
  readonly quietMs?: number;
  /** The same for before the first octet: longer where there must be an answer or an end. Default `quietMs`. */
  readonly firstMs?: number;
  /** Stop as soon as so many whole responses were read. */
  readonly expect?: number;
}

/** Sends the octets on a connection of its own and reads until the server closes, falls silent, or has said enough. */
export async function sendRaw(port: number, octets: string, options: RawOptions = {}): Promise<RawExchange> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(octets, 'latin1');
  return readRaw(socket, options);
}

export function readRaw(
  socket: Socket,
  { quietMs = 300, firstMs = quietMs, expect }: RawOptions = {},
): Promise<RawExchange> {
  return new Promise((resolve) => {
    let text = '';
    let closed = false;
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ responses: parseResponses(text), text, closed });
    };
    let timer = setTimeout(finish, firstMs);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      clearTimeout(timer);
      if (expect !== undefined && parseResponses(text).length >= expect) finish();
      else timer = setTimeout(finish, quietMs);
    });
    socket.on('error', () => {
      closed = true;
    });
    socket.on('close', () => {
      closed = true;
      finish();
    });
  });
}

/** Whole responses in the text; a last one that is cut off is left out. */
export function parseResponses(text: string): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return responses;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    const status = Number(statusLine.split(' ')[1]);
    rest = rest.slice(end + 4);
    if (status < 200) {
      responses.push({ status, headers, body: '' });
      continue;
    }
    const body = readBody(rest, headers);
    if (body === undefined) return responses;
    responses.push({ status, headers, body: body.text });
    rest = rest.slice(body.length);
  }
}

function readBody(
  rest: string,
  headers: Readonly<Record<string, string>>,
): { text: string; length: number } | undefined {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0);
    return rest.length < length ? undefined : { text: rest.slice(0, length), length };
  }
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (rest.length < next) return undefined;
    if (size === 0) return { text, length: next };
    text += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
  }
}
