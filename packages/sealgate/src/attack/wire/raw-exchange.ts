/**
 * Octets on a connection of their own, for requests whose framing no client would write, and every whole answer that comes back. Each probe has
 * its own connection, so that nothing of it can reach another's.
 */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Answer } from './http-exchange.ts';

const LONGEST_WAIT_MS = 1500;
const MOST_OCTETS = 1024 * 1024;

/**
 * The answers, in order. Ends when there are as many as wanted, when the server closes, and after a second and a half.
 *
 * @param octets - One character is one octet.
 */
export function exchangeRaw(origin: URL, octets: string, wanted: number): Promise<readonly Answer[]> {
  const secure = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[(.*)\]$/u, '$1');
  const port = origin.port === '' ? (secure ? 443 : 80) : Number(origin.port);
  const socket = secure ? connectTls({ host, port, servername: host }) : connect({ host, port });
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<readonly Answer[]>();
  let text = '';
  const finish = (): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(answersIn(text, performance.now() - started));
  };
  const timer = setTimeout(finish, LONGEST_WAIT_MS);
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > MOST_OCTETS || answersIn(text, 0).length >= wanted) finish();
  });
  socket.on('error', () => undefined);
  socket.on('close', finish);
  socket.write(octets, 'latin1');
  return promise;
}

/** A last one that is cut off is left out. */
function answersIn(text: string, milliseconds: number): readonly Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/u.exec(rest)?.[1]);
    if (end === -1 || !Number.isInteger(status)) return answers;
    const headers = headersIn(rest.slice(0, end));
    const body = readBody(rest.slice(end + 4), headers);
    if (body === undefined) return answers;
    answers.push({ status, headers, body: Buffer.from(body.text, 'latin1').toString('utf8'), milliseconds });
    rest = rest.slice(end + 4 + body.length);
  }
}

function headersIn(head: string): Record<string, string> {
  const lines = head.split('\r\n').slice(1);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

interface Body {
  readonly text: string;
  /** Octets that it takes, with its framing. */
  readonly length: number;
}

/** Undefined while it is not whole. */
function readBody(rest: string, headers: Readonly<Record<string, string>>): Body | undefined {
  if (headers['transfer-encoding'] === 'chunked') return joinChunks(rest);
  const length = Number(headers['content-length'] ?? 0);
  return rest.length < length ? undefined : { text: rest.slice(0, length), length };
}

function joinChunks(rest: string): Body | undefined {
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.slice(at, Math.max(lineEnd, 0)), 16);
    const next = lineEnd + 2 + size + 2;
    if (lineEnd === -1 || !(rest.length >= next)) return undefined;
    if (size === 0) return { text, length: next };
    text += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
  }
}
