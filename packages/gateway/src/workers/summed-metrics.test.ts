import { createMetrics, type Metrics } from '@sealgate/service';
import { describe, expect, it } from 'vitest';
import { SummedMetrics } from './summed-metrics.ts';

/** One process's metrics: requests counted, a duration each, and how an issuer looks from there. */
function countingTo(count: number, isReady: boolean): Metrics {
  const metrics = createMetrics();
  metrics.counter({ name: 'requests_total', help: 'h', labelNames: ['route'] }).inc({ route: 'a' }, count);
  const durations = metrics.histogram({ name: 'duration_seconds', help: 'h', buckets: [1] });
  for (let index = 0; index < count; index++) durations.observe(index % 2 === 0 ? 0.5 : 2);
  metrics.gauge({ name: 'pending', help: 'h' }).set(count);
  metrics.gauge({ name: 'issuer_ready', help: 'h', aggregator: 'min' }).set(Number(isReady));
  return metrics;
}

const snapshotOf = ({ registry }: Metrics) => registry.getMetricsAsJSON();

describe('the metrics of several processes', () => {
  it('are added up, and a gauge shows the worst where it says so', async () => {
    const present = await Promise.all([countingTo(4, true), countingTo(6, false)].map(snapshotOf));
    const { body } = await new SummedMetrics().render(() => Promise.resolve(present));
    expect(body).toContain('requests_total{route="a"} 10\n');
    expect(body).toContain('duration_seconds_bucket{le="1"} 5\n');
    expect(body).toContain('duration_seconds_count 10\n');
    expect(body).toContain('pending 10\n');
    expect(body).toContain('issuer_ready 0\n');
  });

  it('keep what a process had counted when it ends, but not how it was', async () => {
    const summed = new SummedMetrics();
    const [one, other] = await Promise.all([countingTo(4, false), countingTo(5, false)].map(snapshotOf));
    void summed.depart(one!);
    void summed.depart(other!);
    const { body } = await summed.render(async () => [await snapshotOf(countingTo(1, true))]);
    expect(body).toContain('requests_total{route="a"} 10\n');
    expect(body).toContain('duration_seconds_count 10\n');
    expect(body).toContain('pending 1\n');
    expect(body).toContain('issuer_ready 1\n');
  });
});
