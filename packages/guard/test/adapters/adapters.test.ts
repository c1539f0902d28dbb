/** Every adapter gives the same answers to the same requests, over real sockets where there is one. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protect as protectExpress } from '../../src/adapters/express.ts';
import { protect as protectFastify } from '../../src/adapters/fastify.ts';
import { protect as protectFetch } from '../../src/adapters/fetch.ts';
import { protect as protectNode } from '../../src/adapters/node-http.ts';
import { createGuard, type Guard, type RoutePolicy } from '../../src/index.ts';
import { portOf } from '../feed/feed-server.ts';
import { AUDIENCE, CREDENTIAL, startTestIssuer, type TestIssuer } from '../test-issuer.ts';

const POLICIES: Readonly<Record<string, RoutePolicy>> = {
  '/read': { scopes: ['orders:read'] },
  '/admin': { scopes: ['admin'] },
  '/editors': { roles: { any: ['admin', 'owner'] } },
  '/acme': { claims: { '/tenant': 'acme' } },
  '/maybe': { auth: 'optional' },
  '/open': { auth: 'none' },
  '/bound': { senderConstrained: 'dpop' },
};

let issuer: TestIssuer;
let guard: Guard;

/** Each serves the policies above, and answers with the subject it was told. */
const adapters: Readonly<Record<string, () => Promise<Server>>> = {
  express: async () => {
    const app = express();
    for (const [path, policy] of Object.entries(POLICIES)) {
      app.get(path, protectExpress(guard, policy), (request, response) => {
        response.json({ subject: request.auth?.subject ?? null });
      });
    }
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  },
  fastify: async () => {
    const app = fastify();
    for (const [path, policy] of Object.entries(POLICIES)) {
      app.get(path, { onRequest: protectFastify(guard, policy) }, (request) => ({
        subject: request.auth?.subject ?? null,
      }));
    }
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  'node-http': () => {
    const routes = new Map(Object.entries(POLICIES).map(([path, policy]) => [path, protectNode(guard, policy)]));
    return listen((request, response) => {
      const handle = async (): Promise<void> => {
        const allowed = await routes.get(request.url ?? '')?.(request, response);
        if (allowed !== undefined) response.end(JSON.stringify({ subject: allowed.principal?.subject ?? null }));
      };
      void handle();
    });
  },
  fetch: () => {
    const routes = new Map(
      Object.entries(POLICIES).map(([path, policy]) => [
        path,
        protectFetch(guard, policy, (_request, principal) => Response.json({ subject: principal?.subject ?? null })),
      ]),
    );
    return listen((request, response) => {
      void serveWeb(request, response, routes.get(request.url ?? ''));
    });
  },
};

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function serveWeb(
  request: IncomingMessage,
  response: ServerResponse,
  handler: ((request: Request) => Promise<Response>) | undefined,
): Promise<void> {
  const headers = new Headers();
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    headers.append(request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '');
  }
  const answer = await handler?.(new Request(`http://${request.headers.host}${request.url}`, { headers }));
  if (answer === undefined) return;
  response.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text());
}

beforeAll(async () => {
  issuer = await startTestIssuer();
  guard = createGuard({
    url: issuer.url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    client: CREDENTIAL,
    revocation: { feed: 'push' },
    realm: 'orders',
    dpop: { nonceKey: Buffer.alloc(32, 7) },
  });
  await issuer.admit();
  await guard.ready;
});

afterAll(async () => {
  await guard.close();
  await issuer.close();
});

describe.each(Object.keys(adapters))('the adapter for %s', (name) => {
  let server: Server;
  let base: string;

  beforeAll(async () => {
    server = (await adapters[name]?.()) ?? createServer();
    base = `http://127.0.0.1:${portOf(server)}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const get = (path: string, token?: string): Promise<Response> =>
    fetch(`${base}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

  /** Two equal names, a tab: what fetch would not send. */
  const raw = (path: string, ...fields: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(portOf(server), '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
      socket.on('end', () => resolve(text)).on('error', reject);
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`,
      );
    });

  it('admits a good token and says who calls', async () => {
    const answer = await get('/read', issuer.token());
    expect([answer.status, await answer.json()]).toEqual([200, { subject: 'alice' }]);
  });

  it.each([
    ['/read', undefined, 401, 'token_missing', 'Bearer realm="orders"'],
    ['/read', 'a.b.c', 401, 'invalid_token', 'Bearer realm="orders", error="invalid_token"'],
    ['/admin', {}, 403, 'insufficient_scope', 'Bearer realm="orders", error="insufficient_scope", scope="admin"'],
    ['/editors', {}, 403, 'insufficient_role', 'Bearer realm="orders", error="insufficient_scope"'],
    ['/acme', { tenant: 'Acme' }, 403, 'insufficient_claims', 'Bearer realm="orders", error="insufficient_scope"'],
    ['/maybe', 'a.b.c', 401, 'invalid_token', 'Bearer realm="orders", error="invalid_token"'],
  ] as const)(
    'answers %s with %j by %i %s (RFC 6750 section 3, RFC 9457)',
    async (path, claims, status, code, challenge) => {
      const answer = await get(
        path,
        typeof claims === 'string' || claims === undefined ? claims : issuer.token({ ...claims }),
      );
      expect(answer.status).toBe(status);
      expect(answer.headers.get('www-authenticate')).toBe(challenge);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const body: unknown = await answer.json();
      expect(body).toMatchObject({ type: 'about:blank', status, code });
      expect(body).toHaveProperty('request_id');
    },
  );

  it('admits a claim of the exact value', async () => {
    expect((await get('/acme', issuer.token({ tenant: 'acme' }))).status).toBe(200);
  });

  it('lets anybody in where the policy says so, and keeps what optional means', async () => {
    expect(await (await get('/open', 'rubbish')).json()).toEqual({ subject: null });
    expect(await (await get('/maybe')).json()).toEqual({ subject: null });
    expect(await (await get('/maybe', issuer.token())).json()).toEqual({ subject: 'alice' });
  });

  describe('with tokens bound by DPoP (RFC 9449 section 7)', () => {
    const key = generateKeyPair('ES256');
    const boundToken = async (): Promise<string> =>
      issuer.token({ cnf: { jkt: await calculateJwkThumbprint(await exportJWK((await key).publicKey)) } });

    /** A proof as `jose` makes it. */
    async function proofFor(token: string, claims: Record<string, unknown> = {}): Promise<string> {
      const { privateKey, publicKey } = await key;
      const ath = createHash('sha256').update(token).digest('base64url');
      return new SignJWT({ jti: randomUUID(), htm: 'GET', htu: `${base}/bound`, ath, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
        .setIssuedAt()
        .sign(privateKey);
    }
    const ask = async (token: string, proof?: string) => {
      const headers = { authorization: `DPoP ${token}`, ...(proof === undefined ? {} : { dpop: proof }) };
      const answer = await fetch(`${base}/bound`, { headers });
      const { code, subject }: { code?: string; subject?: string } = JSON.parse(await answer.text());
      return { status: answer.status, said: code ?? subject, nonce: answer.headers.get('dpop-nonce'), answer };
    };

    it('asks for a proof with a nonce, takes it, and takes it once', async () => {
      const token = await boundToken();
      const first = await ask(token, await proofFor(token));
      expect([first.status, first.said]).toEqual([401, 'use_dpop_nonce']);
      expect(first.answer.headers.get('www-authenticate')).toMatch(
        /^DPoP realm="orders", error="use_dpop_nonce", algs=/u,
      );
      const proof = await proofFor(token, { nonce: first.nonce });
      expect(await ask(token, proof)).toMatchObject({ status: 200, said: 'alice' });
      expect(await ask(token, proof)).toMatchObject({ status: 401, said: 'invalid_dpop_proof' });
    });

    it.each<[string, Record<string, unknown>]>([
      ['another method', { htm: 'POST' }],
      ['another path', { htu: 'http://127.0.0.1/read' }],
      ['another token', { ath: createHash('sha256').update('x').digest('base64url') }],
    ])('refuses a proof for %s', async (_what, claims) => {
      const token = await boundToken();
      const { nonce } = await ask(token);
      const refused = await ask(token, await proofFor(token, { nonce, ...claims }));
      expect(refused).toMatchObject({ status: 401, said: 'invalid_dpop_proof' });
    });

    it('refuses the token without a proof, as a bearer token, and tokens that are not bound', async () => {
      const token = await boundToken();
      expect(await ask(token)).toMatchObject({ status: 401, said: 'invalid_dpop_proof' });
      expect((await get('/read', token)).status).toBe(401);
      expect(await (await get('/bound', issuer.token())).json()).toMatchObject({ code: 'token_unbound' });
    });

    it('refuses two proofs', async () => {
      const token = await boundToken();
      const { nonce } = await ask(token);
      const proofs = await Promise.all([proofFor(token, { nonce }), proofFor(token, { nonce })]);
      const answer = await raw('/bound', `Authorization: DPoP ${token}`, ...proofs.map((proof) => `DPoP: ${proof}`));
      expect(answer).toMatch(/^HTTP\/1\.1 401 /u);
      expect(answer).toContain('invalid_dpop_proof');
    });
  });

  it.each([
    ['two fields', () => [`Authorization: Bearer ${issuer.token()}`, `Authorization: Bearer ${issuer.token()}`]],
    ['two fields in different case', () => [`authorization: Bearer ${issuer.token()}`, 'AUTHORIZATION: Bearer x']],
    ['a tab', () => [`Authorization: Bearer\t${issuer.token()}`]],
    ['the scheme twice', () => [`Authorization: Bearer Bearer ${issuer.token()}`]],
  ])('answers 400 to %s (ATTACKS.md G7)', async (_name, fields) => {
    const answer = await raw('/read', ...fields());
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('error="invalid_request"');
  });
});

describe('a policy that cannot be', () => {
  it('fails where the route is set up', () => {
    const policy = JSON.parse('{ "scope": ["a"] }');
    expect(() => protectExpress(guard, policy)).toThrow(/scope: is not a member/);
    expect(() => protectFastify(guard, policy)).toThrow(/scope/);
    expect(() => protectNode(guard, policy)).toThrow(/scope/);
    expect(() => protectFetch(guard, policy, () => new Response())).toThrow(/scope/);
  });
});

describe('the principal', () => {
  it('prints and serializes without its token', async () => {
    const { inspect } = await import('node:util');
    const token = issuer.token();
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], nowSeconds: Date.now() / 1000 };
    const verdict = await guard.check(facts, guard.compile({}));
    const { principal } = verdict.allow ? verdict : {};
    expect(principal?.token).toBe(token);
    expect(`${JSON.stringify(principal)} ${inspect(principal, { depth: 9, showHidden: true })}`).not.toContain(
      token.slice(-40),
    );
  });
});
