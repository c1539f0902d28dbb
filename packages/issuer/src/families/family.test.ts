/** The refresh family as a table of transitions, and as a model under random commands (DESIGN.md section 3; RFC 9700 section 4.14.2). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTransition, type Family, type Member, type Transition } from './family.ts';

const family: Family = {
  client: 'web',
  generation: 5,
  idleExpiresMs: 1_000_000,
  expiresMs: 2_000_000,
  revokedMs: null,
  sender: {},
};
const newest: Member = { generation: 5, consumedMs: null };
const previous: Member = { generation: 4, consumedMs: 100_000 };
const now = { client: 'web', sender: {}, nowMs: 110_000, retryWindowMs: 30_000 };

describe('presenting a refresh token', () => {
  it.each<[string, Partial<Family>, Member, Partial<typeof now>, Transition]>([
    ['the newest, unused', {}, newest, {}, { kind: 'rotate' }],
    ['the one before, in the window', {}, previous, {}, { kind: 'repeat' }],
    ['the one before, at the window’s end', {}, previous, { nowMs: 130_000 }, { kind: 'repeat' }],
    ['the one before, after the window', {}, previous, { nowMs: 130_001 }, { kind: 'reuse' }],
    ['the one before, without a window', {}, previous, { retryWindowMs: 0 }, { kind: 'reuse' }],
    ['the one before, its successor used', { generation: 6 }, previous, {}, { kind: 'reuse' }],
    ['an old one', {}, { generation: 1, consumedMs: 105_000 }, {}, { kind: 'reuse' }],
    [
      'an old one that was never consumed, which cannot be',
      {},
      { generation: 3, consumedMs: null },
      {},
      { kind: 'reuse' },
    ],
    ['by another client', {}, newest, { client: 'app' }, { kind: 'refuse', reason: 'client_mismatch' }],
    [
      'reuse by another client',
      {},
      { generation: 1, consumedMs: 1 },
      { client: 'app' },
      { kind: 'refuse', reason: 'client_mismatch' },
    ],
    [
      'without the key it is bound to',
      { sender: { jkt: 'a' } },
      newest,
      {},
      { kind: 'refuse', reason: 'sender_mismatch' },
    ],
    [
      'with another key, also as reuse',
      { sender: { jkt: 'a' } },
      { generation: 1, consumedMs: 1 },
      { sender: { jkt: 'b' } },
      { kind: 'refuse', reason: 'sender_mismatch' },
    ],
    ['with the key it is bound to', { sender: { jkt: 'a' } }, newest, { sender: { jkt: 'a' } }, { kind: 'rotate' }],
    [
      'with another certificate',
      { sender: { jkt: 'a', certificate: 'c' } },
      newest,
      { sender: { jkt: 'a', certificate: 'd' } },
      { kind: 'refuse', reason: 'sender_mismatch' },
    ],
    ['of a revoked family', { revokedMs: 1 }, newest, {}, { kind: 'refuse', reason: 'revoked' }],
    ['at the idle limit', {}, newest, { nowMs: 1_000_000 }, { kind: 'refuse', reason: 'expired' }],
    ['just before the idle limit', {}, newest, { nowMs: 999_999 }, { kind: 'rotate' }],
    [
      'at the absolute limit',
      { idleExpiresMs: 3_000_000 },
      newest,
      { nowMs: 2_000_000 },
      { kind: 'refuse', reason: 'expired' },
    ],
    ['with a clock that is no number', {}, newest, { nowMs: Number.NaN }, { kind: 'refuse', reason: 'expired' }],
  ])('%s', (_name, difference, member, presentation, expected) => {
    expect(nextTransition({ ...family, ...difference }, member, { ...now, ...presentation })).toEqual(expected);
  });
});

/** Performs transitions as the store does, on plain values. */
class ModelFamily {
  readonly members: { consumedMs: number | null }[] = [{ consumedMs: null }];
  revokedMs: number | null = null;
  readonly handedOut = new Set([1]);

  present(generation: number, nowMs: number): Transition {
    const member = this.members[generation - 1];
    if (member === undefined) throw new Error('never issued');
    const state: Family = {
      client: 'web',
      generation: this.members.length,
      idleExpiresMs: Infinity,
      expiresMs: Infinity,
      revokedMs: this.revokedMs,
      sender: {},
    };
    const presented = { client: 'web', sender: {}, nowMs, retryWindowMs: 30_000 };
    const transition = nextTransition(state, { generation, consumedMs: member.consumedMs }, presented);
    if (transition.kind === 'rotate') {
      member.consumedMs = nowMs;
      this.members.push({ consumedMs: null });
    }
    if (transition.kind === 'rotate' || transition.kind === 'repeat') this.handedOut.add(generation + 1);
    if (transition.kind === 'reuse') this.revokedMs = nowMs;
    return transition;
  }

  get unused(): number {
    return this.members.filter(({ consumedMs }) => consumedMs === null).length;
  }
}

describe('a family under any sequence of presentations', () => {
  const command = fc.record({
    which: fc.double({ min: 0, max: 1, noNaN: true }),
    waitMs: fc.integer({ min: 0, max: 45_000 }),
  });

  it('has one unused leaf, gives a retry the successor that exists, and does nothing once it is revoked', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const model = new ModelFamily();
        let nowMs = 0;
        let dead = false;
        for (const { which, waitMs } of commands) {
          nowMs += waitMs;
          const held = [...model.handedOut];
          const generation = held[Math.floor(which * (held.length - 1))] ?? 1;
          const newestBefore = model.members.length;
          const { kind } = model.present(generation, nowMs);
          expect(model.unused).toBe(1);
          if (dead) expect(kind).toBe('refuse');
          if (kind === 'rotate') expect(generation).toBe(newestBefore);
          if (kind === 'repeat') expect(generation).toBe(newestBefore - 1);
          if (kind === 'reuse') dead = true;
          if (!dead) expect(model.members.length - newestBefore).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('dies when a thief and the owner both use what was stolen, whoever is first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 100_000 }), (more, waitMs) => {
        const model = new ModelFamily();
        model.present(1, 0);
        // The stolen token is the newest one; one of the two goes on with it, twice, so that its successor is used.
        model.present(2, 1);
        model.present(3, 2);
        for (let turn = 0; turn < more; turn++) model.present(model.members.length, 3 + turn);
        expect(model.present(2, 20 + waitMs).kind).toBe('reuse');
        expect(model.present(model.members.length, 21 + waitMs).kind).toBe('refuse');
      }),
    );
  });
});
