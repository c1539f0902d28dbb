/**
 * The public port: connections, with or without TLS and a PROXY header, to HTTP/1.1 or HTTP/2, to exchanges that the pipeline decides about.
 */
import { requestId as makeRequestId } from '@sealgate/service';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type Server as SecuredServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { Runtime } from '../config/compile.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { plainAddress } from '../request/address-set.ts';
import { readHeaderFields } from '../request/header-fields.ts';
import type { ServerCertificates } from '../tls/server-certificates.ts';
import type { AnswerCode } from './answers.ts';
import { ClientConnection, type CertificateOf } from './client-connection.ts';
import type { ClientRequest, ClientResponse } from './client-message.ts';
import { Exchange, type Asked, type ExchangeSink } from './exchange.ts';
import { createFrontDoor } from './front-door.ts';
import { createHttp1Server } from './http1/http1-server.ts';
import { createStreamServer } from './http2/http2-server.ts';
import type { StreamRequest } from './http2/stream-request.ts';

/** Why a connection, or what stood on it, never became a request. */
export type RefusedCode = AnswerCode | 'tls_handshake' | 'client_certificate' | 'proxy_header';

export interface DataServerOptions {
  readonly config: Pick<GatewayConfig, 'listen' | 'limits'> &
    Partial<Pick<GatewayConfig, 'tls' | 'http2' | 'proxyProtocol'>>;
  /** With `config.tls`. */
  readonly certificates?: ServerCertificates | undefined;
  /** Instead of what TLS handshakes say. */
  readonly certificateOf?: CertificateOf | undefined;
  /** The state that a request starting now is served by. */
  readonly runtime: () => Runtime;
  readonly sink: ExchangeSink;
  readonly onRequest: (exchange: Exchange) => void;
  /** Without it an upgrade is a request like any other. */
  readonly onUpgrade?: (exchange: Exchange, upgrade: ClientUpgrade) => void;
  /** For a server that is asked about other requests: which one. Undefined: it does not say so clearly. */
  readonly asked?: (req: ClientRequest) => Asked | undefined;
  readonly refusesWith403?: boolean;
  /** Counts what never became a request. */
  readonly onRefused: (code: RefusedCode) => void;
  /** A new request id. */
  readonly makeId: () => string;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

/** A connection that its client wants to use for something else than HTTP from here on. */
export interface ClientUpgrade {
  /** Takes the connection from the response: whoever calls this reads and writes from here on. */
  readonly detach: () => Socket;
}

export interface DataServer {
  listen(): Promise<AddressInfo>;
  /** Stops accepting, waits for requests under way, then closes what is left after `drainMs`. */
  close(drainMs: number): Promise<void>;
}

export function createDataServer(options: DataServerOptions): DataServer {
  const { limits, listen, http2, proxyProtocol } = options.config;
  const { certificates, onRefused, onUpgrade } = options;
  let draining = false;

  function begin(req: ClientRequest, res: ClientResponse, connection: ClientConnection): Exchange {
    const runtime = options.runtime();
    const fields = readHeaderFields(req.rawHeaders, runtime.headerRules);
    const requestId = makeRequestId(fields.requestId, options.makeId);
    if (draining) res.shouldKeepAlive = false;
    const asked = options.asked?.(req);
    if (options.asked !== undefined && asked === undefined) fields.fault ??= 'malformed_question';
    const facts = { fields, requestId, connection, asked, refusesWith403: options.refusesWith403 };
    return new Exchange(req, res, runtime, facts, options.sink);
  }
  function beginStream(req: StreamRequest, res: ClientResponse, connection: ClientConnection): Exchange {
    const exchange = begin(req, res, connection);
    exchange.fields.fault ??= req.fault;
    if (req.hasUnknownLength) exchange.fields.chunked = true;
    options.onRequest(exchange);
    return exchange;
  }

  const http1 = createHttp1Server({
    limits,
    monotonicMs: options.sink.monotonicMs,
    now: options.now,
    makeId: options.makeId,
    onRefused,
    onRequest: (req, res, { client }) => {
      const exchange = begin(req, res, client);
      options.onRequest(exchange);
      return exchange;
    },
    onUpgrade:
      onUpgrade === undefined
        ? undefined
        : (req, res, connection) => {
            const exchange = begin(req, res, connection.client);
            onUpgrade(exchange, { detach: () => connection.detach() });
            return exchange;
          },
  });
  const connected = (socket: Socket, httpMajor: 1 | 2): ClientConnection =>
    new ClientConnection(socket, httpMajor, front?.spokenFor(socket), undefined, options.certificateOf);
  const acceptHttp1 = (socket: Socket): void => http1.accept(socket, connected(socket, 1));
  const streams =
    http2?.enabled === true && (certificates !== undefined || http2.cleartext)
      ? createStreamServer({
          limits,
          maxStreams: http2.maxStreams,
          monotonicMs: options.sink.monotonicMs,
          onRequest: beginStream,
        })
      : undefined;
  const acceptStreams =
    streams === undefined ? undefined : (socket: Socket) => streams.accept(socket, connected(socket, 2));
  const secured =
    certificates === undefined
      ? undefined
      : createSecured(tlsOptions(options.config, certificates), onRefused, acceptHttp1, acceptStreams);
  if (secured !== undefined) certificates?.attach(secured);
  const front = needsFrontDoor(options)
    ? createFrontDoor({
        mustAnnounce:
          proxyProtocol === true ? (address) => options.runtime().proxies.isTrusted(plainAddress(address)) : undefined,
        onHttp2: certificates === undefined ? acceptStreams : undefined,
        onOther: secured === undefined ? acceptHttp1 : (socket) => void secured.emit('connection', socket),
        onRefused,
        timeoutMs: limits.headersTimeout,
      })
    : undefined;
  const server: Server = front?.server ?? secured ?? createServer(ACCEPTING, acceptHttp1);
  server.maxConnections = limits.connections;
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  return {
    listen: () => listenOn(server, listen),
    async close(drainMs) {
      draining = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      http1.drain();
      streams?.drain();
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, drainMs);
      await closed;
      clearTimeout(timer);
      http1.destroy();
      streams?.destroy();
    },
  };
}

/** A client that has said all it will may still read what it is told. */
const ACCEPTING = { noDelay: true, allowHalfOpen: true } as const;

const needsFrontDoor = ({ config: { http2, proxyProtocol }, certificates }: DataServerOptions): boolean =>
  proxyProtocol === true || (certificates === undefined && http2?.enabled === true && http2.cleartext);

function tlsOptions({ tls, http2, limits }: DataServerOptions['config'], certificates: ServerCertificates): TlsOptions {
  return {
    ...certificates.context,
    ALPNProtocols: http2?.enabled === true ? ['h2', 'http/1.1'] : ['http/1.1'],
    SNICallback: (servername, callback) => callback(null, certificates.contextFor(servername)),
    handshakeTimeout: limits.headersTimeout,
    requestCert: tls?.clients !== undefined,
    rejectUnauthorized: tls?.clients?.mode === 'require',
  };
}

/** TLS, and behind it HTTP/2 where it was agreed on, else HTTP/1.1. */
function createSecured(
  tls: TlsOptions,
  onRefused: (code: RefusedCode) => void,
  acceptHttp1: (socket: Socket) => void,
  acceptStreams: ((socket: Socket) => void) | undefined,
): SecuredServer {
  const server = createTlsServer({ ...tls, ...ACCEPTING }, (socket: TLSSocket) => {
    // Where certificates are optional, one that is not good is still no certificate to pass with.
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      onRefused('client_certificate');
      socket.destroy();
    } else if (socket.alpnProtocol === 'h2' && acceptStreams !== undefined) {
      acceptStreams(socket);
    } else {
      acceptHttp1(socket);
    }
  });
  server.on('tlsClientError', (_error, socket) => {
    onRefused('tls_handshake');
    socket.destroy();
  });
  return server;
}

/** @throws {GatewayError} `address_in_use`. */
export function listenOn(server: Server, { host, port, url }: GatewayConfig['listen']): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' ? new GatewayError('address_in_use', `${url} is taken`, { cause: error }) : error,
      );
    });
    server.listen({ host, port, backlog: 4096 }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address);
    });
  });
}
