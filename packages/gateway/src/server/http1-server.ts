/**
 * HTTP/1.1 on the public port: Node's strict parser, bounded in size, number and time (ATTACKS.md G10, G11), with or without TLS.
 *
 * What never becomes a request (malformed, too slow, too large) is answered here, from the parser's own error.
 */
import { createServer, ServerResponse, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { GatewayConfig } from '../config/schema.ts';
import { answerFor, ANSWER_FIELDS, type AnswerCode } from './answers.ts';

export interface Http1ServerOptions {
  readonly limits: GatewayConfig['limits'];
  /** For a server that speaks TLS. */
  readonly tls: TlsOptions | undefined;
  readonly onRequest: (req: IncomingMessage, res: ServerResponse) => void;
  /** Without it an upgrade is a request like any other. */
  readonly onUpgrade: ((req: IncomingMessage, res: ServerResponse, socket: Socket, head: Buffer) => void) | undefined;
  /** Counts what never became a request. */
  readonly onRefused: (code: AnswerCode) => void;
  /** A new request id. */
  readonly makeId: () => string;
}

export interface Http1Server {
  readonly server: Server;
  /** Ends idle connections, and lets upgraded ones know. */
  drain(): void;
  destroy(): void;
}

export function createHttp1Server(options: Http1ServerOptions): Http1Server {
  const { limits, tls, onRequest, onUpgrade } = options;
  const upgraded = new Set<Duplex>();
  const http: ServerOptions = {
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
      onUpgrade !== undefined && req.headers.upgrade?.toLowerCase() === 'websocket' && req.method === 'GET',
  };
  const server = tls === undefined ? createServer(http, onRequest) : createTlsServer({ ...http, ...tls }, onRequest);
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
    onUpgrade?.(req, res, socket, head);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = codeOfParserError(error.code);
    options.onRefused(code);
    refuse(socket, code, options.makeId());
  });
  return {
    server,
    drain() {
      server.closeIdleConnections();
      for (const socket of upgraded) socket.end();
    },
    destroy() {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
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
