/**
 * The public port: Node's strict HTTP/1.1 parser, bounded in size, number and time (ATTACKS.md G10, G11), in front of the pipeline.
 *
 * What never becomes a request (malformed, too slow, too large) is answered here, from the parser's own error.
 */
import { requestId as makeRequestId } from '@sealgate/service';
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Runtime } from '../config/compile.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { readHeaderFields } from '../request/header-fields.ts';
import { answerFor, ANSWER_FIELDS, type AnswerCode } from './answers.ts';
import { Exchange, type Asked, type ExchangeSink } from './exchange.ts';

export interface DataServerOptions {
  readonly config: Pick<GatewayConfig, 'listen' | 'limits'>;
  /** The state that a request starting now is served by. */
  readonly runtime: () => Runtime;
  readonly sink: ExchangeSink;
  readonly onRequest: (exchange: Exchange) => void;
  /** Without it an upgrade is a request like any other. */
  readonly onUpgrade?: (exchange: Exchange, socket: Socket, head: Buffer) => void;
  /** For a server that is asked about other requests: which one. Undefined: it does not say so clearly. */
  readonly asked?: (req: IncomingMessage) => Asked | undefined;
  readonly refusesWith403?: boolean;
  /** Counts what never became a request. */
  readonly onRefused: (code: AnswerCode) => void;
  /** A new request id. */
  readonly makeId: () => string;
}

export interface DataServer {
  listen(): Promise<AddressInfo>;
  /** Stops accepting, waits for requests under way, then closes what is left after `drainMs`. */
  close(drainMs: number): Promise<void>;
  readonly server: Server;
}

export function createDataServer(options: DataServerOptions): DataServer {
  const { limits, listen } = options.config;
  const upgraded = new Set<Duplex>();
  let draining = false;

  const begin = (req: IncomingMessage, res: ServerResponse): Exchange => {
    const runtime = options.runtime();
    const fields = readHeaderFields(req.rawHeaders, runtime.headerRules);
    const requestId = makeRequestId(fields.requestId, options.makeId);
    if (draining) res.setHeader('connection', 'close');
    const asked = options.asked?.(req);
    if (options.asked !== undefined && asked === undefined) fields.fault ??= 'malformed_question';
    const facts = { fields, requestId, asked, refusesWith403: options.refusesWith403 };
    return new Exchange(req, res, runtime, facts, options.sink);
  };
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => options.onRequest(begin(req, res));

  const server = createServer(
    {
      insecureHTTPParser: false,
      requireHostHeader: true,
      joinDuplicateHeaders: false,
      maxHeaderSize: limits.headerSize,
      headersTimeout: Math.min(limits.headersTimeout, limits.requestTimeout),
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAlive,
      connectionsCheckingInterval: Math.max(100, Math.min(1000, limits.headersTimeout / 2)),
      optimizeEmptyRequests: true,
      noDelay: true,
      shouldUpgradeCallback: (req) =>
        options.onUpgrade !== undefined && req.headers.upgrade?.toLowerCase() === 'websocket' && req.method === 'GET',
    },
    onRequest,
  );
  server.maxConnections = limits.connections;
  // One more than is allowed, so that too many are seen and refused rather than cut off.
  server.maxHeadersCount = limits.headerCount + 1;
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  server.on('upgrade', (req: IncomingMessage, socket: Socket, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket);
    res.once('finish', () => socket.end());
    options.onUpgrade?.(begin(req, res), socket, head);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = codeOfParserError(error.code);
    options.onRefused(code);
    refuse(socket, code, options.makeId());
  });

  return {
    server,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          reject(
            error.code === 'EADDRINUSE'
              ? new GatewayError('address_in_use', `${listen.url} is taken`, { cause: error })
              : error,
          );
        });
        server.listen({ host: listen.host, port: listen.port, backlog: 4096 }, () => {
          const address = server.address();
          if (typeof address === 'object' && address !== null) resolve(address);
        });
      }),
    async close(drainMs) {
      draining = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of upgraded) socket.destroy();
        server.closeAllConnections();
      }, drainMs);
      for (const socket of upgraded) socket.end();
      await closed;
      clearTimeout(timer);
    },
  };
}

function codeOfParserError(code: string | undefined): AnswerCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 'body_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'request_malformed';
}

/** Answers on the bare connection, unless part of another answer is already on its way, and ends it. */
function refuse(socket: Duplex, code: AnswerCode, requestId: string): void {
  const busy =
    '_httpMessage' in socket && socket._httpMessage instanceof ServerResponse && socket._httpMessage.headersSent;
  if (!socket.writable || busy) {
    socket.destroy();
    return;
  }
  const { status, body } = answerFor(code, requestId);
  const fields = [
    ...ANSWER_FIELDS,
    'content-length',
    String(Buffer.byteLength(body)),
    'connection',
    'close',
    'x-request-id',
    requestId,
  ];
  let text = `HTTP/1.1 ${status} ${code}\r\n`;
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  socket.end(`${text}\r\n${body}`);
  socket.once('finish', () => socket.destroy());
}
