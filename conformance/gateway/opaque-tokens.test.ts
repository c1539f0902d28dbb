/** Opaque tokens: the issuer is asked (RFC 7662), its answer held against the rules, believed for a while, and never missing. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, startGateway, type TestGateway } from './fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-opaque-'));
const answers = new Map<string, unknown>();
let asked: string[] = [];
let status = 200;
let server: Server;
let issuerUrl = '';
let clockSeconds = 0;
let at: TestGateway;

/** An issuer of opaque tokens: metadata, one endpoint, and no keys at all. */
beforeAll(async () => {
  server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      res.setHeader('content-type', 'application/json');
      if (req.url?.startsWith('/.well-known/') === true) {
        res.end(JSON.stringify({ issuer: issuerUrl, introspection_endpoint: `${issuerUrl}/introspect` }));
        return;
      }
      const right = req.headers.authorization === `Basic ${Buffer.from('gateway:s3cret-word').toString('base64')}`;
      const token = new URLSearchParams(body).get('token') ?? '';
      asked.push(token);
      res.writeHead(right ? status : 401).end(JSON.stringify(answers.get(token) ?? { active: false }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  issuerUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(path.join(folder, 'secret'), 's3cret-word');
  const secret = `file:${path.join(folder, 'secret')}`;
  at = await startGateway(
    {
      issuers: {
        opaque: {
          url: issuerUrl,
          audience: [AUDIENCE],
          algorithms: ['ES256'],
          client: { id: 'gateway', secret },
          opaqueTokens: { cache: '30s', negativeCache: '5s', maxEntries: 50 },
        },
      },
    },
    { now: () => Date.now() / 1000 + clockSeconds },
  );
});
beforeEach(() => {
  asked = [];
  status = 200;
});
afterAll(async () => {
  await at.close();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const good = (more: Readonly<Record<string, unknown>> = {}) => ({
  active: true,
  token_type: 'Bearer',
  aud: AUDIENCE,
  exp: Math.floor(Date.now() / 1000) + 600,
  sub: 'alice',
  client_id: 'web',
  scope: 'orders:read',
  roles: ['editor'],
  ...more,
});

let serial = 0;
/** A new token of which the issuer says this. */
function tokenFor(answer: unknown): string {
  const token = `opaque-${serial++}`;
  answers.set(token, answer);
  return token;
}

const call = (token: string): Promise<Response> =>
  fetch(`${at.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } });

async function metric(result: string): Promise<number> {
  const text = await (await fetch(`${at.adminUrl}/metrics`)).text();
  const line = new RegExp(
    `^sealgate_gateway_introspections_total\\{issuer="opaque",result="${result}"\\} (\\d+)$`,
    'mu',
  );
  return Number(line.exec(text)?.[1]);
}

describe('what the issuer says of an opaque token', () => {
  it('makes a principal like that of a JWT', async () => {
    const answer = await call(tokenFor(good({ tenant: 'acme' })));
    expect(answer.status).toBe(200);
    const [seen] = at.origin.take();
    const fields = seen?.rawHeaders ?? [];
    const value = (name: string) => fields[fields.indexOf(name) + 1];
    expect([value('x-user-id'), value('x-user-roles'), value('x-tenant-id')]).toEqual(['alice', 'editor', 'acme']);
  });

  it.each<[string, unknown, number]>([
    ['not active', { active: false }, 401],
    ['another audience', good({ aud: ['https://other.test'] }), 401],
    ['no audience', good({ aud: undefined }), 401],
    ['another issuer', good({ iss: 'https://other.test' }), 401],
    ['ended', good({ exp: 1 }), 401],
    ['no end', good({ exp: undefined }), 401],
    ['an end that is none', good({ exp: 'soon' }), 401],
    ['not yet', good({ nbf: Math.floor(Date.now() / 1000) + 100 }), 401],
    ['no type', good({ token_type: undefined }), 401],
    ['a refresh token', good({ token_type: 'refresh_token' }), 401],
    ['a refresh token of an issuer that calls both Bearer', good({ token_use: 'refresh_token' }), 401],
    ['bound to a key, and sent without', good({ cnf: { jkt: 'x'.repeat(43) } }), 401],
    ['too little scope', good({ scope: 'other' }), 403],
    ['"active" as a text', { ...good(), active: 'true' }, 503],
    ['no object', [], 503],
  ])('%s is refused', async (_name, answer, expected) => {
    expect((await call(tokenFor(answer))).status).toBe(expected);
    expect(at.origin.take()).toEqual([]);
  });
});

describe('answers are believed for a while', () => {
  it('good ones for `cache`, bad ones for `negativeCache`', async () => {
    const [yes, no] = [tokenFor(good()), tokenFor({ active: false })];
    const hits = await metric('hit');
    for (let round = 0; round < 3; round++) {
      expect((await call(yes)).status).toBe(200);
      expect((await call(no)).status).toBe(401);
    }
    expect(asked).toEqual([yes, no]);
    expect(await metric('hit')).toBe(hits + 4);
    clockSeconds += 6;
    await call(yes);
    await call(no);
    expect(asked).toEqual([yes, no, no]);
    clockSeconds += 25;
    answers.set(yes, { active: false });
    expect((await call(yes)).status).toBe(401);
  });

  it('never beyond the end of the token', async () => {
    const token = tokenFor(good({ exp: Math.floor(Date.now() / 1000 + clockSeconds) + 4 }));
    expect((await call(token)).status).toBe(200);
    clockSeconds += 5;
    expect((await call(token)).status).toBe(401);
  });

  it('one question for all who ask at once', async () => {
    const token = tokenFor(good());
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await call(token)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(asked).toEqual([token]);
  });

  it('a flood of guesses pushes out no good answer', async () => {
    const token = tokenFor(good());
    await call(token);
    await Promise.all(Array.from({ length: 80 }, (_, index) => call(`guess-${index}`)));
    asked = [];
    expect((await call(token)).status).toBe(200);
    expect(asked).toEqual([]);
  });
});

describe('an issuer that gives no answer', () => {
  it('is "cannot be checked now", not "bad", and is asked again', async () => {
    const token = tokenFor(good());
    status = 500;
    const answer = await call(token);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'temporarily_unavailable' }]);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await metric('failed')).toBeGreaterThan(0);
    status = 200;
    expect((await call(token)).status).toBe(200);
  });

  it('is never asked about what cannot be a token, nor about a JWT', async () => {
    expect((await call('with"quote')).status).toBe(400);
    expect((await call('x'.repeat(5000))).status).toBe(401);
    expect((await call('a.b.c')).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe('the admin port', () => {
  it('explains a refusal without asking about the signature of what has none', async () => {
    const answer = await call(tokenFor(good({ scope: 'other' })));
    const { request_id: id } = (await answer.json()) as { request_id: string };
    const decision = (await (await fetch(`${at.adminUrl}/decisions/${id}`)).json()) as { trace: { rule: string }[] };
    const rules = decision.trace.map(({ rule }) => rule);
    expect(rules).toContain('introspection');
    expect(rules).not.toContain('signature');
  });
});
