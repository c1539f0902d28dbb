/**
 * One request from its header to its upstream, in the order of ARCHITECTURE.md: path, headers, caller, route, limits, decision, identity,
 * forwarding. The first that refuses answers. Used for ordinary requests and for upgrades alike.
 */
import {
  compilePolicy,
  decide,
  type CompiledPolicy,
  type RequestFacts,
  type TrustedIssuers,
  type Verdict,
} from '@sealgate/guard';
import { allowedOrigin } from '../config/cors.ts';
import { documentKey, isMetadataPath } from '../config/resources.ts';
import { enterAll, type Entry } from '../limits/concurrency.ts';
import { takeFrom, tighterOf, type LimitState } from '../limits/rate-limit.ts';
import type { RouteLimits } from '../limits/route-limits.ts';
import type { SharedLimits } from '../limits/shared-limits.ts';
import { canonicalTarget } from '../request/canonical-path.ts';
import { hostName } from '../request/host-name.ts';
import type { RouteMatch } from '../routing/route-table.ts';
import type { CompiledRoute } from '../config/compile.ts';
import type { Exchange } from './exchange.ts';

export interface PipelineOptions {
  /** The issuers trusted at present. */
  readonly trust: () => TrustedIssuers;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /**
   * Sends an admitted request on.
   *
   * @param identity - Name, value, name, value: what the upstream is told about the caller.
   */
  readonly forward: (exchange: Exchange, route: CompiledRoute, identity: readonly string[]) => void;
  /** Whether a preflight request is answered here; for forward-auth it is a request like any other. */
  readonly answersPreflights: boolean;
  /** A fault of the gateway itself; the client gets `internal_error`. */
  readonly failed: (error: unknown, exchange: Exchange) => void;
}

/** Answers the exchange or forwards it. Never throws. */
export function run(exchange: Exchange, options: PipelineOptions): void {
  try {
    admit(exchange, options);
  } catch (error) {
    options.failed(error, exchange);
  }
}

function admit(exchange: Exchange, options: PipelineOptions): void {
  const { runtime, req, fields } = exchange;
  const { limits } = runtime.config;
  const url = exchange.rawTarget;
  if (url.length > limits.urlLength) return exchange.answer('url_too_long');
  if (req.rawHeaders.length > limits.headerCount * 2) return exchange.answer('headers_too_large');
  const canonical = canonicalTarget(url);
  if (!canonical.ok) return exchange.answer('path_ambiguous');
  exchange.path = canonical.path;
  exchange.target = canonical.target;
  if (fields.fault !== undefined) return exchange.answer('header_malformed');
  const client = runtime.proxies.locate(exchange.connection, fields);
  exchange.client = client;
  if (runtime.access?.admits(client.ip) === false) return exchange.answer('address_denied');
  const host = hostName(client.host);
  if (isMetadataPath(canonical.path) && answerMetadata(exchange, host, canonical.path)) return;
  const match = runtime.routes.find(host, canonical.path, exchange.method, fields.passed);
  if (
    options.answersPreflights &&
    fields.preflightMethod !== undefined &&
    answerPreflight(exchange, host, canonical.path)
  )
    return;
  if (match.kind !== 'route') return refuseUnmatched(exchange, match, options);
  const { route } = match;
  exchange.route = route;
  exchange.metrics = route.metrics;
  if (route.access?.admits(client.ip) === false) return exchange.answer('address_denied');
  judge(exchange, route.policy, route.limits, options, forwardTo);
}

/** What follows when neither the decision nor a limit refuses. */
type Proceed = (exchange: Exchange, options: PipelineOptions) => void;

/** Limits that need no token, the decision, limits that do; then `proceed`, unless one of them refuses and answers. */
function judge(
  exchange: Exchange,
  policy: CompiledPolicy,
  limits: RouteLimits,
  options: PipelineOptions,
  proceed: Proceed,
): void {
  if (isLimited(exchange, limitBeforeToken(limits, exchange, options))) return;
  const verdict = decide(factsOf(exchange, options), policy, options.trust());
  if (verdict instanceof Promise) {
    verdict
      .then((late) => settle(exchange, late, limits, options, proceed))
      .catch((error: unknown) => options.failed(error, exchange));
    return;
  }
  settle(exchange, verdict, limits, options, proceed);
}

/** From the verdict on. */
function settle(
  exchange: Exchange,
  verdict: Verdict,
  limits: RouteLimits,
  options: PipelineOptions,
  proceed: Proceed,
): void {
  if (exchange.res.destroyed) return;
  if (limits.shared !== undefined) {
    settleShared(exchange, verdict, limits.shared, options, proceed);
    return;
  }
  if (!verdict.allow) return exchange.deny(verdict);
  exchange.principal = verdict.principal;
  offerNonce(exchange, options);
  if (limits.afterToken.length > 0) {
    const ip = exchange.client?.ip ?? '';
    if (isLimited(exchange, takeFrom(limits.afterToken, ip, verdict.principal, options.monotonicMs()))) return;
  }
  proceed(exchange, options);
}

/** Whoever proves to hold a key learns what the next proof must hold (RFC 9449 section 9). */
function offerNonce(exchange: Exchange, options: PipelineOptions): void {
  const nonce = options.trust().proofs?.nonce;
  if (nonce !== undefined && /^dpop /iu.test(exchange.fields.authorization[0] ?? '')) exchange.dpopNonce = nonce();
}

/** The same with limits that are counted together with others: all at once, in one question at most. */
function settleShared(
  exchange: Exchange,
  verdict: Verdict,
  shared: SharedLimits,
  options: PipelineOptions,
  proceed: Proceed,
): void {
  const principal = verdict.allow ? verdict.principal : undefined;
  const settled = (state: LimitState | undefined): void => {
    if (exchange.res.destroyed) return;
    exchange.principal = principal;
    offerNonce(exchange, options);
    if (isLimited(exchange, state)) return;
    if (verdict.allow) proceed(exchange, options);
    else exchange.deny(verdict);
  };
  const state = shared.take(exchange.client?.ip ?? '', principal, verdict.allow, options.monotonicMs());
  if (!(state instanceof Promise)) settled(state);
  else state.then(settled).catch((error: unknown) => options.failed(error, exchange));
}

function limitBeforeToken(
  { beforeToken, shared }: RouteLimits,
  { client }: Exchange,
  { monotonicMs }: PipelineOptions,
): LimitState | undefined {
  if (shared !== undefined) return shared.refused(client?.ip ?? '', monotonicMs());
  return beforeToken.length === 0 ? undefined : takeFrom(beforeToken, client?.ip ?? '', undefined, monotonicMs());
}

/** Answers if the limit refuses; else remembers what it says, for the client. */
function isLimited(exchange: Exchange, state: LimitState | undefined): boolean {
  if (state === undefined) return false;
  if (state.left < 0) {
    exchange.refuseRate(state);
    return true;
  }
  exchange.limit = tighterOf(exchange.limit, state);
  return false;
}

/** Sends an admitted request on. */
function forwardTo(exchange: Exchange, options: PipelineOptions): void {
  const { fields, principal, route: matched } = exchange;
  if (matched === undefined) return;
  const route = destinationOf(exchange, matched);
  exchange.route = route;
  if (fields.contentLength !== undefined && fields.contentLength > route.bodyLimitBytes)
    return exchange.answer('body_too_large');
  if (fields.expect !== undefined && fields.expect.toLowerCase() !== '100-continue')
    return exchange.answer('expectation_unknown');
  const identity = principal === undefined ? NO_IDENTITY : principal.derive(route.identity);
  if ('unsendable' in identity) return exchange.answer('identity_unsendable');
  const { inFlight } = route.upstream;
  if (route.concurrency.length === 0 && inFlight === undefined) return sendOn(exchange, route, identity, options);
  const entry = enterAll(route.concurrency, inFlight, exchange.client?.ip ?? '', principal);
  if (!(entry instanceof Promise)) return entered(exchange, entry, route, identity, options);
  entry
    .then((late) => entered(exchange, late, route, identity, options))
    .catch((error: unknown) => options.failed(error, exchange));
}

/** A place was found, or was not. */
function entered(
  exchange: Exchange,
  entry: Entry,
  route: CompiledRoute,
  identity: readonly string[],
  options: PipelineOptions,
): void {
  if (typeof entry === 'string') {
    exchange.answer(entry === 'caller' ? 'too_many_at_once' : 'overloaded', ['retry-after', '1']);
  } else if (exchange.res.destroyed) {
    entry();
  } else {
    exchange.onEnded = entry;
    sendOn(exchange, route, identity, options);
  }
}

function sendOn(exchange: Exchange, route: CompiledRoute, identity: readonly string[], options: PipelineOptions): void {
  const path = route.rewrite === undefined ? exchange.path : route.rewrite(exchange.path);
  if (path === undefined) return exchange.answer('path_ambiguous');
  exchange.target = path + exchange.target.slice(exchange.path.length);
  route.requestHeaders?.apply(exchange.fields.passed);
  options.forward(exchange, route, withInternalToken(identity, exchange, route, path));
}

/** The route, or the route as it is for its canary. */
function destinationOf({ principal, client, fields }: Exchange, route: CompiledRoute): CompiledRoute {
  const { canary } = route;
  if (canary === undefined) return route;
  return canary.rule.takes({ principal, ip: client?.ip ?? '', passed: fields.passed }) ? canary.route : route;
}

/** The gateway's own token takes the place of the caller's. */
function withInternalToken(
  identity: readonly string[],
  exchange: Exchange,
  { internal }: CompiledRoute,
  path: string,
): readonly string[] {
  const { principal, method } = exchange;
  if (internal === undefined || principal === undefined) return identity;
  const token = internal.tokens.tokenFor(principal, internal.to, method, path);
  return [...identity, 'authorization', `Bearer ${token}`];
}

const NO_IDENTITY: readonly string[] = Object.freeze([]);

export function factsOf(exchange: Exchange, options: Pick<PipelineOptions, 'now'>): RequestFacts {
  const { fields } = exchange;
  return {
    method: exchange.method,
    path: exchange.path,
    query: queryOf(exchange.target),
    authorization: fields.authorization,
    cookie: fields.cookie,
    nowSeconds: options.now(),
    source: exchange.client?.ip ?? '',
    rawHeaders: exchange.req.rawHeaders,
    scheme: exchange.client?.proto ?? 'http',
    host: exchange.client?.host ?? '',
    certificateThumbprint: exchange.connection.thumbprint,
  };
}

/** Without the question mark. */
function queryOf(target: string): string {
  const at = target.indexOf('?');
  return at === -1 ? '' : target.slice(at + 1);
}

/** What no route answers learns so only with a valid token; without, it looks like everything else. */
function refuseUnmatched(
  exchange: Exchange,
  match: Exclude<RouteMatch<CompiledRoute>, { kind: 'route' }>,
  options: PipelineOptions,
): void {
  const { unmatched } = exchange.runtime;
  judge(exchange, unmatched.policy ?? OPEN, unmatched.limits, options, () => answerUnmatched(exchange, match));
}

/** Where there is no issuer there is nobody to hide anything from. */
const OPEN = compilePolicy({ auth: 'none' });

function answerUnmatched(exchange: Exchange, match: Exclude<RouteMatch<CompiledRoute>, { kind: 'route' }>): void {
  if (match.kind === 'no_path') exchange.answer('not_found');
  else exchange.answer('method_not_allowed', ['allow', match.allowed.join(', ')]);
}

/** Metadata of a protected resource (RFC 9728 section 3.1), for everybody. */
function answerMetadata(exchange: Exchange, host: string, path: string): boolean {
  const body = exchange.runtime.resources.documents.get(documentKey(host, path));
  if (body === undefined || (exchange.method !== 'GET' && exchange.method !== 'HEAD')) return false;
  exchange.code = 'metadata';
  exchange.responseBytes = exchange.method === 'HEAD' ? 0 : Buffer.byteLength(body);
  const fields = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
  fields.push('cache-control', 'public, max-age=300', 'access-control-allow-origin', '*');
  fields.push('x-content-type-options', 'nosniff', 'x-request-id', exchange.requestId);
  exchange.res.writeHead(200, fields);
  exchange.res.end(body);
  return true;
}

/**
 * Answers a preflight request where a route at this path allows its origin (WHATWG Fetch section 4.8).
 *
 * @returns false when none does: then it is a request like any other.
 */
function answerPreflight(exchange: Exchange, host: string, path: string): boolean {
  const { origin, preflightMethod } = exchange.fields;
  if (exchange.method !== 'OPTIONS' || origin === undefined) return false;
  const open = exchange.runtime.routes
    .at(host, path)
    .filter(({ cors }) => cors !== undefined && allowedOrigin(cors, origin) !== undefined);
  const route = open.find(({ methods }) => methods === undefined || methods.includes(preflightMethod ?? '')) ?? open[0];
  if (route?.cors === undefined) return false;
  const methods = open.some((candidate) => candidate.methods === undefined)
    ? 'GET, HEAD, POST, PUT, PATCH, DELETE'
    : [...new Set(open.flatMap((candidate) => candidate.methods ?? []))].join(', ');
  const fields = [
    'access-control-allow-origin',
    allowedOrigin(route.cors, origin) ?? '',
    'access-control-allow-methods',
    methods,
    ...route.cors.preflightFields,
    'vary',
    'origin, access-control-request-method, access-control-request-headers',
    'x-request-id',
    exchange.requestId,
  ];
  exchange.route = route;
  exchange.metrics = route.metrics;
  exchange.code = 'preflight';
  exchange.res.writeHead(204, fields);
  exchange.res.end();
  return true;
}
