/**
 * What the servers of this folder have in common: each speaks the wire format of one cloud's key store, on a port of its own, and
 * really signs. A test can make it fail: answer with an error, not at all, or drop the connection.
 */
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What happens instead of an answer. */
export type Fault = Answer | 'hang' | 'reset';

/** A request as the handlers see it. */
export interface StoreRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly rawBody: Buffer;
}

export interface StoreServer {
  readonly port: number;
  /** Requests so far, faults included. */
  readonly count: () => number;
  /** TCP connections so far. */
  readonly connections: () => number;
  /** The next requests meet these, one each; then all is well again. */
  failNext(...faults: Fault[]): void;
  /** Every request meets this, until it is taken back with `undefined`. */
  failAlways(fault: Fault | undefined): void;
  close(): Promise<void>;
}

/** @param tls - Key and certificate (PEM) where the protocol asks for TLS. */
export async function startStoreServer(
  handle: (request: StoreRequest) => Answer | Promise<Answer>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<StoreServer> {
  let count = 0;
  let connections = 0;
  let always: Fault | undefined;
  const next: Fault[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    count += 1;
    const fault = next.shift() ?? always;
    if (fault === 'hang') return;
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const facts = { method: request.method ?? '', url, headers: request.headers, rawBody: Buffer.concat(chunks) };
    const { status, headers, body } = fault ?? (await handle(facts));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    connections: () => connections,
    failNext: (...faults) => {
      next.push(...faults);
    },
    failAlways: (fault) => {
      always = fault;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
