/** What anyone may read: metadata (RFC 8414, OpenID Connect Discovery) and keys (RFC 7517). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';

let issuer: IssuerUnderTest;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

describe('metadata (RFC 8414 section 2)', () => {
  it('is the same at both well-known addresses, names this issuer, and points to endpoints that are there', async () => {
    const [oauth, openid] = await Promise.all([
      issuer.get('/.well-known/oauth-authorization-server'),
      issuer.get('/.well-known/openid-configuration'),
    ]);
    expect(oauth.body).toEqual(openid.body);
    expect(oauth.body['issuer']).toBe(issuer.url);
    const endpoints = Object.entries(oauth.body).filter(([name]) => /_(?:endpoint|uri)$/u.test(name));
    expect(endpoints.map(([name]) => name).sort()).toEqual([
      'introspection_endpoint',
      'jwks_uri',
      'revocation_endpoint',
      'sealgate_feed_ack_endpoint',
      'sealgate_feed_endpoint',
      'token_endpoint',
    ]);
    for (const [, url] of endpoints) {
      const { status } = await fetch(String(url), { method: 'OPTIONS' });
      expect(status).toBe(405);
    }
  });

  it('stands between host and path where the issuer has a path (section 3.1)', async () => {
    const other = await startIssuer({ config: { url: 'http://127.0.0.1:0/tenants/acme' } });
    const origin = new URL(other.url).origin;
    const answer = await fetch(`${origin}/.well-known/oauth-authorization-server/tenants/acme`);
    expect(await answer.json()).toMatchObject({ issuer: other.url, token_endpoint: `${other.url}/oauth/token` });
    expect((await other.get('/.well-known/openid-configuration')).body['issuer']).toBe(other.url);
    expect((await other.get('/.well-known/jwks.json')).status).toBe(200);
    await other.close();
  });
});

describe('the key set (RFC 7517 section 5)', () => {
  it('holds public keys alone, each with its algorithm, use and id', async () => {
    const { body, headers } = await issuer.get('/.well-known/jwks.json');
    expect(body['keys']).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        alg: 'ES256',
        use: 'sig',
        kid: expect.any(String),
      },
    ]);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('is not sent again to whoever has it (RFC 9110 section 13.1.2)', async () => {
    const etag = (await issuer.get('/.well-known/jwks.json')).headers.get('etag') ?? '';
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text } = await issuer.get('/.well-known/jwks.json', { 'if-none-match': header });
      expect([status, text]).toEqual([304, '']);
    }
    expect((await issuer.get('/.well-known/jwks.json', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('stays the same over a restart', async () => {
    const before = await issuer.get('/.well-known/jwks.json');
    issuer = await issuer.restart();
    expect((await issuer.get('/.well-known/jwks.json')).body).toEqual(before.body);
  });
});

describe('operation', () => {
  it('says that it lives and is ready', async () => {
    expect((await issuer.get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await issuer.get('/readyz')).body).toEqual({ status: 'ok', checks: { database: { ok: true } } });
  });

  it('counts its answers', async () => {
    const { text } = await issuer.get('/metrics');
    expect(text).toMatch(/sealgate_issuer_request_seconds_count\{route="\/healthz",status="200"\} \d/u);
  });
});
