/**
 * Metrics for Prometheus: one registry for each server, so that two servers in one process (and each test) count for themselves.
 *
 * Labels hold only values from a fixed set (route names, status classes, codes): never a path, a subject or anything else a
 * client chooses, which would let it fill the memory.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CounterConfiguration, GaugeConfiguration, HistogramConfiguration } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  counter<Label extends string>(configuration: CounterConfiguration<Label>): Counter<Label>;
  gauge<Label extends string>(configuration: GaugeConfiguration<Label>): Gauge<Label>;
  histogram<Label extends string>(configuration: HistogramConfiguration<Label>): Histogram<Label>;
  /** The page that Prometheus reads, and its media type. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
  /** Also measure the process: CPU, memory, event-loop lag, garbage collection. Default false. */
  readonly process?: boolean;
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.process === true) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (configuration) => new Counter({ ...configuration, registers }),
    gauge: (configuration) => new Gauge({ ...configuration, registers }),
    histogram: (configuration) => new Histogram({ ...configuration, registers }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
