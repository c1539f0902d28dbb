/** The life of a signing key (DESIGN.md section 3). */
import { describe, expect, it } from 'vitest';
import type { KeyState } from '../store/schema.ts';
import { isPublished, mayBecome } from './key-states.ts';

const STATES: readonly KeyState[] = ['announced', 'active', 'retiring', 'retired', 'compromised'];

describe('a signing key', () => {
  it('goes forward only, and may be compromised from any state', () => {
    const allowed = STATES.flatMap((from) =>
      STATES.filter((to) => mayBecome(from, to)).map((to) => `${from} -> ${to}`),
    );
    expect(allowed).toEqual([
      'announced -> active',
      'announced -> retired',
      'announced -> compromised',
      'active -> retiring',
      'active -> compromised',
      'retiring -> retired',
      'retiring -> compromised',
      'retired -> compromised',
    ]);
  });

  it('is published from before its first signature until its last token has expired, unless it is compromised', () => {
    expect(STATES.filter(isPublished)).toEqual(['announced', 'active', 'retiring']);
  });
});
