/**
 * The metrics of all workers as those of one gateway: counters and histograms added up, gauges as each says (`aggregator`).
 *
 * What a worker has counted stays when it ends: sums never go down, which Prometheus would take for a restart. Of a worker that was killed,
 * what it counted since it was last asked is lost.
 */
import { AggregatorRegistry, type Registry } from 'prom-client';

/** One metric of one process, with its values. */
export type MetricSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

export class SummedMetrics {
  #departed: readonly MetricSnapshot[] = [];

  /** @param last - What a worker that has ended had counted. */
  async depart(last: readonly MetricSnapshot[]): Promise<void> {
    const counts = last.filter(({ type }) => KEPT.has(String(type)));
    const { sum } = add([this.#departed, counts]);
    this.#departed = await sum;
  }

  /** The page that Prometheus reads. */
  async render(present: readonly (readonly MetricSnapshot[])[]): Promise<{ contentType: string; body: string }> {
    const { registry } = add([...present, this.#departed]);
    return { contentType: registry.contentType, body: await registry.metrics() };
  }
}

const KEPT: ReadonlySet<string> = new Set(['counter', 'histogram']);

function add(all: readonly (readonly MetricSnapshot[])[]) {
  const registry = AggregatorRegistry.aggregate(all.map((snapshot) => [...snapshot]));
  return {
    registry,
    get sum() {
      return registry.getMetricsAsJSON();
    },
  };
}
