/**
 * HTTP/2 connections of the public port: bounded in streams, header size, resets and time (ATTACKS.md G11; RFC 9113 section 10.5), each stream
 * handed on as a request like any other.
 *
 * nghttp2 itself ends connections that flood it with CONTINUATION, SETTINGS, PING or empty frames.
 */
import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { GatewayConfig } from '../../config/schema.ts';
import type { ClientConnection } from '../client-connection.ts';
import { StreamRequest } from './stream-request.ts';
import { StreamResponse } from './stream-response.ts';

export interface StreamServerOptions {
  readonly limits: GatewayConfig['limits'];
  /** Streams that one connection may have open. */
  readonly maxStreams: number;
  readonly monotonicMs: () => number;
  readonly onRequest: (
    request: StreamRequest,
    response: StreamResponse,
    connection: ClientConnection,
  ) => StreamExchange;
}

/** What the server does with a request that takes too long to arrive. */
export interface StreamExchange {
  answer(code: 'request_timeout'): void;
}

export interface StreamServer {
  /** Takes a connection whose client speaks HTTP/2. */
  accept(socket: Socket, connection: ClientConnection): void;
  /** Tells clients to open no more streams; streams under way may end. */
  drain(): void;
  destroy(): void;
}

/** Streams that a client may reset at once, and each second from then on: more is an attack (CVE-2023-44487), or a client that only costs. */
const [RESETS_AT_ONCE, RESETS_EACH_SECOND] = [200, 20];
const PSEUDO_FIELDS = 5;
/** A client may open a hundred streams and more before it has heard how many it may; each of those counts. */
const MOST_INVALID_FRAMES = 256;
const MOST_REJECTED_STREAMS = 256;
const MOST_SETTINGS = 16;
const SESSION_MEMORY_MB = 4;
const LONGEST_TICK_MS = 1000;

interface Session {
  readonly session: ServerHttp2Session;
  readonly pending: Map<
    StreamRequest,
    { readonly sinceMs: number; readonly exchange: StreamExchange; readonly response: StreamResponse }
  >;
  streams: number;
  hadStreams: boolean;
  quietSinceMs: number;
}

export function createStreamServer(options: StreamServerOptions): StreamServer {
  const { limits, maxStreams, monotonicMs } = options;
  const sessions = new Set<Session>();
  const settings = {
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: limits.headerSize, enablePush: false },
    // More than are allowed, so that too many are answered rather than cut off.
    maxHeaderListPairs: limits.headerCount + PSEUDO_FIELDS + 1,
    maxSessionInvalidFrames: MOST_INVALID_FRAMES,
    maxSessionRejectedStreams: MOST_REJECTED_STREAMS,
    maxSettings: MOST_SETTINGS,
    maxSessionMemory: SESSION_MEMORY_MB,
    streamResetBurst: RESETS_AT_ONCE,
    streamResetRate: RESETS_EACH_SECOND,
  };
  const tickMs = Math.max(50, Math.min(LONGEST_TICK_MS, limits.headersTimeout / 2));
  const timer = setInterval(() => {
    for (const session of sessions) endWhatTakesTooLong(session, limits, monotonicMs());
  }, tickMs).unref();

  function begin(
    known: Session,
    connection: ClientConnection,
    stream: ServerHttp2Stream,
    raw: readonly string[],
  ): void {
    const request = new StreamRequest(stream, raw);
    const response = new StreamResponse(stream, request);
    known.streams++;
    known.hadStreams = true;
    // An ended connection or a reset: `close` follows, which is what counts.
    stream.on('error', () => undefined);
    stream.once('close', () => {
      known.streams--;
      known.pending.delete(request);
      known.quietSinceMs = monotonicMs();
    });
    const exchange = options.onRequest(request, response, connection);
    if (!request.complete) known.pending.set(request, { sinceMs: monotonicMs(), exchange, response });
  }

  return {
    accept(socket, connection) {
      const session = performServerHandshake(socket, settings);
      const known: Session = {
        session,
        pending: new Map(),
        streams: 0,
        hadStreams: false,
        quietSinceMs: monotonicMs(),
      };
      sessions.add(known);
      session.once('close', () => sessions.delete(known));
      // A client that breaks the rules: nghttp2 has told it so, and the connection ends.
      session.on('error', () => undefined);
      session.on('stream', (stream, _headers, _flags, raw) => begin(known, connection, stream, raw));
    },
    drain() {
      for (const { session } of sessions) session.close();
    },
    destroy() {
      clearInterval(timer);
      for (const { session } of sessions) session.destroy();
    },
  };
}

/** Requests that do not arrive, clients that ask nothing. */
function endWhatTakesTooLong(known: Session, limits: GatewayConfig['limits'], nowMs: number): void {
  for (const [request, { sinceMs, exchange, response }] of known.pending) {
    // Once the upstream answers, both talk as long as they like: a stream in both directions is no slow request.
    if (request.complete || response.headersSent) known.pending.delete(request);
    else if (nowMs - sinceMs >= limits.requestTimeout) exchange.answer('request_timeout');
  }
  if (known.streams > 0) return;
  const quietMs = nowMs - known.quietSinceMs;
  if (quietMs < (known.hadStreams ? limits.keepAlive : limits.headersTimeout)) return;
  if (known.session.closed) known.session.destroy();
  else known.session.goaway(constants.NGHTTP2_NO_ERROR);
  known.session.close();
}
