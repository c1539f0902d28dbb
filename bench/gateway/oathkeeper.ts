/**
 * Ory Oathkeeper as a proxy: key set by URL, algorithm, issuer, audience, expiry, signature, scope, subject to a header; it logs errors only and
 * reports nothing to its makers. It caches keys and no tokens.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MEASURED_CORE, freePort, start } from '../load/process.ts';
import type { BuiltPeer } from './built-peers.ts';
import { AUDIENCE } from './tokens.ts';

export const OATHKEEPER: BuiltPeer = {
  name: 'Ory Oathkeeper',
  folder: 'oathkeeper',
  steps: [{ command: 'go', args: ['build', '-mod=mod', '-o', 'oathkeeper', 'github.com/ory/oathkeeper'] }],
  async start(built, { scratch, originPort, tokens }) {
    const [port, api, metrics] = [await freePort(), await freePort(), await freePort()];
    const rules = path.join(scratch, `oathkeeper-${port}-rules.json`);
    const file = path.join(scratch, `oathkeeper-${port}.json`);
    const rule = {
      id: 'everything',
      match: { url: 'http://<[^/]+>/<.*>', methods: ['GET'] },
      upstream: { url: `http://127.0.0.1:${originPort}`, preserve_host: true },
      authenticators: [{ handler: 'jwt' }],
      authorizer: { handler: 'allow' },
      mutators: [{ handler: 'header' }],
    };
    const jwt = {
      jwks_urls: [`${tokens.issuer}/.well-known/jwks.json`],
      jwks_ttl: '1h',
      allowed_algorithms: [tokens.algorithm],
      trusted_issuers: [tokens.issuer],
      target_audience: [AUDIENCE],
      required_scope: ['orders:read'],
      scope_strategy: 'exact',
    };
    const settings = {
      serve: {
        proxy: { host: '127.0.0.1', port },
        api: { host: '127.0.0.1', port: api },
        prometheus: { host: '127.0.0.1', port: metrics },
      },
      access_rules: { repositories: [`file://${rules}`] },
      authenticators: { jwt: { enabled: true, config: jwt } },
      authorizers: { allow: { enabled: true } },
      mutators: { header: { enabled: true, config: { headers: { 'X-User-Id': '{{ print .Subject }}' } } } },
      log: { level: 'error' },
    };
    writeFileSync(rules, JSON.stringify([rule]));
    writeFileSync(file, JSON.stringify(settings));
    return start({
      name: this.name,
      command: path.join(built, 'oathkeeper'),
      args: ['serve', '--config', file, '--disable-telemetry'],
      port,
      core: MEASURED_CORE,
    });
  },
};
