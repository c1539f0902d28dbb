/** A configuration with nothing in it that reaches out, writes, or depends on other requests: to try its routes without serving them. */
import type { GatewayConfig } from './schema.ts';

const LOCAL = { url: 'http://127.0.0.1:0', host: '127.0.0.1', port: 0 };

/**
 * `tls` stays for what it says of client certificates; on a port that speaks plain HTTP none of its files is read.
 *
 * @param originUrl - Stands in for every upstream.
 */
export function standIn(config: GatewayConfig, originUrl: string): GatewayConfig {
  const { rateLimit: _limits, quota: _quota, concurrency: _concurrency, ...defaults } = config.defaults;
  const { store: _store, ...limits } = config.limits;
  const { access: _everywhere, forwardAuth: _asked, tracing: _traced, ...open } = config;
  return {
    ...open,
    listen: LOCAL,
    admin: LOCAL,
    proxyProtocol: false,
    accessLog: { to: 'off', format: 'json' },
    internalTokens: config.internalTokens === undefined ? undefined : { ...config.internalTokens, listen: LOCAL },
    defaults,
    limits,
    routes: config.routes.map(({ rateLimit: _rate, quota: _own, concurrency: _at, access: _from, ...route }) => route),
    upstreams: Object.fromEntries(
      Object.entries(config.upstreams).map(([name, { health: _health, tls: _trusted, ...upstream }]) => [
        name,
        { ...upstream, urls: [originUrl], protocol: 'http1' as const },
      ]),
    ),
  };
}
