/**
 * The gateway: a public port that lets checked requests through, an admin port that says how it is, and the state behind both, which a
 * reload swaps whole.
 */
import { ReplayMemory, type GuardError, type Trust } from '@sealgate/guard';
import { createHealth, createMetrics, loadStaticSite, silentLogger } from '@sealgate/service';
import type { HealthAnswer, Logger } from '@sealgate/service';
import { randomUUID } from 'node:crypto';
import { compileRuntime, type Runtime } from './config/compile.ts';
import { createGatewayTrust } from './config/gateway-trust.ts';
import { diffConfig, type ConfigChange } from './config/diff.ts';
import { configWarnings } from './config/warnings.ts';
import type { GatewayConfig } from './config/schema.ts';
import { storeDetails } from './config/store-schema.ts';
import { dpopOptions, issuerOptions, trustKey } from './config/trust-options.ts';
import { storeKey, warnOfForgetfulQuotas } from './limits/store/store-settings.ts';
import { GatewayError } from './errors.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { AskedRequest } from './explain/asked-request.ts';
import { explainRequest, type ExplainedRequest } from './explain/explain-request.ts';
import { createForwardAuth } from './forward-auth/forward-auth.ts';
import { createKeyServer } from './identity/key-server.ts';
import { createRedisStore, type LimitStore } from './limits/store/redis-store.ts';
import { createAccessLog, type AccessEntry } from './observe/access-log.ts';
import { DecisionLog, type ExplainedDecision } from './observe/decision-log.ts';
import { registerGatewayMetrics } from './observe/gateway-metrics.ts';
import { RequestMetrics } from './observe/request-metrics.ts';
import { logTrustEvent } from './observe/trust-log.ts';
import { waitForProgram, waitForWorkers } from './reload/fixed-settings.ts';
import { summarizeRoute, type RouteSummary } from './routing/route-summary.ts';
import { createAdminServer } from './server/admin-server.ts';
import { baseUrl } from './server/base-url.ts';
import { createDataServer } from './server/data-server.ts';
import type { Exchange, ExchangeSink } from './server/exchange.ts';
import { factsOf, run, type PipelineOptions } from './server/pipeline.ts';
import { createTracing } from './tracing/create-tracing.ts';
import { ServerCertificates } from './tls/server-certificates.ts';
import { resolveHost } from './upstream/address-book.ts';
import { Forwarding } from './upstream/forward.ts';
import { Upgrading } from './upstream/upgrade.ts';
import type { Fleet } from './workers/fleet.ts';

export interface ListenAddresses {
  /** Base URL of the public port. */
  readonly url: string;
  /** Base URL of the admin port; '' for a worker of several, which has none. */
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

/** A configuration that could take over at once. Exactly one of the two functions is called. */
export interface PreparedReload extends ReloadResult {
  /** Swaps the configuration; requests under way end as they began. */
  commit(): void;
  /** Leaves the old one in place. */
  abandon(): void;
}

export interface Gateway {
  listen(): Promise<ListenAddresses>;
  /** Swaps the configuration. The old one stays if this throws. */
  reload(config: GatewayConfig): Promise<ReloadResult>;
  /** The first half of a reload: all that can fail or take time. One at a time. */
  prepare(config: GatewayConfig): Promise<PreparedReload>;
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
  /** What `/readyz` of the admin port answers. */
  readiness(): Promise<HealthAnswer>;
  /** What `/decisions/:request-id` of the admin port answers. */
  decision(requestId: string): Promise<ExplainedDecision | undefined>;
  close(): Promise<void>;
}

/** Longest wait of a reload for issuers it brings. */
const NEW_ISSUER_WAIT_MS = 5000;
/** About 20 MB. */
export const PROOFS_REMEMBERED = 100_000;

export function createGateway(options: GatewayOptions): Promise<Gateway> {
  return Promise.resolve().then(() => assemble(options));
}

function assemble(options: GatewayOptions): Gateway {
  const {
    logger = silentLogger(),
    metrics = createMetrics(),
    now = () => Date.now() / 1000,
    random = Math.random,
    fleet,
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
    fleet,
    onPolicyServiceFailed: (route: string, error: GuardError) => {
      policyFailures.inc({ route });
      logger.warn({ route, err: error }, 'a policy service gave no answer');
    },
  };
  const { listen, tls } = options.config;
  const isSecured = listen.url.startsWith('https:');
  const certificates = isSecured && tls !== undefined ? new ServerCertificates(tls, { logger, now }) : undefined;

  // Outlives the trust: a proof stays used when a reload changes the issuers.
  const proofs = fleet?.proofs ?? new ReplayMemory({ maxEntries: PROOFS_REMEMBERED });
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
      dpop: { ...dpopOptions(config), memory: proofs },
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
    config: { ...options.config, limits: limitsOfOne(options.config.limits, fleet) },
    certificates,
    certificateOf: options.certificateOf,
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
    internalTokens === undefined
      ? undefined
      : createKeyServer(
          internalTokens.listen,
          () => runtime.internalTokens,
          internalTokens.listen.url.startsWith('https:') ? certificates : undefined,
        );
  const admin =
    fleet !== undefined
      ? undefined
      : createAdminServer({
          listen: options.config.admin,
          token: options.config.adminToken,
          health,
          metrics,
          routes: summarize,
          decision,
          explain: explained,
          debuggerPage: options.debuggerPages === undefined ? undefined : loadStaticSite(options.debuggerPages),
          reload: options.reload,
        });

  function decision(requestId: string): Promise<ExplainedDecision | undefined> {
    return decisions.find(requestId, trust);
  }

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
    await Promise.all([admin?.close(), keyServer?.close()]);
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

  async function prepare(config: GatewayConfig): Promise<PreparedReload> {
    if (closed !== undefined) throw new GatewayError('already_closed');
    const before = runtime;
    const changes = diffConfig(before.config, config);
    const useCertificates = config.tls === undefined ? undefined : certificates?.prepare(config.tls);
    const store = storeKey(before.config) === storeKey(config) ? before.store : makeStore(config);
    const next = compileWith(store, config, before);
    const replacement = trustsAlike(before.config, config) ? undefined : makeTrust(config);
    if (replacement !== undefined) await Promise.race([replacement.ready, elapsed(NEW_ISSUER_WAIT_MS)]);
    const needRestart = [...waitForWorkers(changes), ...waitForProgram(changes)];
    return {
      changes,
      needRestart,
      commit() {
        if (replacement !== undefined) {
          void trust.close();
          trust = replacement;
        }
        runtime = next;
        useCertificates?.();
        retire(before, next);
        warn(config, logger);
        // Of several workers, the supervisor says it for all.
        const level = fleet === undefined ? 'info' : 'debug';
        logger[level]({ changes, need_restart: needRestart }, 'configuration reloaded');
      },
      abandon() {
        void replacement?.close();
        retire(next, before);
      },
    };
  }

  /** A trust that was handed in stays as it is. */
  function trustsAlike(before: GatewayConfig, config: GatewayConfig): boolean {
    return (
      options.trust !== undefined || trustKey(before, options.credentials) === trustKey(config, options.credentials)
    );
  }

  let reloading: Promise<unknown> = Promise.resolve();
  async function reload(config: GatewayConfig): Promise<ReloadResult> {
    const prepared = await prepare(config);
    prepared.commit();
    return { changes: prepared.changes, needRestart: prepared.needRestart };
  }

  const gateway: Gateway = {
    ready: trust.ready,
    routes: summarize,
    explain: explained,
    readiness: () => health.ready(),
    decision,
    prepare,
    async listen() {
      const address = await data.listen();
      const adminAddress = await admin?.listen();
      const asked = await forwardAuth?.listen();
      const keys = await keyServer?.listen();
      return {
        url: baseUrl(address, isSecured ? 'https' : 'http'),
        adminUrl: adminAddress === undefined ? '' : baseUrl(adminAddress, 'http'),
        ...(asked === undefined ? {} : { forwardAuthUrl: baseUrl(asked, 'http') }),
        ...(keys === undefined ? {} : { keysUrl: baseUrl(keys, 'http') }),
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

/** Each of several workers takes its part of the connections. */
function limitsOfOne(limits: GatewayConfig['limits'], fleet: Fleet | undefined): GatewayConfig['limits'] {
  return { ...limits, connections: Math.max(1, Math.floor(limits.connections / (fleet?.size ?? 1))) };
}

/** Upstreams that the new state does not use end when their last request has. */
function retire(before: Runtime, next: Runtime): void {
  for (const [name, upstream] of before.upstreams) {
    if (next.upstreams.get(name) !== upstream) void upstream.close(false);
  }
  if (before.store !== next.store) before.store?.close();
}

/** Of what a configuration allows and hardly means. */
function warn(config: GatewayConfig, logger: Logger): void {
  for (const { path, message } of configWarnings(config)) logger.warn({ path: path.join('.') }, message);
  warnOfForgetfulQuotas(config, logger);
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
