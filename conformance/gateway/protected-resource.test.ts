/** Protected resource metadata (RFC 9728), and challenges that say where it is (section 5.1). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';

let at: TestGateway;
beforeAll(async () => {
  at = await startGateway({
    protectedResources: [
      { resource: 'https://127.0.0.1/', name: 'Acme' },
      { resource: 'https://127.0.0.1/orders', documentation: 'https://docs.acme.test/', scopes: ['orders:read'] },
      { resource: 'https://other.test/orders' },
    ],
    trustProxies: [],
  });
});
afterAll(() => at.close());

const METADATA = '/.well-known/oauth-protected-resource';

describe('the documents', () => {
  it('are at the well-known path of each resource, for everybody', async () => {
    const root = await fetch(`${at.url}${METADATA}`, { headers: { origin: 'https://app.test' } });
    expect(root.headers.get('content-type')).toBe('application/json');
    expect(root.headers.get('access-control-allow-origin')).toBe('*');
    expect(await root.json()).toMatchObject({
      resource: 'https://127.0.0.1/',
      authorization_servers: [at.issuer.url],
      scopes_supported: ['orders:read', 'orders:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Acme',
    });
    expect(await (await fetch(`${at.url}${METADATA}/orders`)).json()).toMatchObject({
      resource: 'https://127.0.0.1/orders',
      scopes_supported: ['orders:read'],
      resource_documentation: 'https://docs.acme.test/',
    });
    expect(at.origin.take()).toEqual([]);
  });

  it('answer nothing else', async () => {
    expect((await fetch(`${at.url}${METADATA}`, { method: 'POST' })).status).toBe(401);
    expect((await fetch(`${at.url}${METADATA}/admin`)).status).toBe(401);
    expect((await fetch(`${at.url}${METADATA}x`)).status).toBe(401);
  });
});

describe('a challenge', () => {
  it.each([
    ['/orders/1', 'https://127.0.0.1/.well-known/oauth-protected-resource/orders'],
    ['/admin/1', 'https://127.0.0.1/.well-known/oauth-protected-resource'],
    ['/nowhere', 'https://127.0.0.1/.well-known/oauth-protected-resource'],
  ])('at %s says where the metadata of its resource are', async (path, url) => {
    const answer = await fetch(`${at.url}${path}`);
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="api", resource_metadata="${url}"`);
  });
});
