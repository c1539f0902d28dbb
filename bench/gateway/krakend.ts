/**
 * KrakenD's engine and token validator (`peers/krakend`), with KrakenD's own settings: key set by URL, algorithm, issuer, audience, expiry,
 * signature, scope, subject to a header, the body passed on as it is. It caches keys and no tokens.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MEASURED_CORE, freePort, start } from '../load/process.ts';
import type { BuiltPeer } from './built-peers.ts';
import { AUDIENCE } from './tokens.ts';

const ENDPOINT = '/{service}/orders/{id}';

export const KRAKEND: BuiltPeer = {
  name: 'KrakenD: Lura + krakend-jose',
  folder: 'krakend',
  steps: [{ command: 'go', args: ['build', '-mod=mod', '-o', 'krakend', '.'] }],
  async start(built, { scratch, originPort, tokens }) {
    const port = await freePort();
    const file = path.join(scratch, `krakend-${port}.json`);
    const validator = {
      alg: tokens.algorithm,
      jwk_url: `${tokens.issuer}/.well-known/jwks.json`,
      disable_jwk_security: true,
      cache: true,
      cache_duration: 3600,
      issuer: tokens.issuer,
      audience: [AUDIENCE],
      scopes_key: 'scope',
      scopes: ['orders:read'],
      propagate_claims: [['sub', 'x-user-id']],
    };
    const endpoint = {
      endpoint: ENDPOINT,
      input_headers: ['*'],
      output_encoding: 'no-op',
      backend: [{ host: [`http://127.0.0.1:${originPort}`], url_pattern: ENDPOINT, encoding: 'no-op' }],
      extra_config: { 'github.com/devopsfaith/krakend-jose/validator': validator },
    };
    const settings = { version: 3, name: 'bench', listen_ip: '127.0.0.1', port, timeout: '60s', endpoints: [endpoint] };
    writeFileSync(file, JSON.stringify(settings));
    return start({
      name: this.name,
      command: path.join(built, 'krakend'),
      args: [file],
      port,
      core: MEASURED_CORE,
    });
  },
};
