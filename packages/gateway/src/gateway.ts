/**
 * The gateway: a public port that lets checked requests through, an admin port that says how it is, and the state behind both, which a
 * reload swaps whole.
 */
import type { ClientCredential, GuardError, Trust, TrustEvent } from '@sealgate/guard';
import { createHealth, createMetrics, loadStaticSite, silentLogger } from '@sealgate/service';
import type { Logger, Metrics, StaticFolder } from '@sealgate/service';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { compileRuntime, type Runtime } from './config/compile.ts';
import { createGatewayTrust } from './config/gateway-trust.ts';
import { diffConfig, type ConfigChange } from './config/diff.ts';
import { configWarnings } from './config/warnings.ts';
import type { GatewayConfig } from './config/schema.ts';
import { storeDetails } from './config/store-schema.ts';
import { dpopOptions, issuerOptions } from './config/trust-options.ts';
import { GatewayError } from './errors.ts';
import type { AskedRequest } from './explain/asked-request.ts';
import { explainRequest, type ExplainedRequest } from './explain/explain-request.ts';
import { createForwardAuth } from './forward-auth/forward-auth.ts';
import { createKeyServer } from './identity/key-server.ts';
import { createRedisStore, type LimitStore } from './limits/store/redis-store.ts';
import { createAccessLog, type AccessEntry } from './observe/access-log.ts';
import { DecisionLog } from './observe/decision-log.ts';
import { registerGatewayMetrics } from './observe/gateway-metrics.ts';
import { RequestMetrics } from './observe/request-metrics.ts';
import { summarizeRoute, type RouteSummary } from './routing/route-summary.ts';
import { createAdminServer } from './server/admin-server.ts';
import { createDataServer } from './server/data-server.ts';
import type { Exchange, ExchangeSink } from './server/exchange.ts';
import { factsOf, run, type PipelineOptions } from './server/pipeline.ts';
import { createTracing } from './tracing/create-tracing.ts';
import { ServerCertificates } from './tls/server-certificates.ts';
import { resolveHost, type ResolveHost } from './upstream/address-book.ts';
import { Forwarding } from './upstream/forward.ts';
import { Upgrading } from './upstream/upgrade.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** Instead of one made from `config.issuers`; closed by its owner. */
  readonly trust?: Trust;
  /** Credentials for issuers without `client` in the configuration, by name. */
  readonly credentials?: Readonly<Record<string, ClientCredential>>;
  /** Seconds since the Unix epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** How host names of upstreams become addresses. Default: as the system does it. */
  readonly resolve?: ResolveHost;
  /** For the trace collector. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** How issuers list this gateway. */
  readonly verifierName?: string;
  /** Reads the configuration again; `POST /reload` on the admin port calls it. */
  readonly load?: () => Promise<GatewayConfig>;
  /** The built pages of the token debugger, served at `/debugger/` of the admin port. */
  readonly debuggerPages?: StaticFolder;
}

export interface ListenAddresses {
  /** Base URL of the public port. */
  readonly url: string;
  readonly adminUrl: string;
  /** Where proxies ask, if the configuration has `forwardAuth`. */
  readonly forwardAuthUrl?: string;
  /** Where upstreams find the keys of internal tokens, if the configuration has `internalTokens`. */
  readonly keysUrl?: string;
}

export interface ReloadResult {
  readonly changes: readonly ConfigChange[];
  /** Changes among them that wait for a restart. */
  readonly needRestart: readonly string[];
}

export interface Gateway {
  listen(): Promise<ListenAddresses>;
  /** Swaps the configuration; requests under way end as they began. The old one stays if this throws. */
  reload(config: GatewayConfig): Promise<ReloadResult>;
  /** Routes in the order in which they win. */
  routes(): readonly RouteSummary[];
  /**
   * What would become of a request, rule by rule; nothing is sent, counted or used up. The token must not be logged by the caller either.
   *
   * @throws {GatewayError} `explain_invalid`.
   */
  explain(asked: AskedRequest): Promise<ExplainedRequest>;
  /** Resolves when the issuers can be judged for the first time. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Settings that the listening sockets and files were opened with. */
const FIXED = [
  '/tls/clients',
  '/http2',
  '/proxyProtocol',
  '/listen',
  '/admin',
  '/adminToken',
  '/accessLog',
  '/tracing',
  '/limits/headerSize',
  '/limits/headersTimeout',
];
const ALSO_FIXED = [
  '/forwardAuth',
  '/internalTokens/listen',
  '/limits/requestTimeout',
  '/limits/keepAlive',
  '/limits/connections',
  '/drainTimeout',
];
/** Longest wait of a reload for issuers it brings. */
const NEW_ISSUER_WAIT_MS = 5000;

export function createGateway(options: GatewayOptions): Promise<Gateway> {
  return Promise.resolve().then(() => assemble(options));
}

function assemble(options: GatewayOptions): Gateway {
  const {
    logger = silentLogger(),
    metrics = createMetrics(),
    now = () => Date.now() / 1000,
    random = Math.random,
  } = options;
  const monotonicMs = () => performance.now();
  const requestMetrics = new RequestMetrics(metrics);
  const policyFailures = metrics.counter({
    name: 'sealgate_gateway_policy_service_failures_total',
    help: 'Questions to a policy service (OPA) that got no answer, by route.',
    labelNames: ['route'],
  });
  const accessLog = createAccessLog(options.config.accessLog, () => now() * 1000);
  const tracing = createTracing(options.config, { logger, wallMs: () => now() * 1000, fetch: options.fetch ?? fetch });
  const decisions = new DecisionLog();
  const health = createHealth();
  const upstreamOptions = {
    random,
    monotonicMs,
    wallMs: () => now() * 1000,
    metrics: requestMetrics,
    logger,
    resolve: options.resolve ?? resolveHost,
    traced: tracing !== undefined,
    onPolicyServiceFailed: (route: string, error: GuardError) => {
      policyFailures.inc({ route });
      logger.warn({ route, err: error }, 'a policy service gave no answer');
    },
  };
  const certificates =
    options.config.tls === undefined ? undefined : new ServerCertificates(options.config.tls, { logger, now });

  let trust = options.trust ?? makeTrust(options.config);
  let unansweredLimits = 0;
  let runtime = compileRuntime(options.config, { ...upstreamOptions, store: makeStore(options.config) });
  warn(options.config, logger);

  function makeStore({ limits }: GatewayConfig): LimitStore | undefined {
    if (limits.store === undefined) return undefined;
    const onUnanswered = (): void => void unansweredLimits++;
    return createRedisStore({ config: storeDetails(limits.store), logger, monotonicMs, random, onUnanswered });
  }

  function makeTrust(config: GatewayConfig): Trust {
    return createGatewayTrust({
      issuers: issuerOptions(config.issuers, options.credentials),
      ...dpopOptions(config),
      now,
      random,
      ...(options.verifierName === undefined ? {} : { verifierName: options.verifierName }),
      observe: (event) => logTrustEvent(logger, event),
    });
  }

  const { refused } = registerGatewayMetrics(metrics, {
    trust: () => trust,
    runtime: () => runtime,
    accessLog,
    monotonicMs,
    unansweredLimits: () => unansweredLimits,
    certificates,
    spans: tracing === undefined ? undefined : () => tracing.exporter.counts,
  });
  health.register('issuers', () => {
    const waiting = trust.state().filter(({ ready }) => !ready);
    return waiting.length === 0
      ? { ok: true }
      : { ok: false, detail: `not ready: ${waiting.map(({ name }) => name).join(', ')}` };
  });

  const sink: ExchangeSink = {
    monotonicMs,
    trace: tracing === undefined ? undefined : (exchange) => tracing.tracer.begin(exchange),
    ended(entry: AccessEntry, exchange: Exchange): void {
      accessLog.write(entry);
      if (exchange.trace !== undefined) tracing?.tracer.ended(exchange.trace, exchange, entry);
      const { route, runtime } = exchange;
      const policy = route?.policy ?? runtime.unmatched.policy;
      const explainable =
        entry.code !== 'allowed' && exchange.path !== '' && policy !== undefined && exchange.principal === undefined;
      decisions.add(entry, explainable ? { facts: factsOf(exchange, { now }), policy } : undefined);
    },
  };
  const failed = (error: unknown, exchange: Exchange): void => {
    logger.error({ err: error, request_id: exchange.requestId }, 'a request failed inside the gateway');
    exchange.answer('internal_error');
  };
  const watch: Pick<Trust, 'watch'> = { watch: (principal, onDeath) => trust.watch(principal, onDeath) };
  const pipeline: PipelineOptions = {
    trust: () => trust,
    now,
    monotonicMs,
    failed,
    answersPreflights: true,
    forward: (exchange, route, identity) =>
      new Forwarding(exchange, route, identity, { trust: watch, monotonicMs }).start(),
  };

  const data = createDataServer({
    config: options.config,
    certificates,
    runtime: () => runtime,
    sink,
    makeId: randomUUID,
    now,
    onRequest: (exchange) => run(exchange, pipeline),
    onUpgrade: (exchange, upgrade) =>
      run(exchange, {
        ...pipeline,
        forward: (admitted, route, identity) =>
          new Upgrading(admitted, route, identity, { ...upgrade, trust: watch, monotonicMs }).start(),
      }),
    onRefused: (code) => refused.inc({ code }),
  });
  const forwardAuth = createForwardAuth(options.config, {
    runtime: () => runtime,
    sink,
    pipeline,
    onRefused: (code) => refused.inc({ code }),
    makeId: randomUUID,
  });
  const { internalTokens } = options.config;
  const keyServer =
    internalTokens === undefined ? undefined : createKeyServer(internalTokens.listen, () => runtime.internalTokens);
  const { load } = options;
  const admin = createAdminServer({
    listen: options.config.admin,
    token: options.config.adminToken,
    health,
    metrics,
    routes: summarize,
    decision: (requestId) => decisions.find(requestId, trust),
    explain: explained,
    debuggerPage: options.debuggerPages === undefined ? undefined : loadStaticSite(options.debuggerPages),
    reload: load === undefined ? undefined : async () => gateway.reload(await load()),
  });

  function summarize(): readonly RouteSummary[] {
    return runtime.routes.ordered.map(summarizeRoute);
  }

  function explained(asked: unknown): Promise<ExplainedRequest> {
    return explainRequest(asked, { runtime, trust, nowSeconds: now() });
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    health.drain();
    const { drainTimeout } = options.config;
    await Promise.all([data.close(drainTimeout), forwardAuth?.close(drainTimeout)]);
    await Promise.all([admin.close(), keyServer?.close()]);
    await Promise.all([...runtime.upstreams.values()].map((upstream) => upstream.close(true)));
    runtime.store?.close();
    if (options.trust === undefined) await trust.close();
    await Promise.all([accessLog.close(), tracing?.exporter.close()]);
    certificates?.close();
  }

  function compileWith(store: LimitStore | undefined, config: GatewayConfig, previous: Runtime): Runtime {
    try {
      return compileRuntime(config, { ...upstreamOptions, store, previous });
    } catch (error) {
      if (store !== previous.store) store?.close();
      throw error;
    }
  }

  let reloading: Promise<unknown> = Promise.resolve();
  async function reload(config: GatewayConfig): Promise<ReloadResult> {
    if (closed !== undefined) throw new GatewayError('already_closed');
    const before = runtime;
    const changes = diffConfig(before.config, config);
    const useCertificates = config.tls === undefined ? undefined : certificates?.prepare(config.tls);
    const store = storeKey(before.config) === storeKey(config) ? before.store : makeStore(config);
    const next = compileWith(store, config, before);
    if (options.trust === undefined && issuerKey(before.config, options) !== issuerKey(config, options)) {
      const replaced = trust;
      const replacement = makeTrust(config);
      await Promise.race([replacement.ready, elapsed(NEW_ISSUER_WAIT_MS)]);
      trust = replacement;
      void replaced.close();
    }
    runtime = next;
    useCertificates?.();
    retire(before, next);
    warn(config, logger);
    const needRestart = changes
      .map(({ path }) => path)
      .filter((path) => [...FIXED, ...ALSO_FIXED].some((fixed) => path === fixed || path.startsWith(`${fixed}/`)));
    logger.info({ changes, need_restart: needRestart }, 'configuration reloaded');
    return { changes, needRestart };
  }

  const gateway: Gateway = {
    ready: trust.ready,
    routes: summarize,
    explain: explained,
    async listen() {
      const address = await data.listen();
      const adminAddress = await admin.listen();
      const asked = await forwardAuth?.listen();
      const keys = await keyServer?.listen();
      return {
        url: urlOf(address, options.config.tls === undefined ? 'http' : 'https'),
        adminUrl: urlOf(adminAddress, 'http'),
        ...(asked === undefined ? {} : { forwardAuthUrl: urlOf(asked, 'http') }),
        ...(keys === undefined ? {} : { keysUrl: urlOf(keys, 'http') }),
      };
    },
    reload(config) {
      const attempt = reloading.then(() => reload(config));
      reloading = attempt.catch(() => undefined);
      return attempt;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
  return gateway;
}

/** Upstreams that the new state does not use end when their last request has. */
function retire(before: Runtime, next: Runtime): void {
  for (const [name, upstream] of before.upstreams) {
    if (next.upstreams.get(name) !== upstream) void upstream.close(false);
  }
  if (before.store !== next.store) before.store?.close();
}

/** Says whether two configurations count in the same place, password included. Stays in memory. */
function storeKey({ limits }: GatewayConfig): string {
  if (limits.store === undefined) return '';
  const details = storeDetails(limits.store);
  return JSON.stringify({ ...details, password: details.password?.reveal() });
}

/** Of what a configuration allows and hardly means. */
function warn(config: GatewayConfig, logger: Logger): void {
  for (const { path, message } of configWarnings(config)) logger.warn({ path: path.join('.') }, message);
  const { limits, defaults, routes } = config;
  if (limits.store !== undefined || [defaults, ...routes].every(({ quota }) => quota === undefined)) return;
  logger.warn('quotas are counted in the memory of this process and start anew with it; give them `limits.store`');
}

/** Says whether two configurations trust alike, secrets included. Stays in memory. */
function issuerKey(config: GatewayConfig, options: GatewayOptions): string {
  return JSON.stringify([issuerOptions(config.issuers, options.credentials), config.dpop?.nonceSecret.reveal()]);
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

function urlOf({ address, port, family }: AddressInfo, scheme: 'http' | 'https'): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

const FREQUENT_EVENTS: ReadonlySet<TrustEvent['type']> = new Set(['feed_applied', 'feed_confirmed', 'keys_fetched']);

function logTrustEvent(logger: Logger, { issuer, type, ...details }: TrustEvent): void {
  const error = 'error' in details ? details.error : undefined;
  if (error !== undefined) logger.warn({ issuer, event: type, err: error }, 'issuer');
  else if (FREQUENT_EVENTS.has(type)) logger.debug({ issuer, event: type, ...details }, 'issuer');
  else logger.info({ issuer, event: type, ...details }, 'issuer');
}
