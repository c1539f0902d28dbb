/**
 * Routes that take bound tokens only, and nonces for DPoP proofs (RFC 9449 sections 7 to 9), with somebody else's client, `oauth4webapi`. Tokens bound to
 * certificates are in `tls.test.ts`; proofs that are wrong in `../guard/i7-dpop-proof.test.ts`.
 */
import { DPOP_ALGORITHMS } from '@sealgate/jwt';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor, startGateway, type TestGateway } from './fixture.ts';

const ROUTES = [
  { path: '/bound/**', to: 'origin', require: { senderConstrained: 'dpop' } },
  { path: '/either/**', to: 'origin', require: { senderConstrained: 'any' } },
  { path: '/free/**', to: 'origin' },
];
const ALGS = `algs="${DPOP_ALGORITHMS.join(' ')}"`;

let folder: string;
let plain: TestGateway;
let withNonces: TestGateway;
let keys: oauth.CryptoKeyPair;
let jkt: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-dpop-'));
  writeFileSync(path.join(folder, 'nonce.key'), 'n'.repeat(32));
  const dpop = { nonceSecret: `file:${path.join(folder, 'nonce.key')}` };
  [plain, withNonces, keys] = await Promise.all([
    startGateway({ routes: ROUTES }),
    startGateway({ routes: ROUTES, dpop }),
    oauth.generateKeyPair('ES256'),
  ]);
  jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
});
afterAll(async () => {
  await Promise.all([plain.close(), withNonces.close()]);
  rmSync(folder, { recursive: true });
});

const bearer = async (at: TestGateway, route: string, token?: string) => {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(`${at.url}${route}`, headers === undefined ? {} : { headers });
  const { code } = (await response.json()) as { code?: string };
  return [response.status, code, response.headers.get('www-authenticate')];
};
const boundToken = (at: TestGateway): string => at.issuer.token({ cnf: { jkt } });
const client = () => oauth.DPoP({}, keys);
const call = (at: TestGateway, route: string, token: string, DPoP: oauth.DPoPHandle): Promise<Response> =>
  oauth.protectedResourceRequest(token, 'GET', new URL(`${at.url}${route}`), undefined, undefined, {
    DPoP,
    [oauth.allowInsecureRequests]: true,
  });

describe('a route that takes tokens bound by DPoP', () => {
  it.each(['/bound/x', '/either/x', '/free/x'])('takes one with its proof: %s', async (route) => {
    const response = await call(plain, route, boundToken(plain), client());
    expect([response.status, response.headers.get('dpop-nonce')]).toEqual([200, null]);
  });

  it('takes no other, and says so in the scheme that it wants (section 7.1)', async () => {
    const unbound = plain.issuer.token();
    expect(await bearer(plain, '/bound/x', unbound)).toEqual([
      401,
      'token_unbound',
      `DPoP realm="api", error="invalid_token", ${ALGS}`,
    ]);
    expect(await bearer(plain, '/either/x', unbound)).toEqual([
      401,
      'token_unbound',
      `Bearer realm="api", error="invalid_token", DPoP ${ALGS}`,
    ]);
    expect((await bearer(plain, '/free/x', unbound))[0]).toBe(200);
  });

  it('asks for one in that scheme', async () => {
    expect(await bearer(plain, '/bound/x')).toEqual([401, 'token_missing', `DPoP realm="api", ${ALGS}`]);
    expect(await bearer(plain, '/either/x')).toEqual([401, 'token_missing', `Bearer realm="api", DPoP ${ALGS}`]);
    expect(await bearer(plain, '/free/x')).toEqual([401, 'token_missing', 'Bearer realm="api"']);
  });

  it('does not take a bound token as a mere bearer token (section 7.2)', async () => {
    for (const route of ['/bound/x', '/either/x', '/free/x']) {
      expect((await bearer(plain, route, boundToken(plain))).slice(0, 2)).toEqual([401, 'invalid_token']);
    }
  });

  it('does not take a token that is bound to a certificate instead', async () => {
    const token = plain.issuer.token({ cnf: { 'x5t#S256': jkt } });
    expect((await bearer(plain, '/bound/x', token))[1]).toBe('token_unbound');
    expect((await bearer(plain, '/either/x', token))[1]).toBe('invalid_token');
  });

  it('is shown with what it asks for', async () => {
    const { steps, changes } = await plain.gateway.explain({
      token: plain.issuer.token(),
      method: 'GET',
      url: '/bound/x',
      headers: {},
    });
    expect(steps.at(-1)).toMatchObject({ rule: 'binding', passed: false });
    expect(changes).toEqual(['ask the issuer for a token that is bound to a key of the sender']);
  });
});

describe('nonces (sections 8 and 9)', () => {
  it('are asked for, told, and taken by a client that knows them', async () => {
    const handle = client();
    const token = boundToken(withNonces);
    const refused: unknown = await call(withNonces, '/bound/x', token, handle).catch((error: unknown) => error);
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
    expect(refused).toMatchObject({ status: 401, response: expect.any(Response) });
    const { headers } = (refused as { response: Response }).response;
    expect(headers.get('www-authenticate')).toBe(`DPoP realm="api", error="use_dpop_nonce", ${ALGS}`);
    expect(headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/u);
    // The client has remembered the nonce, and gets the next one with each answer.
    const answer = await call(withNonces, '/bound/x', token, handle);
    expect([answer.status, answer.headers.get('dpop-nonce')]).toEqual([200, headers.get('dpop-nonce')]);
    expect((await call(withNonces, '/free/x', token, handle)).status).toBe(200);
    expect(withNonces.origin.take()).toHaveLength(2);
  });

  it('are not for whoever shows a bearer token', async () => {
    const headers = { authorization: `Bearer ${withNonces.issuer.token()}` };
    const response = await fetch(`${withNonces.url}/free/x`, { headers });
    expect([response.status, response.headers.get('dpop-nonce')]).toEqual([200, null]);
  });

  it('of another secret do not count, nor does one that is made up', async () => {
    const DPoP = oauth.DPoP({}, keys, {
      [oauth.modifyAssertion]: (_header, payload) => {
        payload['nonce'] = 'A'.repeat(22);
      },
    });
    const refused: unknown = await call(withNonces, '/bound/x', boundToken(withNonces), DPoP).catch(
      (error: unknown) => error,
    );
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
  });
});

describe('a configuration', () => {
  it('may ask for certificates only where it learns of them, and for one kind of binding', () => {
    const faults = (more: Record<string, unknown>) => {
      try {
        void configFor(plain.origin.url, plain.issuer.url, more);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const mtls = { path: '/**', to: 'origin', require: { senderConstrained: 'mtls' } };
    expect(faults({ routes: [mtls] })).toContain('tls.clients');
    expect(faults({ routes: [mtls], defaults: { require: { senderConstrained: 'dpop' } } })).toContain('ask for one');
    expect(faults({ routes: ROUTES, defaults: { require: { senderConstrained: 'any' } } })).toBe('');
  });

  it('is known to clients beforehand (RFC 9728 section 2)', async () => {
    const documented = await startGateway({
      routes: ROUTES,
      protectedResources: [{ resource: 'http://127.0.0.1/bound' }, { resource: 'http://127.0.0.1/free' }],
    });
    const metadata = async (at: string): Promise<unknown> =>
      (await fetch(`${documented.url}/.well-known/oauth-protected-resource${at}`)).json();
    expect(await metadata('/bound')).toHaveProperty('dpop_bound_access_tokens_required', true);
    expect(await metadata('/free')).not.toHaveProperty('dpop_bound_access_tokens_required');
    await documented.close();
  });
});
