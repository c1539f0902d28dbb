/**
 * Sealgate's gateway as it is measured: one process, everything on. 200 routes with scopes, the verified-token cache, revocation
 * by the feed (1,000 records), a limit by subject, identity headers, metrics, and an access log to a file.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { request } from 'undici';
import { type Running, freePort } from '../load/process.ts';
import { serveSealgate } from '../load/sealgate-command.ts';
import { AUDIENCE, type TokenSet } from './tokens.ts';

const ROUTES = 200;

/** What differs from the gateway that is compared with others. */
export interface Variant {
  /** Default 1. */
  readonly workers?: number;
  /** Also a quota by subject, never reached. */
  readonly quota?: boolean;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** Starts it for the issuer and algorithm of a token set, and waits until it trusts the issuer. */
export async function startSealgate(
  folder: string,
  originPort: number,
  tokens: TokenSet,
  variant: Variant = {},
): Promise<Running> {
  const [port, admin] = [await freePort(), await freePort()];
  const file = path.join(folder, `sealgate-${port}.yaml`);
  writeFileSync(path.join(folder, 'client-secret'), 'bench-client-secret-of-the-issuer-stub');
  writeFileSync(file, configure({ port, admin, originPort, tokens, ...variant }));
  const running = await serveSealgate({
    name: `Sealgate, ${tokens.algorithm}`,
    role: 'gateway',
    file,
    port,
    nodeOptions: variant.nodeOptions ?? [],
  });
  await waitUntilReady(admin);
  return running;
}

interface Setting extends Variant {
  readonly port: number;
  readonly admin: number;
  readonly originPort: number;
  readonly tokens: TokenSet;
}

function configure({ port, admin, originPort, tokens, workers = 1, quota = false }: Setting): string {
  const routes = Array.from(
    { length: ROUTES },
    (_, index) =>
      `    - { path: /service-${index}/**, methods: [GET, POST], to: origin, require: { scopes: [orders:read] } }`,
  );
  return `version: 1
gateway:
  listen: http://127.0.0.1:${port}
  admin: http://127.0.0.1:${admin}
  workers: ${workers}
  accessLog: { to: file:access-${port}.log }
  issuers:
    main:
      url: ${tokens.issuer}
      audience: [${AUDIENCE}]
      algorithms: [${tokens.algorithm}]
      client: { id: bench-gateway, secret: file:client-secret }
      revocation: { feed: push, staleAfter: 30s, onStale: deny }
  upstreams:
    origin: { urls: [http://127.0.0.1:${originPort}] }
  defaults:
    identity: { mode: headers, headers: { x-user-id: /sub, x-user-roles: /roles } }
    rateLimit: { by: sub, limit: 1000000, per: 1s }${quota ? '\n    quota: { by: sub, limit: 1000000000 }' : ''}
  routes:
${routes.join('\n')}
`;
}

async function waitUntilReady(admin: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await readiness(admin);
    if (answer === 'ready') return;
    if (performance.now() > deadline) throw new Error(`Sealgate is not ready: ${answer}`);
  }
}

/** `ready`, or why not. The admin port opens a moment after the public one. */
async function readiness(admin: number): Promise<string> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${admin}/readyz`);
    const text = await body.text();
    return statusCode === 200 ? 'ready' : text;
  } catch (error) {
    return String(error);
  }
}
