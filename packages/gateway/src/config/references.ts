/**
 * What holds between the parts of a configuration: names that refer to nothing, parts that nothing uses, routes that could both answer
 * one request, and routes that are quietly weaker than the one around them (ATTACKS.md G13).
 */
import { GuardError } from '@sealgate/guard';
import { GatewayError } from '../errors.ts';
import { compileRewrite } from '../request/path-rewrite.ts';
import { foldHeaderName } from '../request/header-rules.ts';
import { covers, parsePattern } from '../routing/pattern.ts';
import { RouteTable } from '../routing/route-table.ts';
import { headerConditions } from './header-match-schema.ts';
import type { IssuerConfig } from './issuer-schema.ts';
import { listOf } from './list-of.ts';
import type { DefaultsConfig, RouteConfig } from './route-schema.ts';
import { routeName } from './route-name.ts';
import { compileRoutePolicy } from './route-policy.ts';
import type { UpstreamConfig } from './upstream-schema.ts';

export interface ReferenceFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Referring {
  readonly issuers: Readonly<Record<string, IssuerConfig>>;
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
  readonly defaults: DefaultsConfig;
  readonly routes: readonly RouteConfig[];
  readonly internalTokens?: unknown;
  readonly tls?: { readonly clients?: unknown } | undefined;
}

export function checkReferences(config: Referring): ReferenceFault[] {
  const faults: ReferenceFault[] = [];
  const issuerNames = Object.keys(config.issuers);
  const used = new Set<string>();
  for (const [index, route] of config.routes.entries()) {
    const at = (key: string, message: string) => faults.push({ path: ['routes', index, key], message });
    used.add(route.to);
    if (!Object.hasOwn(config.upstreams, route.to)) {
      at('to', `no upstream is named "${route.to}"; there are: ${Object.keys(config.upstreams).join(', ')}`);
    }
    if (route.canary !== undefined) {
      used.add(route.canary.to);
      if (!Object.hasOwn(config.upstreams, route.canary.to)) at('canary', `no upstream is named "${route.canary.to}"`);
    }
    const rewrite = route.rewrite === undefined ? undefined : compileRewrite(route.rewrite, route.path);
    if (typeof rewrite === 'string') at('rewrite', rewrite);
    for (const issuer of route.issuers ?? []) {
      if (!issuerNames.includes(issuer))
        at('issuers', `no issuer is named "${issuer}"; there are: ${issuerNames.join(', ')}`);
    }
    try {
      void compileRoutePolicy(route, config.defaults, issuerNames);
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof GuardError)) throw error;
      if (route.auth !== 'none' && error.code !== 'issuer_unknown') at(faultyKey(error), error.message);
    }
    const constraint = route.require?.senderConstrained ?? config.defaults.require?.senderConstrained;
    if (constraint === 'mtls' && route.auth !== 'none' && config.tls?.clients === undefined)
      at('require', 'certificates of clients are known only where `tls.clients` asks for them');
    if (route.auth === 'none') checkOpenRoute(route, at);
    else if (issuerNames.length === 0)
      at('auth', 'needs an issuer in `issuers`; or say `auth: none` to open it to everybody');
  }
  for (const name of Object.keys(config.upstreams)) {
    if (!used.has(name)) faults.push({ path: ['upstreams', name], message: 'no route uses this upstream' });
  }
  faults.push(
    ...checkInternalTokens(config),
    ...checkHeaderNames(config),
    ...checkTable(config.routes),
    ...checkNesting(config.routes),
  );
  return faults;
}

/** Internal tokens need a key to sign them, and a key needs somebody who asks for tokens. */
function checkInternalTokens({ internalTokens, defaults, routes }: Referring): ReferenceFault[] {
  const asking = routes.findIndex((route) => ({ ...defaults.identity, ...route.identity }).mode === 'internal');
  if (asking !== -1 && internalTokens === undefined) {
    return [
      { path: ['routes', asking, 'to'], message: 'has `identity: { mode: internal }`, which needs `internalTokens`' },
    ];
  }
  if (asking === -1 && internalTokens !== undefined) {
    return [{ path: ['internalTokens'], message: 'no route has `identity: { mode: internal }`' }];
  }
  return [];
}

/** What identifies the caller is the gateway's to say, on every route. */
function checkHeaderNames({ defaults, routes }: Referring): ReferenceFault[] {
  const identity = new Set(
    [defaults, ...routes].flatMap((part) =>
      Object.keys(part.identity?.headers ?? { 'x-user-id': '' }).map(foldHeaderName),
    ),
  );
  const places: { edits: RouteConfig['requestHeaders']; path: (string | number)[] }[] = [
    { edits: defaults.requestHeaders, path: ['defaults', 'requestHeaders'] },
    ...routes.map((route, index) => ({ edits: route.requestHeaders, path: ['routes', index, 'requestHeaders'] })),
  ];
  const faults = places.flatMap(({ edits, path }) => {
    const named = [...Object.keys(edits?.set ?? {}), ...(edits?.remove ?? [])];
    const taken = named.filter((name) => identity.has(foldHeaderName(name)));
    return taken.map((name) => ({
      path,
      message: `"${name}" says who calls (see \`identity\`); it cannot be changed`,
    }));
  });
  for (const [index, { headers = {} }] of routes.entries()) {
    for (const name of Object.keys(headers).filter((each) => identity.has(foldHeaderName(each)))) {
      const message = `"${name}" says who calls (see \`identity\`), so that no client can send it`;
      faults.push({ path: ['routes', index, 'headers'], message });
    }
  }
  return faults;
}

/** Which setting of the route a policy was refused for. */
function faultyKey(error: GatewayError | GuardError): string {
  const member = error instanceof GuardError ? error.path?.split('.')[0] : undefined;
  return member === 'when' || member === 'opa' ? member : 'require';
}

function checkOpenRoute(route: RouteConfig, at: (key: string, message: string) => void): void {
  if (route.require !== undefined) at('require', 'nothing can be required of a token with `auth: none`');
  if (route.when !== undefined) at('when', 'nothing is judged with `auth: none`');
  if (route.opa !== undefined) at('opa', 'nothing is judged with `auth: none`');
  if (route.issuers !== undefined) at('issuers', 'no token is looked at with `auth: none`');
  if (route.cookie !== undefined) at('cookie', 'no token is looked at with `auth: none`');
  if (route.onStale !== undefined) at('onStale', 'no token is looked at with `auth: none`');
  for (const key of ['rateLimit', 'concurrency'] as const) {
    if (listOf<{ readonly by: string }>(route[key]).some(({ by }) => by !== 'ip' && by !== 'route'))
      at(key, 'without a token there is no subject, client or claim to count by; use ip or route');
  }
  if (route.quota !== undefined) at('quota', 'without a token there is no client to count by');
}

/** Adds one route after the other, so that the fault names the route that made the table ambiguous. */
function checkTable(routes: readonly RouteConfig[]): ReferenceFault[] {
  const routables = routes.map((route) => ({
    name: routeName(route),
    host: route.host,
    path: route.path,
    methods: route.methods,
    headers: headerConditions(route.headers),
  }));
  for (let count = 1; count <= routables.length; count++) {
    const last = routables.slice(0, count).at(-1);
    const sharing = routables
      .slice(0, count)
      .filter(({ host, path }) => host === last?.host && samePlace(path, last?.path ?? ''));
    try {
      void new RouteTable(sharing);
    } catch (error) {
      if (error instanceof GatewayError) return [{ path: ['routes', count - 1, 'path'], message: error.message }];
      throw error;
    }
  }
  return [];
}

const samePlace = (left: string, right: string): boolean =>
  left === right || `${left}/` === right || left === `${right}/`;

/** A route within another that requires something must say `require` itself, if only to say what it requires instead. */
function checkNesting(routes: readonly RouteConfig[]): ReferenceFault[] {
  const faults: ReferenceFault[] = [];
  const patterns = routes.map(({ path }) => parsePattern(path));
  for (const [index, inner] of routes.entries()) {
    if (inner.auth !== 'required' || inner.require !== undefined) continue;
    const innerPattern = patterns[index];
    const outer = routes.find((candidate, other) => {
      const outerPattern = patterns[other];
      if (candidate === inner || candidate.require === undefined || candidate.host !== inner.host) return false;
      // It is not around requests without its headers.
      if (candidate.headers !== undefined) return false;
      if (typeof outerPattern !== 'object' || typeof innerPattern !== 'object') return false;
      return outerPattern.rest && methodsMeet(candidate, inner) && covers(outerPattern, innerPattern);
    });
    if (outer === undefined) continue;
    const message = `asks for less than ${outer.path} around it; say what it requires with \`require\` (\`require: {}\` for any valid token)`;
    faults.push({ path: ['routes', index, 'path'], message });
  }
  return faults;
}

function methodsMeet(left: RouteConfig, right: RouteConfig): boolean {
  return (
    left.methods === undefined ||
    right.methods === undefined ||
    left.methods.some((method) => right.methods?.includes(method))
  );
}
