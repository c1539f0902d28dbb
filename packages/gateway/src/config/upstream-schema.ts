/** Configuration of the services behind the gateway: `gateway.upstreams.NAME`. */
import { duration, httpUrl } from '@sealgate/service';
import * as z from 'zod';
import { upstreamTlsSchema } from './tls-schema.ts';

const targetSchema = z.union([
  httpUrl({ originOnly: true }),
  z.strictObject({
    url: httpUrl({ originOnly: true }).describe('Where this instance listens.'),
    weight: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe('Share of the requests, beside the weights of the others. 0: none.'),
  }),
]);

const healthSchema = z.union([
  z.string().startsWith('/'),
  z.strictObject({
    path: z.string().startsWith('/').describe('Path asked with GET; a status from 200 to 399 is healthy.'),
    every: duration({ min: '100ms', max: '1h' }).prefault('5s').describe('Time between two questions.'),
    timeout: duration({ min: '50ms', max: '1m' }).prefault('2s').describe('Longest wait for an answer.'),
    healthyAfter: z.int().min(1).max(100).default(2).describe('Good answers in a row until traffic returns.'),
    unhealthyAfter: z.int().min(1).max(100).default(3).describe('Bad answers in a row until traffic stops.'),
  }),
]);

export const upstreamSchema = z
  .strictObject({
    urls: z.array(targetSchema).min(1).describe('Its instances: URLs, or `{ url, weight }`.'),
    protocol: z
      .enum(['http1', 'h2'])
      .default('http1')
      .describe('`h2`: HTTP/2, as gRPC needs; with `http:` URLs from the first octet (prior knowledge).'),
    tls: upstreamTlsSchema
      .optional()
      .describe('For `https:` URLs: whom to believe, and which certificate to present. Instances are always verified.'),
    resolveEvery: duration({ min: '1s', max: '1h' })
      .prefault('10s')
      .describe(
        'How often host names in the URLs are looked up again. New addresses are used at once; connections to those that are gone end.',
      ),
    balance: z
      .enum(['round-robin', 'least-pending', 'p2c', 'hash'])
      .default('least-pending')
      .describe('Which instance gets a request. `p2c`: the better of two random ones, by latency and load.'),
    hashOn: z
      .union([z.enum(['ip', 'sub']), z.string().regex(/^header:[A-Za-z0-9-]+$/u)])
      .optional()
      .describe('With `balance: hash`: what stays on one instance. `ip`, `sub` or `header:NAME`.'),
    health: healthSchema
      .optional()
      .describe('Path to ask whether an instance is well, or the details. Not asked when absent.'),
    timeout: duration({ min: '10ms', max: '1h' }).prefault('30s').describe('Longest wait for the response header.'),
    connectTimeout: duration({ min: '10ms', max: '1m' }).prefault('2s').describe('Longest wait for a connection.'),
    idleTimeout: duration({ min: '100ms', max: '24h' })
      .prefault('5m')
      .describe('Longest silence within a response body or an upgraded connection.'),
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(1)
      .describe(
        'Further attempts, on another instance if there is one: when nothing was sent yet, or for GET, HEAD and OPTIONS without a body.',
      ),
    maxConnections: z.int().min(1).max(100_000).default(1024).describe('Connections to each instance.'),
    audience: z
      .string()
      .min(1)
      .optional()
      .describe('`aud` of internal tokens for it; what it calls itself in its guard. Default: its name here.'),
    maxRequests: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Requests under way at once, over all instances, from this gateway; 503 beyond. No limit when absent.'),
    breaker: z
      .strictObject({
        failures: z.int().min(1).max(1000).default(5).describe('Failures in a row that take an instance out.'),
        cooldown: duration({ min: '100ms', max: '1h' })
          .prefault('10s')
          .describe('Time until one request may try it again.'),
      })
      .prefault({})
      .describe(
        'Takes an instance out that keeps failing: refused, reset or timed out connections, and 502, 503 and 504.',
      ),
  })
  .superRefine((upstream, context) => {
    const urls = upstream.urls.map((target) => (typeof target === 'string' ? target : target.url));
    if (upstream.tls !== undefined && !urls.every((url) => url.startsWith('https:'))) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'needs `https:` URLs, all of them' });
    }
    if (upstream.hashOn !== undefined && upstream.balance !== 'hash') {
      context.addIssue({ code: 'custom', path: ['hashOn'], message: 'is used with `balance: hash` only' });
    }
    if (upstream.balance === 'hash' && upstream.hashOn === undefined) {
      context.addIssue({ code: 'custom', path: ['balance'], message: '`hash` needs `hashOn`: ip, sub or header:NAME' });
    }
  });

export type UpstreamConfig = z.output<typeof upstreamSchema>;
