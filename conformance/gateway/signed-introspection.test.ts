/** Signed answers about opaque tokens (RFC 9701): taken when everything about them is right, and then meaning what they say; nothing else is an answer. */
import { exportJwk, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIENCE, startGateway, type TestGateway } from './fixture.ts';

const MEDIA_TYPE = 'application/token-introspection+jwt';
const key = generateKey('ES256', { kid: 'issuer-key' });
const stranger = generateKey('ES256', { kid: 'issuer-key' });
const unlisted = generateKey('ES384', { kid: 'other-key' });
const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-signed-'));
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

interface Said {
  readonly body: string;
  readonly mediaType?: string;
}

const answers = new Map<string, Said>();
let asked: (string | undefined)[] = [];
let server: Server;
let issuerUrl = '';
let at: TestGateway;
beforeAll(async () => {
  server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      if (req.url?.startsWith('/.well-known/') === true) {
        const introspection = { introspection_endpoint: `${issuerUrl}/introspect` };
        res.end(JSON.stringify({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/jwks`, ...introspection }));
      } else if (req.url === '/jwks') {
        res.end(JSON.stringify({ keys: [exportJwk(publicKey(key)), exportJwk(publicKey(unlisted))] }));
      } else {
        asked.push(req.headers.accept);
        const { body, mediaType = MEDIA_TYPE } = answers.get(new URLSearchParams(text).get('token') ?? '') ?? {
          body: '',
        };
        res.writeHead(200, { 'content-type': mediaType }).end(body);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  issuerUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(path.join(folder, 'secret'), 's3cret-word');
  const client = { id: 'gateway', secret: `file:${path.join(folder, 'secret')}` };
  const opaque = {
    url: issuerUrl,
    audience: [AUDIENCE],
    algorithms: ['ES256'],
    client,
    opaqueTokens: { signed: true },
  };
  at = await startGateway({ issuers: { opaque } });
});
afterAll(async () => {
  await at.close();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const answer = (more = {}): Record<string, unknown> => {
  const times = { iat: nowSeconds(), exp: nowSeconds() + 60 };
  const token = { iss: issuerUrl, aud: AUDIENCE, token_type: 'Bearer', sub: 'alice', client_id: 'web', ...times };
  return { active: true, scope: 'orders:read', ...token, ...more };
};
const signed = (claims = {}, how = {}): string => {
  const whole = { iss: issuerUrl, aud: 'gateway', iat: nowSeconds(), token_introspection: answer(), ...claims };
  return signJwt(whole, { key, typ: 'token-introspection+jwt', ...how });
};

let serial = 0;
/** The status of a request whose token the issuer speaks of so. */
async function statusWhen(said: Said): Promise<number> {
  const token = `opaque-${serial++}`;
  answers.set(token, said);
  return (await fetch(`${at.url}/orders/1`, { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('a signed answer', () => {
  it('is asked for, and means what a plain one would', async () => {
    asked = [];
    expect(await statusWhen({ body: signed() })).toBe(200);
    expect(asked).toEqual([MEDIA_TYPE]);
    const [seen] = at.origin.take();
    expect(seen?.rawHeaders).toContain('alice');
    expect(await statusWhen({ body: signed({ aud: ['gateway'] }) })).toBe(200);
    expect(await statusWhen({ body: signed({ token_introspection: { active: false } }) })).toBe(401);
    expect(await statusWhen({ body: signed({ token_introspection: answer({ aud: 'https://other.test' }) }) })).toBe(
      401,
    );
    expect(await statusWhen({ body: signed({ token_introspection: answer({ scope: 'other' }) }) })).toBe(403);
    at.origin.take();
  });

  it.each<[string, () => Said]>([
    ['plain', () => ({ body: JSON.stringify(answer()), mediaType: 'application/json' })],
    ['plain under the name of a signed one', () => ({ body: JSON.stringify(answer()) })],
    ['signed under the name of a plain one', () => ({ body: signed(), mediaType: 'application/json' })],
    ['of the type of an access token', () => ({ body: signed({}, { typ: 'at+jwt' }) })],
    ['of no type', () => ({ body: signed({}, { typ: 'JWT' }) })],
    ['of another issuer', () => ({ body: signed({ iss: 'https://other.test' }) })],
    ['for another client', () => ({ body: signed({ aud: 'other' }) })],
    ['for others as well', () => ({ body: signed({ aud: ['gateway', 'other'] }) })],
    ['for nobody', () => ({ body: signed({ aud: undefined }) })],
    ['of another time', () => ({ body: signed({ iat: nowSeconds() - 120 }) })],
    ['of the future', () => ({ body: signed({ iat: nowSeconds() + 60 }) })],
    ['of no time', () => ({ body: signed({ iat: undefined }) })],
    ['signed by somebody else', () => ({ body: signed({}, { key: stranger }) })],
    ['signed by an algorithm that is not accepted', () => ({ body: signed({}, { key: unlisted }) })],
    ['with its signature cut off', () => ({ body: signed().replace(/[^.]*$/u, '') })],
    ['without an answer in it', () => ({ body: signed({ token_introspection: undefined }) })],
    ['with a text for an answer', () => ({ body: signed({ token_introspection: 'active' }) })],
    ['an access token', () => ({ body: signJwt(answer(), { key, typ: 'at+jwt' }) })],
    ['nothing', () => ({ body: '' })],
  ])('that is %s is no answer', async (_name, say) => {
    expect(await statusWhen(say())).toBe(503);
    expect(at.origin.take()).toEqual([]);
  });
});
