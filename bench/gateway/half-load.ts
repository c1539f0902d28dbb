/** The latency that a gateway adds while it has time: at half of the rate at which Sealgate is saturated, for all of them. */
import { compareAddedLatency } from '../load/added-latency.ts';
import type { BenchContext, Comparison } from '../section.ts';
import { summarize } from '../statistics.ts';
import { type Field, writeRotation } from './field.ts';

/** @param accepted - The comparison in which Sealgate was saturated. */
export async function compareAtHalfLoad(
  field: Field,
  accepted: Comparison,
  context: BenchContext,
): Promise<Comparison> {
  const { origin, sealgate, haproxy, unchecked, tokens } = field;
  const rates = accepted.contenders
    .filter(({ name }) => name === sealgate.name)
    .flatMap(({ rounds }) => rounds.flatMap(({ ratePerSecond }) => ratePerSecond ?? []));
  const ratePerSecond = Math.round(summarize(rates).median / 2);
  return {
    title: `${tokens.algorithm}: latency added at half load`,
    unit: 'ms added, p50',
    contenders: await compareAddedLatency(
      {
        origin,
        servers: [unchecked, haproxy, sealgate],
        requests: writeRotation(field, 'half-load', context),
        ratePerSecond,
      },
      context,
    ),
    peer: haproxy.name,
    targets: [],
    notes: [
      `${ratePerSecond.toLocaleString('en-US')} requests a second for everyone, half of what Sealgate serves when it is saturated; 64 kept connections in turn, requests evenly spaced, each latency counted from when its request was due. Added is what a gateway takes more than the origin alone.`,
    ],
  };
}
