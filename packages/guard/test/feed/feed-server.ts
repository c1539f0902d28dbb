/**
 * An issuer's feed and its confirmations, spoken by hand over a real socket, so that tests can make it misbehave.
 *
 * A double of this project's own protocol (docs/feed.md): `conformance/guard/` runs the guard against the real issuer.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { RevocationRecord } from '../../src/revocation/record.ts';

/** One open stream of a verifier. */
export interface FeedStream {
  readonly id: string;
  readonly lastEventId: string | undefined;
  readonly verifier: string | null;
  readonly authorization: string | undefined;
  /** Sends one event; `id` and `data` as given. */
  send(event: string, data: unknown, id?: string): void;
  /** Sends bytes as they are. */
  raw(bytes: string | Uint8Array): void;
  /** Ends the stream in order. */
  end(): void;
  /** Cuts the connection. */
  cut(): void;
}

export interface Confirmation {
  readonly connection: string;
  readonly seq: number;
  readonly authorization: string | undefined;
}

export interface FeedServer {
  readonly url: string;
  readonly feedUrl: string;
  readonly ackUrl: string;
  readonly confirmations: readonly Confirmation[];
  /** The next stream that opens (or has opened unseen). */
  nextStream(): Promise<FeedStream>;
  /** Resolves when a confirmation of at least `seq` has arrived. */
  confirmed(seq: number): Promise<Confirmation>;
  /** Answers the following requests for the feed with this instead, until `undefined`. */
  refuseWith: ((response: ServerResponse) => void) | undefined;
  /** Statuses for the following confirmations; 204 when empty. */
  readonly ackStatuses: number[];
  /** Further paths. */
  route: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

export async function startFeedServer(port = 0): Promise<FeedServer> {
  const opened: FeedStream[] = [];
  const waiting: ((stream: FeedStream) => void)[] = [];
  const confirmations: Confirmation[] = [];
  const watchers = new Set<() => void>();
  const ackStatuses: number[] = [];
  let streams = 0;

  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://feed.test');
    if (feed.route?.(request, response) === true) return;
    if (url.pathname === '/v1/feed') {
      if (feed.refuseWith === undefined) open(request, response, url);
      else feed.refuseWith(response);
      return;
    }
    if (url.pathname === '/v1/feed/ack' && request.method === 'POST') {
      void confirm(request, response);
      return;
    }
    response.writeHead(404).end();
  });

  const open = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    const lastEventId = request.headers['last-event-id'];
    const stream: FeedStream = {
      id: `c${(streams += 1)}`,
      lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
      verifier: url.searchParams.get('verifier'),
      authorization: request.headers.authorization,
      send(event, data, id) {
        response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
      },
      raw: (bytes) => response.write(bytes),
      end: () => response.end(),
      cut: () => request.socket.destroy(),
    };
    const waiter = waiting.shift();
    if (waiter === undefined) opened.push(stream);
    else waiter(stream);
  };

  const confirm = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const status = ackStatuses.shift() ?? 204;
    if (status === 204) {
      const { connection, seq } = JSON.parse(text);
      confirmations.push({ connection, seq, authorization: request.headers.authorization });
    }
    response.writeHead(status).end();
    for (const check of watchers) check();
  };

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server)}`;
  const feed: FeedServer = {
    url,
    feedUrl: `${url}/v1/feed`,
    ackUrl: `${url}/v1/feed/ack`,
    confirmations,
    ackStatuses,
    refuseWith: undefined,
    route: undefined,
    nextStream() {
      const stream = opened.shift();
      return stream === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(stream);
    },
    confirmed(seq) {
      return new Promise((resolve) => {
        const check = (): void => {
          const found = confirmations.find((confirmation) => confirmation.seq >= seq);
          if (found === undefined) return;
          watchers.delete(check);
          resolve(found);
        };
        watchers.add(check);
        check();
      });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return feed;
}

/** The port a listening server was given. */
export function portOf(server: NetServer): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server does not listen on a port');
  return address.port;
}

/** Greets with a log position; the heartbeat is long, so that tests beat by hand. */
export function greet(stream: FeedStream, log: string, seq: number, heartbeatSeconds = 60): void {
  stream.send('hello', { connection: stream.id, log, seq, heartbeatSeconds, now: Date.now() / 1000 });
}

export function sendSnapshot(
  stream: FeedStream,
  log: string,
  seq: number,
  records: readonly RevocationRecord[] = [],
): void {
  stream.send('snapshot', { log, seq, records }, `${log}:${seq}`);
}

export function sendChange(stream: FeedStream, log: string, record: RevocationRecord): void {
  stream.send('change', record, `${log}:${record.seq}`);
}
