/**
 * From configuration to what a request meets: routes with their policy, limits, identity and upstream, ready to use.
 *
 * Whatever a reload leaves as it was (connections to upstreams, rate limit buckets, counters) is taken over from the state before.
 */
import { compilePolicy, parseJsonPointer, type CompiledPolicy } from '@sealgate/guard';
import { GatewayError } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import { compileRateLimits, type RouteLimits } from '../limits/rate-limit.ts';
import type { RequestMetrics, RouteMetrics } from '../observe/request-metrics.ts';
import { ProxyTrust } from '../request/client-address.ts';
import { HeaderRules } from '../request/header-rules.ts';
import { RouteTable, type Routable } from '../routing/route-table.ts';
import { Upstream, type UpstreamOptions } from '../upstream/upstream.ts';
import { compileCors, type Cors } from './cors.ts';
import { compileRoutePolicy } from './route-policy.ts';
import { limitsOf } from './references.ts';
import { routeName } from './route-name.ts';
import type { IdentityConfig, RateLimitConfig, RouteConfig } from './route-schema.ts';
import type { GatewayConfig } from './schema.ts';

export interface CompiledRoute extends Routable {
  readonly policy: CompiledPolicy;
  readonly upstream: Upstream;
  readonly identity: Identity;
  readonly limits: RouteLimits;
  readonly bodyLimitBytes: number;
  readonly cors: Cors | undefined;
  readonly metrics: RouteMetrics;
}

/** Everything a request is served by; swapped whole on reload. */
export interface Runtime {
  readonly config: GatewayConfig;
  readonly routes: RouteTable<CompiledRoute>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly headerRules: HeaderRules;
  readonly proxies: ProxyTrust;
  /** What is asked of a request that no route answers, so that it learns nothing without a token. */
  readonly unmatched: {
    /** Undefined where there is no issuer, and so nothing to hide. */
    readonly policy: CompiledPolicy | undefined;
    readonly limits: RouteLimits;
    readonly metrics: RouteMetrics;
  };
}

export interface CompileOptions extends UpstreamOptions {
  readonly metrics: RequestMetrics;
  /** The state to be replaced. */
  readonly previous?: Runtime | undefined;
}

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
const DEFAULT_IDENTITY: IdentityConfig = { mode: 'headers', headers: { 'x-user-id': '/sub' } };

/** @throws {GatewayError} for what the schema's own checks would have found. */
export function compileRuntime(config: GatewayConfig, options: CompileOptions): Runtime {
  const { previous } = options;
  const upstreams = createUpstreams(config, options);
  try {
    return assembleRuntime(config, options, upstreams);
  } catch (error) {
    for (const [name, upstream] of upstreams) if (previous?.upstreams.get(name) !== upstream) void upstream.close(true);
    throw error;
  }
}

function createUpstreams(config: GatewayConfig, options: CompileOptions): Map<string, Upstream> {
  const { previous } = options;
  return new Map(
    Object.entries(config.upstreams).map(([name, upstream]) => {
      const kept = isSame(previous?.config.upstreams[name], upstream) ? previous?.upstreams.get(name) : undefined;
      return [name, kept ?? new Upstream(name, upstream, options)];
    }),
  );
}

function assembleRuntime(
  config: GatewayConfig,
  options: CompileOptions,
  upstreams: ReadonlyMap<string, Upstream>,
): Runtime {
  const identities = new Map<string, Identity>();
  const limits = new LimitCache(options.previous);
  const routes = config.routes.map((route) => compileRoute(route, config, { upstreams, identities, limits, options }));
  const issuers = Object.keys(config.issuers);
  return {
    config,
    routes: new RouteTable(routes),
    upstreams,
    headerRules: new HeaderRules([...identities.values()].flatMap(({ headers }) => headers.map(({ name }) => name))),
    proxies: new ProxyTrust(config.trustProxies),
    unmatched: {
      policy: issuers.length === 0 ? undefined : compilePolicy({}, issuers),
      limits: limits.for('', limitsOf(config.defaults.rateLimit).filter(countsWithoutToken)),
      metrics: options.metrics.route(''),
    },
  };
}

interface Parts {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly identities: Map<string, Identity>;
  readonly limits: LimitCache;
  readonly options: CompileOptions;
}

function compileRoute(route: RouteConfig, config: GatewayConfig, parts: Parts): CompiledRoute {
  const { defaults } = config;
  const name = routeName(route);
  const upstream = parts.upstreams.get(route.to);
  if (upstream === undefined) throw new GatewayError('upstream_unknown', `route ${name}: no upstream "${route.to}"`);
  const open = route.auth === 'none';
  const cors = route.cors ?? defaults.cors;
  const rateLimits = route.rateLimit ?? defaults.rateLimit;
  return {
    name,
    host: route.host,
    path: route.path,
    methods: route.methods,
    policy: compileRoutePolicy(route, defaults, Object.keys(config.issuers)),
    upstream,
    identity: compileIdentity({ ...DEFAULT_IDENTITY, ...defaults.identity, ...route.identity }, parts.identities),
    limits: parts.limits.for(name, open ? limitsOf(rateLimits).filter(countsWithoutToken) : limitsOf(rateLimits)),
    bodyLimitBytes: route.bodyLimit ?? defaults.bodyLimit ?? DEFAULT_BODY_LIMIT_BYTES,
    cors: cors === undefined ? undefined : compileCors(cors),
    metrics: parts.options.metrics.route(name),
  };
}

/** Equal settings give the same object, so that a principal's headers are made once for all routes that send the same. */
function compileIdentity(config: IdentityConfig, known: Map<string, Identity>): Identity {
  const key = JSON.stringify(config);
  let identity = known.get(key);
  if (identity === undefined) {
    const headers = Object.entries(config.headers ?? {}).map(([name, pointer]) => ({
      name: name.toLowerCase(),
      pointer: parseJsonPointer(pointer, `identity.headers.${name}`),
    }));
    known.set(key, (identity = { mode: config.mode, headers }));
  }
  return identity;
}

const countsWithoutToken = ({ by }: RateLimitConfig): boolean => by === 'ip' || by === 'route';

/** Keeps the buckets of limits that a reload does not touch. */
class LimitCache {
  static readonly #settings = new WeakMap<RouteLimits, string>();
  readonly #previous = new Map<string, RouteLimits>();

  constructor(previous: Runtime | undefined) {
    for (const route of previous?.routes.ordered ?? []) this.#previous.set(route.name, route.limits);
    if (previous !== undefined) this.#previous.set('', previous.unmatched.limits);
  }

  for(route: string, configs: readonly RateLimitConfig[]): RouteLimits {
    const settings = JSON.stringify(configs);
    const before = this.#previous.get(route);
    if (before !== undefined && LimitCache.#settings.get(before) === settings) return before;
    const limits = compileRateLimits(configs);
    LimitCache.#settings.set(limits, settings);
    return limits;
  }
}

/** Whether two parts of a configuration say the same. Secrets print alike, so nothing that holds one may be asked. */
function isSame(left: unknown, right: unknown): boolean {
  return left !== undefined && JSON.stringify(left) === JSON.stringify(right);
}
