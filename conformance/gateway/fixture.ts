/** A gateway in front of a reporting origin, with a foreign issuer that the tests hold the key of. */
import { createGateway, gatewayConfigSchema, type Gateway, type GatewayOptions } from '@sealgate/gateway';
import { exportJwk, generateKey, publicKey, signJwt, type Key } from '@sealgate/jwt';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as z from 'zod';
import { startOrigin, type Origin, type ReportingOrigin } from './origin.ts';

export const AUDIENCE = 'https://api.test';

export interface TestIssuer {
  readonly url: string;
  readonly key: Key;
  /** An access token (RFC 9068); claims given replace the usual ones. */
  token(claims?: Readonly<Record<string, unknown>>, key?: Key): string;
  close(): Promise<void>;
}

/** Discovery and keys, as any provider has them. */
export async function startIssuer(): Promise<TestIssuer> {
  const key = generateKey('ES256', { kid: 'test-key' });
  let url = '';
  const server = createServer((req, res) => {
    res.setHeader('content-type', 'application/json');
    if (req.url === '/jwks') res.end(JSON.stringify({ keys: [exportJwk(publicKey(key))] }));
    else if (req.url?.startsWith('/.well-known/') === true)
      res.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    else res.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let serial = 0;
  return {
    url,
    key,
    token(claims = {}, signingKey = key) {
      const now = Math.floor(Date.now() / 1000);
      return signJwt(
        {
          iss: url,
          aud: AUDIENCE,
          sub: 'alice',
          client_id: 'web',
          iat: now,
          exp: now + 300,
          jti: `jti-${serial++}`,
          scope: 'orders:read orders:write',
          roles: ['editor'],
          ...claims,
        },
        { key: signingKey, typ: 'at+jwt' },
      );
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface TestGateway<Behind extends ReportingOrigin = Origin> {
  readonly gateway: Gateway;
  readonly origin: Behind;
  readonly issuer: TestIssuer;
  readonly port: number;
  readonly adminUrl: string;
  readonly url: string;
  close(): Promise<void>;
}

export type RawConfig = Readonly<Record<string, unknown>>;

/** The whole configuration, with `overrides` over the usual one; upstreams without `urls` are the origin. Parsed by the real schema. */
export function configFor(
  originUrl: string,
  issuerUrl: string,
  overrides: RawConfig = {},
): z.output<typeof gatewayConfigSchema> {
  const { upstreams = {}, ...others } = overrides;
  const further = Object.entries(upstreams as Record<string, RawConfig>);
  return gatewayConfigSchema.parse({
    listen: 'http://127.0.0.1:0',
    admin: 'http://127.0.0.1:0',
    issuers: { main: { url: issuerUrl, audience: [AUDIENCE], algorithms: ['ES256'] } },
    upstreams: {
      origin: { urls: [originUrl] },
      ...Object.fromEntries(further.map(([name, upstream]) => [name, { urls: [originUrl], ...upstream }])),
    },
    accessLog: { to: 'off' },
    defaults: { identity: { headers: { 'x-user-id': '/sub', 'x-user-roles': '/roles', 'x-tenant-id': '/tenant' } } },
    routes: [
      { path: '/open/**', to: 'origin', auth: 'none' },
      { path: '/orders/**', to: 'origin', methods: ['GET'], require: { scopes: ['orders:read'] } },
      {
        path: '/orders/**',
        to: 'origin',
        methods: ['POST', 'PUT'],
        require: { scopes: ['orders:write'], roles: { any: ['editor'] } },
      },
      { path: '/admin/**', to: 'origin', require: { roles: ['admin'] } },
      { path: '/maybe/**', to: 'origin', auth: 'optional' },
    ],
    ...others,
  });
}

export function startGateway(overrides: RawConfig = {}, options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  return startGatewayBefore(startOrigin, overrides, options);
}

/** The same with another kind of origin behind. */
export async function startGatewayBefore<Behind extends ReportingOrigin>(
  start: () => Promise<Behind>,
  overrides: RawConfig = {},
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway<Behind>> {
  const [origin, issuer] = await Promise.all([start(), startIssuer()]);
  const gateway = await createGateway({ config: configFor(origin.url, issuer.url, overrides), ...options });
  const { url, adminUrl } = await gateway.listen();
  await gateway.ready;
  return {
    gateway,
    origin,
    issuer,
    url,
    adminUrl,
    port: Number(new URL(url).port),
    async close() {
      await gateway.close();
      await Promise.all([origin.close(), issuer.close()]);
    },
  };
}
