/**
 * Starts what a file describes, in the order in which the parts need each other: the issuer, what a demonstration seeds, its upstream, the
 * gateway. Each is registered to be closed in the reverse order; if one does not start, those before it are closed again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createGateway } from '@sealgate/gateway';
import { createIssuer } from '@sealgate/issuer';
import { createMetrics } from '@sealgate/service';
import type { Lifecycle, Logger } from '@sealgate/service';
import { listenersOf } from '../config/listeners.ts';
import type { SealgateConfig } from '../config/schema.ts';
import { seedDemo } from './demo-seed.ts';
import { startDemoUpstream } from './demo-upstream.ts';
import { describeStartFailure } from './start-failure.ts';
import type { Role } from './role.ts';
import { verifierCredentials } from './verifier-credentials.ts';

export interface StartOptions {
  readonly config: SealgateConfig;
  readonly roles: readonly Role[];
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** What listens now, by the URL that clients use. */
export interface Running {
  readonly issuer: string | undefined;
  readonly gateway: string | undefined;
}

/** A gateway whose issuer is elsewhere and silent starts all the same, and refuses; it is not waited for longer than this. */
const TRUST_WITHIN_MS = 5000;

/** @throws {CommandError} `port_in_use`, `start_failed`, `demo_failed`. */
export async function startServers(options: StartOptions): Promise<Running> {
  const { config, roles, lifecycle } = options;
  try {
    const issuer = roles.includes('issuer') ? await startIssuer(options) : undefined;
    const gateway = roles.includes('gateway') ? await startGateway(options) : undefined;
    return { issuer, gateway };
  } catch (error) {
    await lifecycle.close('start failed');
    throw describeStartFailure(error, listenersOf(config));
  }
}

async function startIssuer({ config, logger, lifecycle }: StartOptions): Promise<string | undefined> {
  if (config.issuer === undefined) return undefined;
  const own = logger.child({ server: 'issuer' });
  const issuer = await createIssuer({ config: config.issuer, logger: own, metrics: createMetrics({ process: true }) });
  lifecycle.onClose('issuer', () => issuer.close());
  if (config.demo !== undefined) await seedDemo(config.demo, issuer, own);
  await issuer.listen();
  return config.issuer.url;
}

async function startGateway({ config, logger, lifecycle }: StartOptions): Promise<string | undefined> {
  if (config.gateway === undefined) return undefined;
  const own = logger.child({ server: 'gateway' });
  if (config.demo?.upstream !== undefined) {
    const upstream = await startDemoUpstream(config.demo.upstream, own);
    lifecycle.onClose('demo upstream', () => upstream.close());
  }
  const gateway = await createGateway({
    config: config.gateway,
    logger: own,
    metrics: createMetrics({ process: true }),
    credentials: verifierCredentials(config),
  });
  lifecycle.onClose('gateway', () => gateway.close());
  const { url } = await gateway.listen();
  await Promise.race([gateway.ready, delay(TRUST_WITHIN_MS, undefined, { ref: false })]);
  return url;
}
