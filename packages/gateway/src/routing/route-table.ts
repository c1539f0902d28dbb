/**
 * Which route a request belongs to: by host, then by path, then by method, then by header fields.
 *
 * Host: a table for the exact name, else for `*.parent`, else the routes that name no host. Path: the most specific pattern
 * (`path-tree.ts`). Method: among the routes of that one pattern. Headers (`header-match.ts`): a route whose conditions do not hold is, for this
 * request, not there; where all routes of a pattern are not, the next pattern is asked. Of those that are left for the method, the one with the most specific
 * conditions comes before the one without any. Two routes that could both answer one request are an error when the
 * table is built, so nothing depends on their order.
 */
import { GatewayError } from '../errors.ts';
import { compareConditions, conditionsMeet, headersHold, type HeaderCondition } from './header-match.ts';
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
  /** All of them must hold; without any the route is for every request. */
  readonly headers: readonly HeaderCondition[];
}

export type RouteMatch<Route> =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'no_method'; readonly allowed: readonly string[] }
  | { readonly kind: 'no_path' };

/** The routes of one pattern. */
interface MethodTable<Route> {
  readonly byMethod: Map<string, RouteMatch<Route>>;
  readonly routes: Route[];
  fallback: RouteMatch<Route> | undefined;
  /** Routes with conditions on headers, the most specific first; undefined where there are none, which is what is fast. */
  conditional: Route[] | undefined;
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
   * @param fields - Name, value, name, value: what of the request's header may go upstream.
   */
  find(host: string, path: string, method: string, fields: readonly string[]): RouteMatch<Route> {
    const table = this.#hosts.size === 0 ? this.#anyHost.find(path) : this.#findByHost(host, path);
    if (table === undefined) return NO_PATH;
    if (table.conditional !== undefined) return this.#findByHeaders(host, path, method, fields);
    return byMethod(table, method) ?? { kind: 'no_method', allowed: [...table.byMethod.keys()] };
  }

  /** Every route that a request at this path could belong to, whatever its method and headers: what a preflight request is about. */
  at(host: string, path: string): readonly Route[] {
    const routes: Route[] = [];
    for (const table of this.#tables(host, path)) {
      routes.push(...table.routes);
      if (table.conditional?.length !== table.routes.length) break;
    }
    return routes;
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

  #findByHeaders(host: string, path: string, method: string, fields: readonly string[]): RouteMatch<Route> {
    for (const table of this.#tables(host, path)) {
      const { conditional = [], routes } = table;
      const held = conditional.filter(({ headers }) => headersHold(headers, fields));
      if (held.length === 0 && conditional.length === routes.length) continue;
      const named = held.find(({ methods }) => methods?.includes(method));
      if (named !== undefined) return { kind: 'route', route: named };
      const any = held.find(({ methods }) => methods === undefined && !NEVER_BY_DEFAULT.has(method));
      if (any !== undefined && !table.byMethod.has(method)) return { kind: 'route', route: any };
      const allowed = new Set([...held.flatMap(({ methods = [] }) => methods), ...table.byMethod.keys()]);
      return byMethod(table, method) ?? { kind: 'no_method', allowed: [...allowed] };
    }
    return NO_PATH;
  }

  /** The tables of all patterns that have this path, in the order in which they win. */
  *#tables(host: string, path: string): Generator<MethodTable<Route>> {
    const dot = host.indexOf('.');
    const hosts = [this.#hosts.get(host), dot === -1 ? undefined : this.#hosts.get(`*${host.slice(dot)}`)];
    for (const tree of [...hosts, this.#anyHost]) if (tree !== undefined) yield* tree.findAll(path);
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
      conditional: undefined,
    }));
    table.routes.push(route);
    this.#ordered.push({ route, pattern });
    if (route.headers.length > 0) {
      addConditional(table, route);
      return;
    }
    const match: RouteMatch<Route> = { kind: 'route', route };
    for (const method of route.methods ?? []) {
      if (table.byMethod.has(method)) throw ambiguous(route, method);
      table.byMethod.set(method, match);
    }
    if (route.methods === undefined) {
      if (table.fallback !== undefined) throw ambiguous(route, 'any method');
      table.fallback = match;
    }
  }

  #treeOf(host: string | undefined): PathTree<MethodTable<Route>> {
    if (host === undefined) return this.#anyHost;
    let tree = this.#hosts.get(host);
    if (tree === undefined) this.#hosts.set(host, (tree = new PathTree()));
    return tree;
  }
}

/** Among routes without conditions. */
function byMethod<Route>(
  { byMethod: named, fallback }: MethodTable<Route>,
  method: string,
): RouteMatch<Route> | undefined {
  return named.get(method) ?? (NEVER_BY_DEFAULT.has(method) ? undefined : fallback);
}

/** @throws {GatewayError} `route_ambiguous` beside one that could hold as well and is no less specific. */
function addConditional<Route extends Routable>(table: MethodTable<Route>, route: Route): void {
  const conditional = (table.conditional ??= []);
  for (const other of conditional) {
    const shared = sharedMethods(route, other);
    if (shared === undefined || compareConditions(route.headers, other.headers) !== 0) continue;
    if (conditionsMeet(route.headers, other.headers)) throw ambiguous(route, shared, ' or other headers');
  }
  conditional.push(route);
  conditional.sort((left, right) => compareConditions(left.headers, right.headers));
}

/** A method that both are found by, or undefined. */
function sharedMethods(left: Routable, right: Routable): string | undefined {
  if (left.methods === undefined || right.methods === undefined)
    return left.methods === right.methods ? 'any method' : undefined;
  return left.methods.find((method) => right.methods?.includes(method));
}

function ambiguous(route: Routable, method: string, orElse = ''): GatewayError {
  return new GatewayError(
    'route_ambiguous',
    `route ${route.name}: another route already answers ${method} ${route.host ?? ''}${route.path}; give one of them other methods or another path${orElse}`,
  );
}

/** Literal before `*` before `**`, from left to right; longer before shorter; named methods before any; more conditions before fewer. */
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
  return (
    Number(left.route.methods === undefined) - Number(right.route.methods === undefined) ||
    compareConditions(left.route.headers, right.route.headers)
  );
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
