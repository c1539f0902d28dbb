/**
 * What the gateway counts of each request, cheap enough to stay on: plain numbers in arrays, turned into Prometheus series only
 * when somebody asks. Labels come from the configuration and from tables of codes, never from a request.
 */
import type { Metrics } from '@sealgate/service';
import { Histogram } from 'prom-client';

/** Upper bounds, seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const STATUS_CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts by status class of one route, verdict code and issuer. */
interface Cell {
  readonly code: string;
  readonly issuer: string;
  readonly byClass: Float64Array;
}

/** One route's counters; held by the compiled route, so that nothing is looked up by label on the way. */
export class RouteMetrics {
  readonly route: string;
  readonly cells: Cell[] = [];
  readonly buckets = new Float64Array(BOUNDS.length + 1);
  sumSeconds = 0;

  constructor(route: string) {
    this.route = route;
  }

  /**
   * @param code - `allowed`, or the code of the refusal or failure.
   * @param issuer - Name of the issuer behind the verified token, or ''.
   */
  count(code: string, issuer: string, status: number, seconds: number): void {
    let cell = this.cells.find((candidate) => candidate.code === code && candidate.issuer === issuer);
    if (cell === undefined) {
      cell = { code, issuer, byClass: new Float64Array(STATUS_CLASSES.length) };
      this.cells.push(cell);
    }
    const statusClass = status >= 600 ? 0 : Math.trunc(status / 100);
    cell.byClass[statusClass] = (cell.byClass[statusClass] ?? 0) + 1;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

/** All routes' counters. A route that survives a reload keeps its own. */
export class RequestMetrics {
  readonly #routes = new Map<string, RouteMetrics>();

  constructor(metrics: Metrics) {
    const routes = this.#routes;
    metrics.counter({
      name: 'sealgate_gateway_requests_total',
      help: 'Requests answered, by route, verdict code (`allowed`, or why not), issuer of the token and class of status.',
      labelNames: ['route', 'code', 'issuer', 'status'],
      collect() {
        this.reset();
        for (const { route, cells } of routes.values()) {
          for (const { code, issuer, byClass } of cells) {
            byClass.forEach((count, index) => {
              if (count > 0) this.inc({ route, code, issuer, status: STATUS_CLASSES[index] ?? '' }, count);
            });
          }
        }
      },
    });
    metrics.registry.registerMetric(new CountedHistogram(routes));
  }

  route(name: string): RouteMetrics {
    let found = this.#routes.get(name);
    if (found === undefined) this.#routes.set(name, (found = new RouteMetrics(name)));
    return found;
  }
}

const DURATION = 'sealgate_gateway_request_duration_seconds';
const SHAPE = {
  name: DURATION,
  help: 'Time from the request header to the end of the answer, by route.',
  labelNames: ['route' as const],
  buckets: BOUNDS,
  registers: [],
};

type Scraped = ReturnType<Histogram<'route' | 'le'>['get']>;

/** prom-client's own histogram looks its labels up for each observation; this one reads the arrays when it is scraped. */
class CountedHistogram extends Histogram<'route' | 'le'> {
  readonly #routes: ReadonlyMap<string, RouteMetrics>;
  /** An empty one, for what describes a histogram. */
  readonly #empty = new Histogram<'route' | 'le'>(SHAPE);

  constructor(routes: ReadonlyMap<string, RouteMetrics>) {
    super(SHAPE);
    this.#routes = routes;
  }

  /** What the registry calls for its text form. */
  getForPromString(): Scraped {
    return this.get();
  }

  override async get(): Scraped {
    const base = await this.#empty.get();
    const values: typeof base.values = [];
    for (const { route, buckets, sumSeconds } of this.#routes.values()) {
      let total = 0;
      for (const [index, count] of buckets.entries()) {
        total += count;
        values.push({ metricName: `${DURATION}_bucket`, value: total, labels: { route, le: BOUNDS[index] ?? '+Inf' } });
      }
      values.push(
        { metricName: `${DURATION}_sum`, value: sumSeconds, labels: { route } },
        { metricName: `${DURATION}_count`, value: total, labels: { route } },
      );
    }
    return { ...base, values };
  }
}
