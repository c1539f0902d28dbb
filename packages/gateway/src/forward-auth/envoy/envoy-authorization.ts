/**
 * Envoy's external authorization over gRPC: `envoy.service.auth.v3.Authorization/Check`, over HTTP/2 without TLS on the forward-auth port.
 *
 * An allowed request gets the identity headers in place of whatever the client sent under these names, in any spelling. The client's certificate
 * stays with Envoy, so that tokens bound to one are refused.
 */
import { requestId as makeRequestId } from '@sealgate/service';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Runtime } from '../../config/compile.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { readHeaderFields } from '../../request/header-fields.ts';
import { foldHeaderName } from '../../request/header-rules.ts';
import { ClientConnection } from '../../server/client-connection.ts';
import { listenOn, type DataServer } from '../../server/data-server.ts';
import { Exchange } from '../../server/exchange.ts';
import { run } from '../../server/pipeline.ts';
import type { ForwardAuthOptions } from '../forward-auth.ts';
import { AskedRequest, AskedResponse } from './asked-exchange.ts';
import { parseCheckRequest, type CheckedRequest } from './check-messages.ts';
import { ProtobufError } from './protobuf.ts';

const CHECK = '/envoy.service.auth.v3.Authorization/Check';
/** A question holds headers, and a body only where Envoy is told to send it, which is of no use here. */
const LARGEST_QUESTION_BYTES = 1024 * 1024;
/** gRPC, "Length-Prefixed-Message": a flag for compression, and the length. */
const PREFIX_BYTES = 5;

const STATUS = { OK: 0, INVALID_ARGUMENT: 3, RESOURCE_EXHAUSTED: 8, UNIMPLEMENTED: 12 } as const;

type EnvoyConfig = Pick<GatewayConfig, 'limits'> & { readonly listen: GatewayConfig['listen'] };

export function createEnvoyAuthorization({ listen, limits }: EnvoyConfig, options: ForwardAuthOptions): DataServer {
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = createServer({ maxHeaderListPairs: 64, maxSessionMemory: 16 });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => undefined);
    session.setTimeout(limits.keepAlive, () => session.close());
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    stream.setTimeout(limits.requestTimeout, () => stream.close());
    if (headers[':path'] === CHECK && headers[':method'] === 'POST') receive(stream, options);
    else finish(stream, STATUS.UNIMPLEMENTED);
  });
  return {
    listen: () => listenOn(server, listen),
    async close(drainMs) {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const session of sessions) session.close();
      const timer = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, drainMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function receive(stream: ServerHttp2Stream, options: ForwardAuthOptions): void {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= LARGEST_QUESTION_BYTES) chunks.push(chunk);
    else finish(stream, STATUS.RESOURCE_EXHAUSTED);
  });
  stream.on('end', () => {
    if (length <= LARGEST_QUESTION_BYTES) answer(stream, Buffer.concat(chunks), options);
  });
}

function answer(stream: ServerHttp2Stream, octets: Buffer, options: ForwardAuthOptions): void {
  const checked = readQuestion(octets);
  if (checked === undefined) {
    finish(stream, STATUS.INVALID_ARGUMENT);
    return;
  }
  const response = new AskedResponse((message) => finish(stream, STATUS.OK, message));
  stream.once('close', () => response.destroy());
  const runtime = options.runtime();
  const fields = readHeaderFields(checked.rawHeaders, runtime.headerRules);
  if (!/^[A-Z]{1,32}$/u.test(checked.method) || checked.ip === '') fields.fault ??= 'malformed_question';
  const requestId = makeRequestId(fields.requestId, options.makeId);
  const connection = new ClientConnection(stream.session!.socket, 1, checked.ip, checked.scheme);
  const facts = { fields, requestId, connection };
  const exchange = new Exchange(new AskedRequest(checked), response, runtime, facts, options.sink);
  run(exchange, {
    ...options.pipeline,
    answersPreflights: false,
    forward: (admitted, _route, identity) => {
      const responseHeaders: string[] = [];
      admitted.addOwnFields(responseHeaders);
      response.allow({ headers: identity, remove: forged(checked, identity, runtime), responseHeaders });
    },
  });
}

function readQuestion(octets: Buffer): CheckedRequest | undefined {
  if (octets.length < PREFIX_BYTES || octets[0] !== 0) return undefined;
  if (octets.readUInt32BE(1) !== octets.length - PREFIX_BYTES) return undefined;
  try {
    return parseCheckRequest(octets.subarray(PREFIX_BYTES));
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

/** Headers of the client that an upstream could take for identity headers, and that ours do not replace. */
function forged({ rawHeaders }: CheckedRequest, identity: readonly string[], { routes }: Runtime): string[] {
  const names = new Set(
    routes.ordered.flatMap((route) => route.identity.headers.map(({ name }) => foldHeaderName(name))),
  );
  const replaced = new Set(identity.filter((_, index) => index % 2 === 0));
  return rawHeaders.filter(
    (name, index) => index % 2 === 0 && names.has(foldHeaderName(name)) && !replaced.has(name.toLowerCase()),
  );
}

function finish(stream: ServerHttp2Stream, status: number, message?: Buffer): void {
  if (stream.destroyed || stream.headersSent) return;
  const fields = { ':status': 200, 'content-type': 'application/grpc' };
  if (message === undefined) {
    stream.respond({ ...fields, 'grpc-status': String(status) }, { endStream: true });
    return;
  }
  stream.respond(fields, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}
