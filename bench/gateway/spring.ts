/**
 * Spring Cloud Gateway with Spring Security's resource server (`peers/spring`): key set by URL, algorithm, issuer, audience, expiry, signature,
 * scope, subject to a header. It caches keys and no tokens.
 */
import path from 'node:path';
import { MEASURED_CORE, freePort, start } from '../load/process.ts';
import type { BuiltPeer } from './built-peers.ts';
import { AUDIENCE } from './tokens.ts';

const JWT = 'spring.security.oauth2.resourceserver.jwt';
const ROUTE = 'spring.cloud.gateway.server.webflux.routes[0]';

export const SPRING: BuiltPeer = {
  name: 'Spring Cloud Gateway + Spring Security',
  folder: 'spring',
  steps: [{ command: 'mvn', args: ['--quiet', '--batch-mode', 'package'] }],
  async start(built, { originPort, tokens }) {
    const port = await freePort();
    const properties = {
      'server.address': '127.0.0.1',
      'server.port': port,
      'logging.level.root': 'error',
      [`${JWT}.issuer-uri`]: tokens.issuer,
      [`${JWT}.jwk-set-uri`]: `${tokens.issuer}/.well-known/jwks.json`,
      [`${JWT}.jws-algorithms`]: tokens.algorithm,
      [`${JWT}.audiences`]: AUDIENCE,
      [`${ROUTE}.id`]: 'origin',
      [`${ROUTE}.uri`]: `http://127.0.0.1:${originPort}`,
      [`${ROUTE}.predicates[0]`]: 'Path=/**',
    };
    const settings = Object.entries(properties).map(([name, value]) => `--${name}=${value}`);
    return start({
      name: this.name,
      command: 'java',
      args: ['-jar', path.join(built, 'target/spring-gateway.jar'), ...settings],
      port,
      core: MEASURED_CORE,
    });
  },
};
