/** The chain: whatever is changed in what is stored, the check finds it; nobody without the key can make it right again. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime.ts';
import { MacKey } from '../secrets/mac.ts';
import { rowMac, signHead, verifyChain, type ChainHead, type ChainRow, type SignedHead } from './chain.ts';
import { factsOf, writeEvent } from './event.ts';

const key = new MacKey(Buffer.alloc(32, 7));
const foreign = new MacKey(Buffer.alloc(32, 8));

interface Stored {
  readonly rows: readonly ChainRow[];
  readonly head: SignedHead;
}

function chainOf(length: number, sealedWith: MacKey = key, from: Partial<ChainHead> = {}): Stored {
  let { seq, mac } = { seq: 0, mac: '', ...from };
  const rows = Array.from({ length }, (_, index): ChainRow => {
    const { body } = writeEvent(
      { event: 'login', actor: { kind: 'user', id: `usr_${index % 3}` }, subject: `usr_${index % 3}` },
      systemRuntime,
    );
    mac = rowMac(sealedWith, mac, ++seq, body);
    return { ...factsOf(body), seq, body, mac };
  });
  return { rows, head: signHead(sealedWith, { floorSeq: 0, floorMac: '', ...from, seq, mac }) };
}

const check = ({ rows, head }: Stored, noted?: { seq: number; mac: string }) => verifyChain(key, head, [rows], noted);

/** One change of what is stored, by somebody who has the database and not the key. */
type Change = (stored: Stored, at: number, other: number) => Stored;

const replaced = (rows: readonly ChainRow[], at: number, difference: Partial<ChainRow>) =>
  rows.map((row, index) => (index === at ? { ...row, ...difference } : row));
const flipped = (text: string, at: number) => {
  const index = at % text.length;
  return text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
};

const CHANGES: Readonly<Record<string, Change>> = {
  'a character of a text': ({ rows, head }, at, other) => {
    const body = flipped(rows[at]?.body ?? '', other);
    return { rows: replaced(rows, at, { body }), head };
  },
  'a character of a hash': ({ rows, head }, at, other) => {
    return { rows: replaced(rows, at, { mac: flipped(rows[at]?.mac ?? '', other) }), head };
  },
  'the column of the subject': ({ rows, head }, at) => ({ rows: replaced(rows, at, { subject: 'usr_x' }), head }),
  'the column of the event': ({ rows, head }, at) => ({ rows: replaced(rows, at, { event: 'logout' }), head }),
  'the column of the time': ({ rows, head }, at) => ({ rows: replaced(rows, at, { atMs: 1 }), head }),
  'the column of the id': ({ rows, head }, at) => ({ rows: replaced(rows, at, { id: 'evt_x' }), head }),
  'a row removed': ({ rows, head }, at) => ({ rows: rows.filter((_, index) => index !== at), head }),
  'a row removed and the others numbered anew': ({ rows, head }, at) => ({
    rows: rows.toSpliced(at, 1).map((row, index) => Object.assign({}, row, { seq: index + 1 })),
    head,
  }),
  'the end cut off': ({ rows, head }, at) => ({ rows: rows.slice(0, at), head }),
  'the end cut off and the head set to it': ({ rows, head }, at) => {
    const last = rows[at - 1];
    return { rows: rows.slice(0, at), head: { ...head, seq: last?.seq ?? 0, mac: last?.mac ?? '' } };
  },
  'the beginning cut off and the head set to it': ({ rows, head }, at) => ({
    rows: rows.slice(at + 1),
    head: { ...head, floorSeq: rows[at]?.seq ?? 0, floorMac: rows[at]?.mac ?? '' },
  }),
  'two texts exchanged': ({ rows, head }, at, other) => {
    const with_ = (at + 1 + (other % (rows.length - 1))) % rows.length;
    const [a, b] = [rows[at], rows[with_]];
    if (a === undefined || b === undefined) throw new TypeError('the chain is too short');
    return {
      rows: replaced(replaced(rows, at, { ...b, seq: a.seq }), with_, { ...a, seq: b.seq }),
      head,
    };
  },
  'a row added at the end': ({ rows, head }, at) => {
    const row = rows[at];
    return { rows: row === undefined ? rows : [...rows, { ...row, seq: head.seq + 1 }], head };
  },
  'a row added at the end, and the head set to it': ({ rows, head }, at) => {
    const row = rows[at];
    if (row === undefined) throw new TypeError('the chain is too short');
    return { rows: [...rows, { ...row, seq: head.seq + 1 }], head: { ...head, seq: head.seq + 1, mac: row.mac } };
  },
  'every hash made anew with another key': ({ rows }) => chainOf(rows.length, foreign),
  'the signature of the head': ({ rows, head }, _at, other) => ({
    rows,
    head: { ...head, signature: flipped(head.signature, other) },
  }),
};

describe('the chain of the audit', () => {
  it('is right as it was written, also where its beginning was removed for its age', async () => {
    const { rows, head } = chainOf(30);
    expect(await check({ rows, head })).toMatchObject({ faults: [], rows: 30, head: { seq: 30 } });
    const floor = rows[9];
    const pruned = signHead(key, { ...head, floorSeq: floor?.seq ?? 0, floorMac: floor?.mac ?? '' });
    expect(await check({ rows: rows.slice(10), head: pruned })).toMatchObject({ faults: [], rows: 20 });
    expect(await check(chainOf(0))).toMatchObject({ faults: [], rows: 0 });
  });

  it.each(Object.entries(CHANGES))('shows %s, wherever it is', async (_name, change) => {
    const stored = chainOf(12);
    await fc.assert(
      fc.asyncProperty(fc.nat(11), fc.nat(1_000), async (at, other) => {
        const changed = change(stored, at, other);
        expect((await check(changed)).faults).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('names the row that was altered, and the rows that are gone', async () => {
    const { rows, head } = chainOf(9);
    expect((await check({ rows: replaced(rows, 3, { body: '{}' }), head })).faults).toEqual([
      { kind: 'altered', seq: 4 },
    ]);
    expect((await check({ rows: rows.filter(({ seq }) => seq !== 5 && seq !== 6), head })).faults).toEqual([
      { kind: 'removed', from: 5, to: 6 },
    ]);
    expect((await check({ rows: rows.slice(0, 7), head })).faults).toEqual([{ kind: 'truncated', from: 8, to: 9 }]);
  });

  it('shows an older state put back, to whoever noted a number and its hash', async () => {
    const before = chainOf(6);
    const noted = { seq: 9, mac: 'noted-outside-the-database' };
    expect((await check(before)).faults).toEqual([]);
    expect((await check(before, noted)).faults).toEqual([{ kind: 'rolled_back', seq: 9 }]);
    expect((await check(before, { seq: 4, mac: before.rows[3]?.mac ?? '' })).faults).toEqual([]);
  });
});
