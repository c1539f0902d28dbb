/**
 * Sends one request exactly as it is written: the target is not put into a normal form, a header may stand twice, a redirect is not
 * followed. The answer is bounded in size and time.
 */
import { Agent, request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';

export type Header = readonly [name: string, value: string];

export interface PlainRequest {
  /** Path and query, as they are to stand in the request line. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'OPTIONS';
}

export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly milliseconds: number;
}

export interface HttpExchange {
  /** The answer; undefined if there was none. */
  send(request: PlainRequest): Promise<Answer | undefined>;
  /** Asks for an upgrade; the connection is given up as soon as the answer is known. */
  upgrade(request: PlainRequest): Promise<Answer | undefined>;
  close(): void;
}

const LONGEST_WAIT_MS = 10_000;
const LARGEST_BODY_BYTES = 256 * 1024;

export function createHttpExchange(origin: URL): HttpExchange {
  const secure = origin.protocol === 'https:';
  const agent = secure
    ? new SecureAgent({ keepAlive: true, maxSockets: 1 })
    : new Agent({ keepAlive: true, maxSockets: 1 });
  const open = ({ method = 'GET', target, headers }: PlainRequest, pooled: boolean): ClientRequest => {
    const options = {
      method,
      hostname: origin.hostname.replace(/^\[(.*)\]$/u, '$1'),
      port: origin.port === '' ? (secure ? 443 : 80) : Number(origin.port),
      path: target,
      agent: pooled ? agent : false,
      headers: [['host', origin.host] as const, ...headers].flat(),
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    };
    return secure ? requestHttps(options) : requestHttp(options);
  };
  return {
    send: (request) => exchange(() => open(request, true)),
    upgrade: (request) => exchange(() => open(request, false)),
    close: () => agent.destroy(),
  };
}

function exchange(open: () => ClientRequest): Promise<Answer | undefined> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  let sent: ClientRequest;
  try {
    sent = open();
  } catch {
    // A target or header that cannot be written by this client: nothing was sent.
    return Promise.resolve(undefined);
  }
  const answer = (response: IncomingMessage, body: string): Answer => ({
    status: response.statusCode ?? 0,
    headers: flatten(response.headers),
    body,
    milliseconds: performance.now() - started,
  });
  let answered = false;
  sent.on('response', (response) => {
    answered = true;
    let body = '';
    const done = () => resolve(answer(response, body));
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      body += text;
      if (body.length > LARGEST_BODY_BYTES) response.destroy();
    });
    response.on('close', done);
    response.on('error', done);
  });
  sent.on('upgrade', (response, socket) => {
    socket.destroy();
    resolve(answer(response, ''));
  });
  sent.on('error', () => {
    // A server that has answered may hang up on the rest of the request.
    if (!answered) resolve(undefined);
  });
  sent.end();
  return promise;
}

function flatten(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]));
}
