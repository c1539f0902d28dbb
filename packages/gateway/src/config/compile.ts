/**
 * From configuration to what a request meets: routes with their policy, limits, identity and upstream, ready to use.
 *
 * Whatever a reload leaves as it was (connections to upstreams, rate limit buckets, counters) is taken over from the state before.
 */
import { compilePolicy, parseJsonPointer, type CompiledPolicy, type GuardError } from '@sealgate/guard';
import { GatewayError } from '../errors.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { InternalTokens, type InternalAudience } from '../identity/internal-tokens.ts';
import { compileConcurrency, type ConcurrencyLimit } from '../limits/concurrency.ts';
import { compileLimits, type LimitSettings, type RouteLimits } from '../limits/route-limits.ts';
import type { LimitStore } from '../limits/store/redis-store.ts';
import type { RequestMetrics, RouteMetrics } from '../observe/request-metrics.ts';
import { Access } from '../request/access.ts';
import { ProxyTrust } from '../request/client-address.ts';
import { HeaderEdits } from '../request/header-edits.ts';
import { HeaderRules } from '../request/header-rules.ts';
import { compileRewrite, type PathRewrite } from '../request/path-rewrite.ts';
import { RouteTable, type Routable } from '../routing/route-table.ts';
import { Canary } from '../upstream/canary.ts';
import { Upstream, type UpstreamOptions } from '../upstream/upstream.ts';
import { compileCors, type Cors } from './cors.ts';
import { compileResources, type ProtectedResources } from './resources.ts';
import { compileRoutePolicy } from './route-policy.ts';
import type { HeaderEditsConfig } from './forwarding-schema.ts';
import { headerConditions } from './header-match-schema.ts';
import { Kept } from './kept.ts';
import { listOf } from './list-of.ts';
import { routeName } from './route-name.ts';
import type { IdentityConfig, RouteConfig } from './route-schema.ts';
import type { GatewayConfig } from './schema.ts';

export interface CompiledRoute extends Routable {
  readonly policy: CompiledPolicy;
  readonly upstream: Upstream;
  readonly identity: Identity;
  /** Who makes the internal token, and for whom; where the route has one. */
  readonly internal: { readonly tokens: InternalTokens; readonly to: InternalAudience } | undefined;
  readonly limits: RouteLimits;
  readonly concurrency: readonly ConcurrencyLimit[];
  readonly access: Access | undefined;
  readonly bodyLimitBytes: number;
  readonly cors: Cors | undefined;
  readonly rewrite: PathRewrite | undefined;
  readonly requestHeaders: HeaderEdits | undefined;
  readonly responseHeaders: HeaderEdits | undefined;
  readonly securityHeaders: boolean;
  /** Which requests go elsewhere, and the route as it is for them. */
  readonly canary: { readonly rule: Canary; readonly route: CompiledRoute } | undefined;
  readonly metrics: RouteMetrics;
}

/** Everything a request is served by; swapped whole on reload. */
export interface Runtime {
  readonly config: GatewayConfig;
  readonly routes: RouteTable<CompiledRoute>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly headerRules: HeaderRules;
  readonly proxies: ProxyTrust;
  readonly access: Access | undefined;
  readonly store: LimitStore | undefined;
  readonly internalTokens: InternalTokens | undefined;
  /** Whether upstreams are told the certificates of clients. */
  readonly forwardsCertificates: boolean;
  readonly resources: ProtectedResources;
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
  /** Where limits are counted together with other processes. */
  readonly store: LimitStore | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
  /** Whether requests are traced. */
  readonly traced: boolean;
  /** A policy service gave no answer. */
  readonly onPolicyServiceFailed: (route: string, error: GuardError) => void;
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
  const { previous } = options;
  const before = previous?.routes.ordered ?? [];
  const sameStore = previous !== undefined && previous.store === options.store;
  const limits = new Kept(sameStore ? [...before.map(limitsOf), ['', previous.unmatched.limits] as const] : []);
  const concurrency = new Kept(before.map(({ name, concurrency: kept }) => [name, kept] as const));
  const resources = compileResources(config);
  const resourceMetadata = resources.metadataUrl({ path: '/' });
  const internalTokens =
    config.internalTokens === undefined
      ? undefined
      : new InternalTokens(config.internalTokens, () => options.wallMs() / 1000);
  const unmatchedLimits = { rateLimits: listOf(config.defaults.rateLimit).filter(countsWithoutToken), quotas: [] };
  const routes = config.routes.map((route) =>
    compileWithCanary(route, config, {
      upstreams,
      identities,
      limits,
      concurrency,
      internalTokens,
      resources,
      options,
    }),
  );
  const issuers = Object.keys(config.issuers);
  return {
    config,
    routes: new RouteTable(routes),
    upstreams,
    headerRules: new HeaderRules(
      [...identities.values()].flatMap(({ headers }) => headers.map(({ name }) => name)),
      routes.flatMap(({ headers }) => headers.map(({ name }) => name)),
      { traced: options.traced },
    ),
    proxies: new ProxyTrust(config.trustProxies),
    store: options.store,
    internalTokens,
    resources,
    access: config.access === undefined ? undefined : new Access(config.access),
    forwardsCertificates: config.tls?.clients?.forward === true,
    unmatched: {
      policy:
        issuers.length === 0
          ? undefined
          : compilePolicy(resourceMetadata === undefined ? {} : { resourceMetadata }, issuers),
      limits: limits.get('', unmatchedLimits, () => compileLimits(unmatchedLimits, { ...options, route: '' })),
      metrics: options.metrics.route(''),
    },
  };
}

interface Parts {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly identities: Map<string, Identity>;
  readonly limits: Kept<RouteLimits>;
  readonly concurrency: Kept<readonly ConcurrencyLimit[]>;
  readonly internalTokens: InternalTokens | undefined;
  readonly resources: ProtectedResources;
  readonly options: CompileOptions;
}

function compileRoute(route: RouteConfig, config: GatewayConfig, parts: Parts): CompiledRoute {
  const { defaults } = config;
  const name = routeName(route);
  const upstream = parts.upstreams.get(route.to);
  if (upstream === undefined) throw new GatewayError('upstream_unknown', `route ${name}: no upstream "${route.to}"`);
  const cors = route.cors ?? defaults.cors;
  const limits = limitSettings(route, config);
  const shared = listOf(route.concurrency ?? defaults.concurrency);
  const concurrency = route.auth === 'none' ? shared.filter(countsWithoutToken) : shared;
  const identity = { ...DEFAULT_IDENTITY, ...defaults.identity, ...route.identity };
  return {
    name,
    host: route.host,
    path: route.path,
    methods: route.methods,
    headers: headerConditions(route.headers),
    policy: compileRoutePolicy(route, defaults, Object.keys(config.issuers), {
      resourceMetadata: parts.resources.metadataUrl(route),
      onServiceFailed: (error) => parts.options.onPolicyServiceFailed(name, error),
    }),
    upstream,
    identity: compileIdentity(identity, parts.identities),
    internal: compileInternal(identity, config.upstreams[route.to]?.audience ?? route.to, parts.internalTokens),
    limits: parts.limits.get(name, limits, () => compileLimits(limits, { ...parts.options, route: name })),
    concurrency: parts.concurrency.get(name, concurrency, () =>
      compileConcurrency(concurrency, name, parts.options.fleet),
    ),
    access: route.access === undefined ? undefined : new Access(route.access),
    bodyLimitBytes: route.bodyLimit ?? defaults.bodyLimit ?? DEFAULT_BODY_LIMIT_BYTES,
    cors: cors === undefined ? undefined : compileCors(cors),
    rewrite: compilePathRewrite(route, name),
    requestHeaders: edits(route.requestHeaders ?? defaults.requestHeaders),
    responseHeaders: edits(route.responseHeaders ?? defaults.responseHeaders),
    securityHeaders: route.securityHeaders ?? defaults.securityHeaders ?? false,
    canary: undefined,
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
    known.set(key, (identity = createIdentity({ mode: config.mode, headers })));
  }
  return identity;
}

/** The canary is the same route with another upstream: what it asks and counts is the same. */
function compileWithCanary(route: RouteConfig, config: GatewayConfig, parts: Parts): CompiledRoute {
  const compiled = compileRoute(route, config, parts);
  if (route.canary === undefined) return compiled;
  const other = compileRoute({ ...route, to: route.canary.to, canary: undefined }, config, parts);
  const { upstream, internal } = other;
  return {
    ...compiled,
    canary: { rule: new Canary(route.canary, compiled.name), route: { ...compiled, upstream, internal } },
  };
}

function compilePathRewrite(route: RouteConfig, name: string): PathRewrite | undefined {
  if (route.rewrite === undefined) return undefined;
  const rewrite = compileRewrite(route.rewrite, route.path);
  if (typeof rewrite !== 'string') return rewrite;
  throw new GatewayError('route_pattern_malformed', `route ${name}: rewrite: ${rewrite}`);
}

const edits = (config: HeaderEditsConfig | undefined): HeaderEdits | undefined =>
  config === undefined ? undefined : new HeaderEdits(config);

function compileInternal(
  { mode, claims = {} }: IdentityConfig,
  audience: string,
  tokens: InternalTokens | undefined,
): CompiledRoute['internal'] {
  if (mode !== 'internal' || tokens === undefined) return undefined;
  const pointers = Object.entries(claims).map(([name, pointer]) => ({
    name,
    pointer: parseJsonPointer(pointer, `identity.claims.${name}`),
  }));
  return { tokens, to: { audience, claims: pointers } };
}

const limitsOf = ({ name, limits }: CompiledRoute) => [name, limits] as const;

const countsWithoutToken = ({ by }: { readonly by: string }): boolean => by === 'ip' || by === 'route';

/** What `defaults` say of subjects and clients holds for routes that know them. */
function limitSettings(route: RouteConfig, { defaults }: GatewayConfig): LimitSettings {
  const rateLimits = listOf(route.rateLimit ?? defaults.rateLimit);
  const quotas = listOf(route.quota ?? defaults.quota);
  return route.auth === 'none'
    ? { rateLimits: rateLimits.filter(countsWithoutToken), quotas: [] }
    : { rateLimits, quotas };
}

/** Whether two parts of a configuration say the same. Secrets print alike, so nothing that holds one may be asked. */
function isSame(left: unknown, right: unknown): boolean {
  return left !== undefined && JSON.stringify(left) === JSON.stringify(right);
}
