/** When a key is announced, promoted and retired (DESIGN.md section 3). */
import { describe, expect, it } from 'vitest';
import { dueSteps } from './rotation-plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const times = { rotateEveryMs: 30 * DAY, announceMs: DAY, afterlifeMs: HOUR, confirmationLimitMs: HOUR };

const key = (state: 'announced' | 'active' | 'retiring' | 'retired', difference: object = {}) => ({
  kid: state,
  alg: 'ES256' as const,
  state,
  activatedMs: undefined,
  retiringMs: undefined,
  markerSeq: undefined,
  promoteAfterMs: undefined,
  ...difference,
});
const active = key('active', { activatedMs: 0 });
const announced = key('announced', { markerSeq: 7, promoteAfterMs: 30 * DAY });

describe('a rotation', () => {
  it.each([
    ['does nothing while the key is young', [active], 29 * DAY - 1, []],
    [
      'announces a successor in time',
      [active],
      29 * DAY,
      [{ kind: 'announce', alg: 'ES256', promoteAfterMs: 30 * DAY }],
    ],
    [
      'announces a late successor for as long as an early one',
      [active],
      40 * DAY,
      [{ kind: 'announce', alg: 'ES256', promoteAfterMs: 41 * DAY }],
    ],
    ['announces one successor', [active, announced], 29.5 * DAY, []],
    [
      'promotes when it is time',
      [active, announced],
      30 * DAY,
      [{ kind: 'promote', alg: 'ES256', kid: 'announced', markerSeq: 7, overdue: false }],
    ],
    [
      'waits for confirmations no longer than the limit',
      [active, announced],
      30 * DAY + HOUR,
      [{ kind: 'promote', alg: 'ES256', kid: 'announced', markerSeq: 7, overdue: true }],
    ],
    ['keeps a retiring key while its tokens live', [active, key('retiring', { retiringMs: 0 })], HOUR - 1, []],
    [
      'retires it afterwards',
      [active, key('retiring', { retiringMs: 0 })],
      HOUR,
      [{ kind: 'retire', kid: 'retiring' }],
    ],
    ['leaves retired keys alone', [active, key('retired', { retiringMs: 0 })], DAY, []],
    ['does nothing for an algorithm without an active key', [announced], 90 * DAY, []],
  ])('%s', (_name, keys, nowMs, steps) => {
    expect(dueSteps(keys, nowMs, times)).toEqual(steps);
  });

  it('takes a key that stands ready in a key store at once, and says so where none does', () => {
    expect(dueSteps([active], DAY, times, () => 'spare')).toEqual([
      { kind: 'announce', alg: 'ES256', promoteAfterMs: 2 * DAY },
    ]);
    expect(dueSteps([active, announced], DAY, times, () => 'spare')).toEqual([]);
    expect(dueSteps([active], 28 * DAY, times, () => 'lacking')).toEqual([]);
    expect(dueSteps([active], 29 * DAY, times, () => 'lacking')).toEqual([{ kind: 'lacking', alg: 'ES256' }]);
  });

  it('looks at each algorithm by itself', () => {
    const other = key('active', { alg: 'RS256', kid: 'other', activatedMs: 20 * DAY });
    expect(dueSteps([active, other], 29 * DAY, times)).toMatchObject([{ kind: 'announce', alg: 'ES256' }]);
  });
});
