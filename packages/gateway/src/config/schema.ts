/**
 * The `gateway:` section of the configuration file. One strict schema: types, checks, documentation and JSON Schema come from it.
 *
 * Names that refer to nothing, and things that nothing refers to, are errors here, where the loader can say in which line; what the
 * settings mean for a request is compiled in `compile.ts`.
 */
import { byteSize, duration, filePath, isLoopbackHost, listenUrl, secret } from '@sealgate/service';
import * as z from 'zod';
import { accessSchema, addressRange } from './access-schema.ts';
import { dpopSchema } from './dpop-schema.ts';
import { internalTokensSchema } from './internal-tokens-schema.ts';
import { issuerSchema } from './issuer-schema.ts';
import { checkReferences } from './references.ts';
import { defaultsSchema, routeSchema } from './route-schema.ts';
import { resourceSchema } from './resource-schema.ts';
import { storeSchema } from './store-schema.ts';
import { serverTlsSchema } from './tls-schema.ts';
import { tracingSchema } from './tracing-schema.ts';
import { upstreamSchema } from './upstream-schema.ts';

const name = () => z.string().regex(/^[a-z][a-z0-9-]{0,62}$/u, 'expected a name of lower-case letters, digits and "-"');

export const limitsSchema = z
  .strictObject({
    headerSize: byteSize({ min: '1kb', max: '256kb' })
      .prefault('16kb')
      .describe('Request line and headers together; 431 beyond.'),
    headerCount: z.int().min(8).max(2000).default(100).describe('Header fields in a request; 431 beyond.'),
    urlLength: byteSize({ min: '64b', max: '64kb' }).prefault('8kb').describe('Path and query; 414 beyond.'),
    headersTimeout: duration({ min: '100ms', max: '5m' })
      .prefault('10s')
      .describe('Longest time to send the headers; 408 beyond.'),
    requestTimeout: duration({ min: '100ms', max: '24h' })
      .prefault('60s')
      .describe(
        'Longest time to send the whole request, body included; 408 beyond. Once the answer has begun: longest time in which a client over HTTP/1.1 reads none of it.',
      ),
    keepAlive: duration({ min: '100ms', max: '1h' }).prefault('65s').describe('How long a client connection may idle.'),
    connections: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50_000)
      .describe('Client connections at once; more are closed at once.'),
    store: storeSchema
      .optional()
      .describe(
        'Redis or Valkey, where `rateLimit` and `quota` are counted for all gateways together: a URL, or the details. Each gateway ' +
          'counts for itself when absent, each process while it cannot be reached.',
      ),
  })
  .prefault({});

const http2Schema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether clients that prefer it get it, in the TLS handshake (ALPN).'),
    cleartext: z
      .boolean()
      .default(false)
      .describe('Without TLS, takes clients that speak it from the first octet (h2c, prior knowledge).'),
    maxStreams: z.int().min(1).max(10_000).default(100).describe('Requests at once on one connection.'),
  })
  .prefault({});

/** `file:PATH`, from the folder of the configuration file. */
const logFile = () =>
  z
    .string()
    .startsWith('file:')
    .min(6)
    .transform((text) => `file:${filePath().parse(text.slice('file:'.length))}`)
    .meta({ pattern: '^file:.+$' });

const accessLogSchema = z
  .strictObject({
    to: z
      .union([z.enum(['stdout', 'off']), logFile()])
      .default('stdout')
      .describe('`stdout`, `off`, or `file:PATH`. Never a token, never a query.'),
    format: z
      .enum(['json', 'common'])
      .default('json')
      .describe('`json`: one object a line. `common`: the Common Log Format of web servers, with the subject as user.'),
  })
  .prefault({});

const forwardAuthSchema = z.strictObject({
  listen: listenUrl().describe('A port of its own, for the proxy alone.'),
  from: z
    .enum(['original', 'forwarded', 'request', 'envoy'])
    .describe(
      'Where the proxy says which request it asks about. `original`: X-Original-Method and X-Original-URI (nginx); `forwarded`: X-Forwarded-Method ' +
        'and X-Forwarded-Uri (HAProxy, Caddy, Apache, Traefik); `request`: the question has the same method and path (Envoy over HTTP); ' +
        '`envoy`: as Envoy asks over gRPC (envoy.service.auth.v3).',
    ),
});

/** More than cores help nobody. */
const MOST_WORKERS = 128;

export const gatewayConfigSchema = z
  .strictObject({
    listen: listenUrl({ tls: true }).describe('The public port; `https://` with `tls`.'),
    tls: serverTlsSchema.optional().describe('Certificates of the public port, and those asked of clients.'),
    http2: http2Schema.describe('HTTP/2 on the public port, beside HTTP/1.1.'),
    proxyProtocol: z
      .boolean()
      .default(false)
      .describe(
        'Connections from `trustProxies` begin with a PROXY header, version 2, that says whose they are; without one they are closed.',
      ),
    admin: listenUrl()
      .prefault('http://127.0.0.1:8081')
      .describe('Health, metrics, routes, decisions. Never the public port; beyond loopback it needs `adminToken`.'),
    adminToken: secret().optional().describe('Bearer token that the admin port asks for, except for health.'),
    trustProxies: z
      .array(addressRange())
      .default([])
      .describe(
        'Addresses of proxies in front, whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. Nobody else’s are.',
      ),
    access: accessSchema.optional().describe('Which client addresses are served at all. 403 for others.'),
    issuers: z.record(name(), issuerSchema).default({}).describe('Whose tokens are accepted, by name.'),
    upstreams: z.record(name(), upstreamSchema).describe('The services behind, by name.'),
    defaults: defaultsSchema.describe('What holds for every route that does not say otherwise.'),
    forwardAuth: forwardAuthSchema
      .optional()
      .describe('Answers other proxies (nginx, Apache, Traefik, Caddy, Envoy, HAProxy) whether a request may pass.'),
    dpop: dpopSchema.optional().describe('What is asked of DPoP proofs beyond RFC 9449 section 4.3.'),
    internalTokens: internalTokensSchema
      .optional()
      .describe('Tokens that the gateway signs for upstreams; goes with `identity: { mode: internal }`.'),
    protectedResources: z
      .array(resourceSchema)
      .default([])
      .describe(
        'What clients can read about the API at `/.well-known/oauth-protected-resource` (RFC 9728); challenges of its routes say where.',
      ),
    routes: z.array(routeSchema).min(1).describe('What is open to whom. A path that no route names is refused.'),
    limits: limitsSchema.describe('Caps on what a client may send, and where limits are counted.'),
    tracing: tracingSchema
      .optional()
      .describe('Traces: W3C Trace Context in and out, spans to an OpenTelemetry collector. Off when absent.'),
    accessLog: accessLogSchema.describe('One line for each request.'),
    workers: z
      .union([z.literal('auto'), z.int().min(1).max(MOST_WORKERS)])
      .default(1)
      .describe(
        'Processes that share the ports, for `sealgate serve`; `auto` is one for each core that may be used. With 1 there is a single process. See docs/workers.md.',
      ),
    workerSilence: duration({ min: '2s', max: '1h' })
      .prefault('20s')
      .describe(
        'With several workers: one whose event loop stands still for so long is killed and replaced. Before its first sign of life one may take three times as long. Time in which the whole machine sleeps does not count.',
      ),
    drainTimeout: duration({ max: '10m' })
      .prefault('10s')
      .describe('On shutdown: longest wait for requests under way.'),
  })
  .superRefine((config, context) => {
    if (!isLoopbackHost(config.admin.host) && config.adminToken === undefined) {
      const message = 'an admin port that others can reach needs `adminToken`';
      context.addIssue({ code: 'custom', path: ['admin'], message });
    }
    if (config.admin.port !== 0 && config.admin.port === config.listen.port) {
      context.addIssue({ code: 'custom', path: ['admin'], message: 'needs a port of its own, not that of `listen`' });
    }
    for (const { path, message } of checkListening(config)) context.addIssue({ code: 'custom', path: [path], message });
    for (const { path, message } of checkReferences(config)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

export type GatewayConfig = z.output<typeof gatewayConfigSchema>;

interface Listening {
  readonly listen: { readonly url: string };
  readonly tls?: unknown;
  readonly internalTokens?: { readonly listen: { readonly url: string } } | undefined;
  readonly http2: { readonly cleartext: boolean };
  readonly proxyProtocol: boolean;
  readonly trustProxies: readonly string[];
}

function checkListening({
  listen,
  tls,
  internalTokens,
  http2,
  proxyProtocol,
  trustProxies,
}: Listening): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  const isSecure = listen.url.startsWith('https:');
  if (isSecure && tls === undefined)
    faults.push({ path: 'listen', message: '`https://` needs `tls` with a certificate' });
  if (!isSecure && tls !== undefined) faults.push({ path: 'listen', message: 'with `tls` it begins with `https://`' });
  if (tls === undefined && internalTokens?.listen.url.startsWith('https:') === true)
    faults.push({ path: 'internalTokens', message: '`listen: https://` needs `tls` with a certificate' });
  if (isSecure && http2.cleartext) faults.push({ path: 'http2', message: '`cleartext` is for a port without TLS' });
  if (proxyProtocol && trustProxies.length === 0) {
    faults.push({ path: 'proxyProtocol', message: 'needs `trustProxies`: who may say whose connection it is' });
  }
  return faults;
}
