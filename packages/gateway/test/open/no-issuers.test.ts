/** A gateway that knows no issuer: every route is open, and what is not open is not there. */
import { createGateway, createRehearsal, gatewayConfigSchema, runConfigTests } from '@sealgate/gateway';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

const origin = createServer((_req, res) => res.end('from the origin'));
beforeAll(() => new Promise<void>((resolve) => void origin.listen(0, '127.0.0.1', resolve)));
afterAll(() => void origin.close());

const config = () =>
  gatewayConfigSchema.parse({
    listen: 'http://127.0.0.1:0',
    admin: 'http://127.0.0.1:0',
    accessLog: { to: 'off' },
    upstreams: { origin: { urls: [`http://127.0.0.1:${(origin.address() as AddressInfo).port}`] } },
    routes: [{ path: '/open/**', to: 'origin', auth: 'none' }],
  });

it('starts, is ready, and serves', async () => {
  const gateway = await createGateway({ config: config() });
  try {
    const { url, adminUrl } = await gateway.listen();
    await gateway.ready;
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    const headers = { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' };
    expect(await (await fetch(`${url}/open/x`, { headers })).text()).toBe('from the origin');
    expect((await fetch(`${url}/other`, { headers })).status).toBe(404);
    await gateway.reload(config());
  } finally {
    await gateway.close();
  }
});

it('runs its tests and explains its requests', async () => {
  const [result] = await runConfigTests(config(), [
    { request: 'GET /open/x', host: 'localhost', headers: {}, token: 'none', dpop: false, expect: 200 },
  ]);
  expect(result).toMatchObject({ passed: true });
  const rehearsal = await createRehearsal({ config: config(), now: () => 0 });
  expect(await rehearsal.explain({ method: 'GET', url: '/open/x' })).toMatchObject({ allow: true });
  await rehearsal.close();
});
