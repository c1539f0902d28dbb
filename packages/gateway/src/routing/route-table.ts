/**
 * Which route a request belongs to: by host, then by path, then by method.
 *
 * Host: a table for the exact name, else for `*.parent`, else the routes that name no host. Path: the most specific pattern
 * (`path-tree.ts`). Method: among the routes of that one pattern. Two routes that could both answer one request are an error when the
 * table is built, so nothing depends on their order.
 */
import { GatewayError } from '../errors.ts';
import { parsePattern, PATTERN_ADVICE, type PathPattern } from './pattern.ts';
import { PathTree } from './path-tree.ts';

/** What the table needs to know of a route. */
export interface Routable {
  /** Unique; for humans and metrics. */
  readonly name: string;
  /** `api.acme.test`, `*.acme.test`, or any host. Lower case, without a port. */
  readonly host: string | undefined;
  readonly path: string;
  /** Upper case; every method but CONNECT and TRACE when undefined. */
  readonly methods: readonly string[] | undefined;
}

export type RouteMatch<Route> =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no_method'; readonly allowed: readonly string[]; readonly routes: readonly Route[] }
  | { readonly kind: 'no_path' };

/** The routes of one pattern. */
interface MethodTable<Route> {
  readonly byMethod: Map<string, RouteMatch<Route>>;
  readonly routes: Route[];
  fallback: RouteMatch<Route> | undefined;
}

const NEVER_BY_DEFAULT = new Set(['CONNECT', 'TRACE']);
const NO_PATH = { kind: 'no_path' } as const;

export class RouteTable<Route extends Routable> {
  readonly #hosts = new Map<string, PathTree<MethodTable<Route>>>();
  readonly #anyHost = new PathTree<MethodTable<Route>>();
  readonly #ordered: { route: Route; pattern: PathPattern }[] = [];

  /** @throws {GatewayError} `route_pattern_malformed`, `route_ambiguous`. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
    this.#ordered.sort(byPrecedence);
  }

  /**
   * @param host - Lower case, without a port.
   * @param path - Canonical path.
   */
  find(host: string, path: string, method: string): RouteMatch<Route> {
    const table = this.#hosts.size === 0 ? this.#anyHost.find(path) : this.#findByHost(host, path);
    if (table === undefined) return NO_PATH;
    const match = table.byMethod.get(method);
    if (match !== undefined) return match;
    if (table.fallback !== undefined && !NEVER_BY_DEFAULT.has(method)) return table.fallback;
    return { kind: 'no_method', allowed: [...table.byMethod.keys()], routes: table.routes };
  }

  /** Every route at this path, whatever its method: what a preflight request is about. */
  at(host: string, path: string): readonly Route[] {
    const table = this.#hosts.size === 0 ? this.#anyHost.find(path) : this.#findByHost(host, path);
    return table?.routes ?? [];
  }

  /** In the order in which they win over each other, for people to read. */
  get ordered(): readonly Route[] {
    return this.#ordered.map(({ route }) => route);
  }

  #findByHost(host: string, path: string): MethodTable<Route> | undefined {
    const exact = this.#hosts.get(host)?.find(path);
    if (exact !== undefined) return exact;
    const dot = host.indexOf('.');
    const parent = dot === -1 ? undefined : this.#hosts.get(`*${host.slice(dot)}`)?.find(path);
    return parent ?? this.#anyHost.find(path);
  }

  #add(route: Route): void {
    const pattern = parsePattern(route.path);
    if (typeof pattern === 'string') {
      throw new GatewayError(
        'route_pattern_malformed',
        `route ${route.name}: path "${route.path}" ${PATTERN_ADVICE[pattern]}`,
      );
    }
    const table = this.#treeOf(route.host).at(pattern, () => ({
      byMethod: new Map(),
      routes: [],
      fallback: undefined,
    }));
    const match: RouteMatch<Route> = { kind: 'route', route };
    for (const method of route.methods ?? []) {
      if (table.byMethod.has(method)) throw ambiguous(route, method);
      table.byMethod.set(method, match);
    }
    if (route.methods === undefined) {
      if (table.fallback !== undefined) throw ambiguous(route, 'any method');
      table.fallback = match;
    }
    table.routes.push(route);
    this.#ordered.push({ route, pattern });
  }

  #treeOf(host: string | undefined): PathTree<MethodTable<Route>> {
    if (host === undefined) return this.#anyHost;
    let tree = this.#hosts.get(host);
    if (tree === undefined) this.#hosts.set(host, (tree = new PathTree()));
    return tree;
  }
}

function ambiguous(route: Routable, method: string): GatewayError {
  return new GatewayError(
    'route_ambiguous',
    `route ${route.name}: another route already answers ${method} ${route.host ?? ''}${route.path}; give one of them other methods or another path`,
  );
}

/** Literal before `*` before `**`, from left to right; longer before shorter; named methods before any. */
function byPrecedence(
  left: { route: Routable; pattern: PathPattern },
  right: { route: Routable; pattern: PathPattern },
): number {
  const hosts = hostRank(left.route.host) - hostRank(right.route.host);
  if (hosts !== 0) return hosts;
  const length = Math.max(left.pattern.segments.length, right.pattern.segments.length);
  for (let index = 0; index <= length; index++) {
    const difference = segmentRank(left.pattern, index) - segmentRank(right.pattern, index);
    if (difference !== 0) return difference;
    const texts = (left.pattern.segments[index] ?? '').localeCompare(right.pattern.segments[index] ?? '', 'en');
    if (texts !== 0) return texts;
  }
  return Number(left.route.methods === undefined) - Number(right.route.methods === undefined);
}

function hostRank(host: string | undefined): number {
  if (host === undefined) return 2;
  return host.startsWith('*') ? 1 : 0;
}

function segmentRank(pattern: PathPattern, index: number): number {
  const segment = pattern.segments[index];
  if (segment === undefined) return pattern.rest ? 3 : 2;
  return segment === '*' ? 1 : 0;
}
