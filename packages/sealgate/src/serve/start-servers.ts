/**
 * Starts what a file describes, in the order in which the parts need each other: the issuer, what a demonstration seeds, its upstream, the
 * gateway. Each is registered to be closed in the reverse order; if one does not start, those before it are closed again.
 *
 * What only one of them needs is loaded with it: a process that serves one role holds nothing of the other.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { debuggerSite, gatewayDebuggerSite, isDebuggerBuilt } from '@sealgate/console';
import type { Site } from '@sealgate/console';
import type { ConfigSource, GatewayConfig, ListenAddresses, Reloader } from '@sealgate/gateway';
import { createMetrics } from '@sealgate/service';
import type { Lifecycle, Logger } from '@sealgate/service';
import { loadConfig, parseConfig, readConfig } from '../config/load-config.ts';
import { listenersOf } from '../config/listeners.ts';
import type { SealgateConfig } from '../config/schema.ts';
import { startDemoUpstream } from './demo-upstream.ts';
import { gatewaySection } from './gateway-section.ts';
import type { Role } from './role.ts';
import { verifierCredentials, type VerifierCredential } from './verifier-credentials.ts';
import { WORKER_WORD } from './worker-word.ts';

export interface StartOptions {
  readonly config: SealgateConfig;
  /** Where it came from: the gateway's section is read again when it changes. */
  readonly file: string;
  readonly roles: readonly Role[];
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** What listens now, by the URL that clients use. */
export interface Running {
  readonly issuer: string | undefined;
  readonly gateway: string | undefined;
  /** The gateway's admin port. */
  readonly admin: string | undefined;
}

/** A gateway whose issuer is elsewhere and silent starts all the same, and refuses; it is not waited for longer than this. */
const TRUST_WITHIN_MS = 5000;

/** @throws {CommandError} `port_in_use`, `start_failed`, `demo_failed`. */
export async function startServers(options: StartOptions): Promise<Running> {
  const { config, roles, lifecycle } = options;
  try {
    const issuer = roles.includes('issuer') ? await startIssuer(options) : undefined;
    const gateway = roles.includes('gateway') ? await startGateway(options) : undefined;
    return { issuer, gateway: gateway?.url, admin: gateway?.adminUrl };
  } catch (error) {
    await lifecycle.close('start failed');
    const { describeStartFailure } = await import('./start-failure.ts');
    throw describeStartFailure(error, listenersOf(config));
  }
}

async function startIssuer({ config, logger, lifecycle }: StartOptions): Promise<string | undefined> {
  if (config.issuer === undefined) return undefined;
  const { createIssuer } = await import('@sealgate/issuer');
  const own = logger.child({ server: 'issuer' });
  const issuer = await createIssuer({
    config: config.issuer,
    logger: own,
    metrics: createMetrics({ process: true }),
    ...pages(debuggerSite),
  });
  lifecycle.onClose('issuer', () => issuer.close());
  if (config.demo !== undefined) {
    const { seedDemo } = await import('./demo-seed.ts');
    await seedDemo(config.demo, issuer, own);
  }
  await issuer.listen();
  return config.issuer.url;
}

async function startGateway(options: StartOptions): Promise<ListenAddresses | undefined> {
  const { config, logger, lifecycle } = options;
  if (config.gateway === undefined) return undefined;
  const own = logger.child({ server: 'gateway' });
  if (config.demo?.upstream !== undefined) {
    const upstream = await startDemoUpstream(config.demo.upstream, own);
    lifecycle.onClose('demo upstream', () => upstream.close());
  }
  const { workerCount } = await import('@sealgate/gateway');
  const started = { options, logger: own, credentials: await verifierCredentials(config) };
  return workerCount(config.gateway) === 1 ? startAlone(config.gateway, started) : startWorkers(started);
}

interface Started {
  readonly options: StartOptions;
  readonly logger: Logger;
  readonly credentials: Readonly<Record<string, VerifierCredential>>;
}

/** One gateway, in this process. */
async function startAlone(config: GatewayConfig, { options, logger, credentials }: Started): Promise<ListenAddresses> {
  const { file, lifecycle } = options;
  const { createGateway, createReloader } = await import('@sealgate/gateway');
  const load = (): GatewayConfig => gatewaySection(loadConfig(file), file);
  const reloader = Promise.withResolvers<Reloader>();
  const gateway = await createGateway({
    config,
    reload: async () => (await reloader.promise).reload(),
    logger,
    metrics: createMetrics({ process: true }),
    credentials,
    ...pages(gatewayDebuggerSite),
  });
  lifecycle.onClose('gateway', () => gateway.close());
  const addresses = await gateway.listen();
  follow(createReloader({ gateway, file, load, logger }), reloader, lifecycle);
  await Promise.race([gateway.ready, delay(TRUST_WITHIN_MS, undefined, { ref: false })]);
  return addresses;
}

/** Several, each in a process of its own. */
async function startWorkers({ options, logger, credentials }: Started): Promise<ListenAddresses> {
  const { file, lifecycle } = options;
  const { createReloader, createSupervisor } = await import('@sealgate/gateway');
  const load = (): ConfigSource => {
    const text = readConfig(file);
    return { text, config: gatewaySection(parseConfig(text, file), file) };
  };
  const reloader = Promise.withResolvers<Reloader>();
  const supervisor = createSupervisor({
    source: load(),
    reload: async () => (await reloader.promise).reload(),
    program: { file: process.argv[1] ?? '', args: [WORKER_WORD, file] },
    logger,
    metrics: createMetrics({ process: true }),
    credentials,
    ...pages(gatewayDebuggerSite),
  });
  lifecycle.onClose('gateway', () => supervisor.close());
  const addresses = await supervisor.listen();
  follow(createReloader({ gateway: supervisor, file, load, logger }), reloader, lifecycle);
  return addresses;
}

/** From now on the file, SIGHUP and the admin port reload through one: what one of them has read the others do not read again. */
function follow(reloader: Reloader, expected: PromiseWithResolvers<Reloader>, lifecycle: Lifecycle): void {
  expected.resolve(reloader);
  lifecycle.onClose('reloader', () => reloader.close());
}

/** A package has its pages; a checkout, once they are built. */
function pages(debuggerPages: Site): { readonly debuggerPages?: Site } {
  return isDebuggerBuilt() ? { debuggerPages } : {};
}
