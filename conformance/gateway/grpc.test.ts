/**
 * gRPC through the gateway, with the library that Node services use: all four kinds of call, the token in the metadata, refusals that the
 * library understands (gRPC over HTTP/2, "Responses"), over TLS and without.
 */
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceError,
} from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type Authority } from './certificates.ts';
import { startGateway, type TestGateway } from './fixture.ts';

const text = (value: string): Buffer => Buffer.from(value);
const read = (octets: Buffer): string => octets.toString();
const shape = { requestSerialize: text, requestDeserialize: read, responseSerialize: text, responseDeserialize: read };
const METHODS = {
  unary: { path: '/test.Echo/Unary', requestStream: false, responseStream: false, ...shape },
  collect: { path: '/test.Echo/Collect', requestStream: true, responseStream: false, ...shape },
  repeat: { path: '/test.Echo/Repeat', requestStream: false, responseStream: true, ...shape },
  chat: { path: '/test.Echo/Chat', requestStream: true, responseStream: true, ...shape },
};

const unary: handleUnaryCall<string, string> = (call, answer) => {
  if (call.request === 'fail') {
    answer({ code: status.FAILED_PRECONDITION, details: 'as asked', metadata: new Metadata() });
    return;
  }
  const trailer = new Metadata();
  trailer.set('x-trailer', 'kept');
  answer(null, `${call.request} from ${String(call.metadata.get('x-user-id')[0])}`, trailer);
};
const collect: handleClientStreamingCall<string, string> = (call, answer) => {
  const words: string[] = [];
  call.on('data', (word: string) => words.push(word)).on('end', () => answer(null, words.join(' ')));
};
const repeat: handleServerStreamingCall<string, string> = (call) => {
  for (let count = 0; count < 100; count++) call.write(`${call.request} ${count}`);
  call.end();
};
const chat: handleBidiStreamingCall<string, string> = (call) => {
  call.on('data', (word: string) => call.write(`${word}!`)).on('end', () => call.end());
};

let authority: Authority;
let server: Server;
let at: TestGateway;
let client: Client;
beforeAll(async () => {
  authority = createAuthority();
  const files = authority.issue('api', ['DNS:localhost', 'IP:127.0.0.1']);
  server = new Server();
  server.addService(METHODS, { unary, collect, repeat, chat });
  const pair = { cert_chain: readFileSync(files.certificate), private_key: readFileSync(files.key) };
  const port = await new Promise<number>((resolve, reject) => {
    const secure = ServerCredentials.createSsl(readFileSync(authority.ca), [pair], false);
    server.bindAsync('127.0.0.1:0', secure, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  at = await startGateway({
    listen: 'https://127.0.0.1:0',
    tls: { certificates: [files] },
    upstreams: { origin: { urls: [`https://127.0.0.1:${port}`], protocol: 'h2', tls: { ca: authority.ca } } },
    routes: [
      { path: '/test.Echo/Chat', to: 'origin', require: { scopes: ['orders:read'] } },
      { path: '/test.Echo/**', to: 'origin' },
      { path: '/test.Secret/**', to: 'origin', require: { roles: ['admin'] } },
    ],
  });
  client = new Client(`localhost:${at.port}`, credentials.createSsl(readFileSync(authority.ca)));
});
afterAll(async () => {
  client.close();
  await at.close();
  server.forceShutdown();
  authority.remove();
});

function bearer(): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${at.issuer.token()}`);
  metadata.set('x-user-id', 'root');
  return metadata;
}

interface Outcome {
  readonly answer?: string | undefined;
  readonly error: ServiceError | null;
  readonly trailer: Metadata | undefined;
}

function call(path: string, request: string, metadata: Metadata): Promise<Outcome> {
  return new Promise((resolve) => {
    let trailer: Metadata | undefined;
    const made = client.makeUnaryRequest(path, text, read, request, metadata, (error, answer) =>
      setImmediate(() => resolve({ error, answer, trailer })),
    );
    made.on('status', (last) => (trailer = last.metadata));
  });
}

describe('gRPC', () => {
  it('unary, with the identity of the token and the trailers of the server', async () => {
    const { error, answer, trailer } = await call(METHODS.unary.path, 'hello', bearer());
    expect([error, answer]).toEqual([null, 'hello from alice']);
    expect(trailer?.get('x-trailer')).toEqual(['kept']);
  });

  it('an error of the server arrives as it is', async () => {
    const { error } = await call(METHODS.unary.path, 'fail', bearer());
    expect([error?.code, error?.details]).toEqual([status.FAILED_PRECONDITION, 'as asked']);
  });

  it.each<[string, string, () => Metadata, status, string]>([
    ['no token', METHODS.unary.path, () => new Metadata(), status.UNAUTHENTICATED, 'token_missing'],
    ['a role that the token has not', '/test.Secret/Unary', bearer, status.PERMISSION_DENIED, 'insufficient_role'],
    ['no such route', '/test.Other/Unary', bearer, status.UNIMPLEMENTED, 'not_found'],
  ])('%s is refused with a status that the library knows', async (_what, path, metadata, code, details) => {
    const { error } = await call(path, 'hello', metadata());
    expect([error?.code, error?.details]).toEqual([code, details]);
  });

  it('client streaming', async () => {
    const answer = await new Promise((resolve, reject) => {
      const { path } = METHODS.collect;
      const stream = client.makeClientStreamRequest(path, text, read, bearer(), (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
      for (const word of ['a', 'b', 'c']) stream.write(word);
      stream.end();
    });
    expect(answer).toBe('a b c');
  });

  it('server streaming', async () => {
    const stream = client.makeServerStreamRequest<string, string>(METHODS.repeat.path, text, read, 'x', bearer());
    const heard: string[] = [];
    for await (const word of stream) heard.push(String(word));
    expect([heard.length, heard.at(-1)]).toEqual([100, 'x 99']);
  });

  it('streaming both ways, word by word', async () => {
    const stream = client.makeBidiStreamRequest<string, string>(METHODS.chat.path, text, read, bearer());
    const heard: string[] = [];
    stream.on('data', (word: string) => heard.push(word));
    for (const word of ['one', 'two', 'three']) {
      stream.write(word);
      await expect.poll(() => heard.at(-1)).toBe(`${word}!`);
    }
    stream.end();
    const last = await new Promise<{ code: status }>((resolve) => {
      stream.on('status', resolve);
    });
    expect(last.code).toBe(status.OK);
  });

  it('a server that is gone: UNAVAILABLE', async () => {
    server.forceShutdown();
    const { error } = await call(METHODS.unary.path, 'hello', bearer());
    expect(error?.code).toBe(status.UNAVAILABLE);
  });
});
