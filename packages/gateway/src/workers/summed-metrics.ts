/**
 * The metrics of all workers as those of one gateway: counters and histograms added up, gauges as each says (`aggregator`).
 *
 * What a worker has counted stays when it ends: sums never go down, which Prometheus would take for a restart. Of a worker that was killed,
 * what it counted since it was last asked is lost.
 */
import { AggregatorRegistry, type Registry } from 'prom-client';

/** One metric of one process, with its values. */
export type MetricSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

/** All metrics of one process. */
export type Snapshot = readonly MetricSnapshot[];

export class SummedMetrics {
  #departed: Snapshot = [];
  /** Ends when all that departed so far is added. */
  #adding: Promise<void> = Promise.resolve();

  /** @param last - What a worker that has ended had counted. */
  depart(last: Snapshot): Promise<void> {
    this.#adding = this.#add(this.#adding, last);
    return this.#adding;
  }

  /**
   * The page that Prometheus reads.
   *
   * @param collect - Asks those that have not departed; called at once when it is known which have. Whoever departs while it is asked counts
   *   once, by what this gives.
   */
  async render(collect: () => Promise<readonly Snapshot[]>): Promise<{ contentType: string; body: string }> {
    for (let adding; adding !== this.#adding; await adding) adding = this.#adding;
    const departed = this.#departed;
    const registry = sumOf([...(await collect()), departed]);
    return { contentType: registry.contentType, body: await registry.metrics() };
  }

  async #add(before: Promise<void>, last: Snapshot): Promise<void> {
    await before;
    const counts = last.filter(({ type }) => KEPT.has(String(type)));
    this.#departed = await sumOf([this.#departed, counts]).getMetricsAsJSON();
  }
}

const KEPT: ReadonlySet<string> = new Set(['counter', 'histogram']);

function sumOf(all: readonly Snapshot[]): Registry {
  return AggregatorRegistry.aggregate(all.map((snapshot) => [...snapshot]));
}
