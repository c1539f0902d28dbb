/** What it costs to turn away a request, beside what a good one costs. */
import { compareUnderLoad } from '../load/compare.ts';
import type { BenchContext, Comparison } from '../section.ts';
import { type Field, TARGET, writeRotation } from './field.ts';
import { requestOf, tamper } from './tokens.ts';

const GOOD = 'Sealgate, good token';
const schedule = { seconds: 2, leastWarmUpSeconds: 2 };

export async function compareRefusals(field: Field, context: BenchContext): Promise<Comparison> {
  const { sealgate, haproxy, tokens } = field;
  const good = writeRotation(field, 'good', context);
  const none = writeRotation(field, 'none', context, () => requestOf(TARGET));
  const malformed = writeRotation(field, 'malformed', context, (token) => requestOf(TARGET, `${token}=`));
  const forged = writeRotation(field, 'forged', context, (token) => requestOf(TARGET, tamper(token)));
  const refused = { expect: 'refused', schedule } as const;
  return {
    title: `${tokens.algorithm}: refusals`,
    unit: 'µs CPU per request',
    contenders: await compareUnderLoad(
      [
        { server: sealgate, requests: good, name: GOOD, schedule },
        { server: sealgate, requests: none, name: 'Sealgate, no token', ...refused },
        { server: sealgate, requests: malformed, name: 'Sealgate, malformed token', ...refused },
        { server: sealgate, requests: forged, name: 'Sealgate, changed signature', ...refused },
        { server: haproxy, requests: forged, name: 'HAProxy, changed signature', ...refused },
      ],
      context,
    ),
    peer: GOOD,
    targets: ['no token', 'malformed token', 'changed signature'].map((what) => ({
      contender: `Sealgate, ${what}`,
      bound: 'at most' as const,
      limit: 0.5,
      times: GOOD,
    })),
  };
}
