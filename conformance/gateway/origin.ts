/**
 * A real origin that reports what reached it: every request with method, target, raw headers and body, as Node's own strict server
 * read it. What it answers can be set for each path.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** Name, value, name, value. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Fields behind the body: name, value, name, value. Only Node reports them. */
  readonly rawTrailers?: readonly string[];
}

export type Behaviour = (req: IncomingMessage, res: ServerResponse, seen: SeenRequest) => void;

/** What every kind of origin can do (`web-server-origins.ts` has the others). */
export interface ReportingOrigin {
  readonly url: string;
  /** What arrived since the last `take`. */
  take(): readonly SeenRequest[] | Promise<readonly SeenRequest[]>;
  close(): Promise<void>;
}

export interface Origin extends ReportingOrigin {
  readonly port: number;
  take(): readonly SeenRequest[];
  /** Answers paths that start with the prefix. */
  on(prefix: string, behaviour: Behaviour): void;
  onUpgrade(handler: (req: IncomingMessage, socket: Socket) => void): void;
  /** Connections open now. */
  connections(): number;
}

export async function startOrigin(): Promise<Origin> {
  let seen: SeenRequest[] = [];
  const behaviours = new Map<string, Behaviour>();
  const sockets = new Set<Socket>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    const early = [...behaviours].find(([prefix]) => (req.url ?? '').startsWith(prefix))?.[1];
    if (early !== undefined && req.headers['x-early'] !== undefined) {
      early(req, res, describe(req, ''));
      return;
    }
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('error', () => undefined);
    req.on('end', () => {
      const request = describe(req, Buffer.concat(chunks).toString('latin1'));
      seen.push(request);
      if (early !== undefined) early(req, res, request);
      else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request));
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    on: (prefix, behaviour) => void behaviours.set(prefix, behaviour),
    onUpgrade: (handler) => void server.on('upgrade', handler),
    connections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function describe(req: IncomingMessage, body: string): SeenRequest {
  return {
    method: req.method ?? '',
    target: req.url ?? '',
    rawHeaders: [...req.rawHeaders],
    body,
    rawTrailers: [...req.rawTrailers],
  };
}

/** Values of a header, its name compared as CGI would: case, `-`, `_` and `.` do not count. */
export function seenValues(request: SeenRequest, name: string): string[] {
  const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/gu, '-');
  return request.rawHeaders.filter(
    (_, index) => index % 2 === 1 && fold(request.rawHeaders[index - 1] ?? '') === fold(name),
  );
}
