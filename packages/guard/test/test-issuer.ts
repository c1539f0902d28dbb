/**
 * An issuer made for tests: metadata, keys, feed, introspection over a real socket, and tokens signed with its key.
 *
 * Only what a verifier sees of an issuer, and able to misbehave; `conformance/guard/` runs the guard against the real one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJwk, generateKey, signJwt, type Key } from '@sealgate/jwt';
import type { RevocationRecord } from '../src/revocation/record.ts';
import {
  greet,
  sendChange,
  sendSnapshot,
  startFeedServer,
  type FeedServer,
  type FeedStream,
} from './feed/feed-server.ts';

export interface TestIssuer {
  readonly url: string;
  readonly server: FeedServer;
  /** What the metadata document says; change it to lie. */
  metadata: Record<string, unknown>;
  /** What the key set endpoint answers. */
  keys: readonly Key[];
  /** How introspection answers; undefined: 500. */
  introspect: ((token: string) => Record<string, unknown>) | undefined;
  /** Requests for each path so far. */
  readonly requests: Map<string, number>;
  /** A token as this issuer would sign it; members override, `undefined` removes. */
  token(claims?: Record<string, unknown>, header?: { key?: Key; typ?: string }): string;
  /** Answers the next stream with an empty snapshot at this position. */
  admit(seq?: number, records?: readonly RevocationRecord[]): Promise<FeedStream>;
  /** Sends a change and waits until the verifier has confirmed it. */
  revoke(
    stream: FeedStream,
    record: Pick<RevocationRecord, 'seq' | 'kind' | 'id'> & Partial<RevocationRecord>,
  ): Promise<void>;
  close(): Promise<void>;
}

export const AUDIENCE = 'https://api.test';
export const CREDENTIAL = { id: 'verifier', secret: 'a secret' };
const LOG = 'L';

export async function startTestIssuer(options: { port?: number; now?: () => number } = {}): Promise<TestIssuer> {
  const now = options.now ?? (() => Date.now() / 1000);
  const server = await startFeedServer(options.port);
  const { url } = server;
  const requests = new Map<string, number>();
  let tokens = 0;

  const issuer: TestIssuer = {
    url,
    server,
    requests,
    metadata: {
      issuer: url,
      jwks_uri: `${url}/.well-known/jwks.json`,
      introspection_endpoint: `${url}/oauth/introspect`,
      sealgate_feed_endpoint: server.feedUrl,
      sealgate_feed_ack_endpoint: server.ackUrl,
    },
    keys: [generateKey('ES256')],
    introspect: () => ({ active: true }),
    token(claims = {}, { key = issuer.keys[0], typ = 'at+jwt' } = {}) {
      if (key === undefined) throw new TypeError('the issuer has no key');
      const issuedAt = Math.floor(now());
      const idx = (tokens += 1);
      return signJwt(
        {
          iss: url,
          sub: 'alice',
          aud: AUDIENCE,
          client_id: 'web',
          scope: 'orders:read orders:write',
          roles: ['editor'],
          sid: 's1',
          jti: `t${idx}`,
          iat: issuedAt,
          exp: issuedAt + 600,
          status: { status_list: { idx, uri: `${url}/v1/status-lists/1` } },
          ...claims,
        },
        { key, typ },
      );
    },
    async admit(seq = 0, records = []) {
      const stream = await server.nextStream();
      greet(stream, LOG, seq);
      stream.send('keys', { keys: issuer.keys.map((key) => exportJwk(key)) });
      sendSnapshot(stream, LOG, seq, records);
      return stream;
    },
    async revoke(stream, record) {
      const time = Math.floor(now());
      sendChange(stream, LOG, { before: time + 1, expires: time + 600, ...record });
      await server.confirmed(record.seq);
    },
    close: () => server.close(),
  };

  server.route = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { pathname } = new URL(request.url ?? '/', url);
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1);
    const json = (value: unknown): true => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      return true;
    };
    switch (pathname) {
      case '/.well-known/oauth-authorization-server':
        return json(issuer.metadata);
      case '/.well-known/openid-configuration':
        return json(issuer.metadata);
      case '/.well-known/jwks.json':
        return json({ keys: issuer.keys.map((key) => exportJwk(key)) });
      case '/oauth/introspect': {
        void answerIntrospection(request, response, issuer);
        return true;
      }
      default:
        return false;
    }
  };
  return issuer;
}

async function answerIntrospection(
  request: IncomingMessage,
  response: ServerResponse,
  issuer: TestIssuer,
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const expected = `Basic ${Buffer.from('verifier:a+secret').toString('base64')}`;
  if (issuer.introspect === undefined || request.headers.authorization !== expected) {
    response.writeHead(issuer.introspect === undefined ? 500 : 401).end();
    return;
  }
  const answer = issuer.introspect(new URLSearchParams(text).get('token') ?? '');
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}
