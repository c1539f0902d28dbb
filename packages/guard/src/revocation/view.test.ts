import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RevocationRecord } from './record.ts';
import type { TokenRef } from './token-ref.ts';
import { createRevocationView } from './view.ts';

const T0 = 1_700_000_000;

const ids = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const lists = fc.constantFrom('1', '2', 'x.y');
const indexes = fc.oneof(fc.nat(70), fc.constantFrom(4095, 4096, 8191, 1 << 20, 0x7fff_ffff));
const moments = fc.integer({ min: T0 - 50, max: T0 + 50 });

const bodies = fc.record({
  kind: fc.constantFrom('token', 'session', 'family', 'subject', 'client', 'key'),
  holder: ids,
  list: lists,
  idx: indexes,
  before: moments,
  expires: fc.integer({ min: T0, max: T0 + 200 }),
});

type Body = typeof bodies extends fc.Arbitrary<infer T> ? T : never;

const record = (seq: number, body: Body): RevocationRecord => ({
  seq,
  kind: body.kind,
  id: body.kind === 'token' ? `${body.list}:${body.idx}` : body.holder,
  before: body.before,
  expires: body.expires,
});

const refs: fc.Arbitrary<TokenRef> = fc.record({
  issuedAtSeconds: fc.oneof(moments, fc.constant(Number.NaN)),
  statusList: fc.option(lists, { nil: undefined }),
  statusIndex: indexes,
  sessionId: fc.option(ids, { nil: undefined }),
  subject: fc.option(ids, { nil: undefined }),
  clientId: fc.option(ids, { nil: undefined }),
  kid: fc.option(ids, { nil: undefined }),
});

/** The rule, as one would say it. */
const hits = (entry: RevocationRecord, ref: TokenRef): boolean => {
  const issuedBefore = !(ref.issuedAtSeconds >= entry.before);
  if (entry.kind === 'token')
    return ref.statusList !== undefined && entry.id === `${ref.statusList}:${ref.statusIndex}`;
  if (entry.kind === 'session') return entry.id === ref.sessionId && issuedBefore;
  if (entry.kind === 'subject') return entry.id === ref.subject && issuedBefore;
  if (entry.kind === 'client') return entry.id === ref.clientId && issuedBefore;
  return entry.kind === 'key' && entry.id === ref.kid;
};

const commands = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), body: bodies }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('snapshot' as const),
        parts: fc.array(fc.array(bodies, { maxLength: 8 }), { maxLength: 3 }),
        last: fc.array(bodies, { maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('cut off snapshot' as const), part: fc.array(bodies, { maxLength: 8 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('out of order' as const),
        by: fc.constantFrom(-1, 0, 2, 7),
        body: bodies,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 80 }) }) },
  ),
  { maxLength: 40 },
);

describe('the revocation view', () => {
  it('revokes whatever a list of records revokes, at every moment, and nothing that was never revoked', () => {
    fc.assert(
      fc.property(commands, fc.array(refs, { minLength: 1, maxLength: 20 }), (script, probes) => {
        let now = T0;
        let seq = 10;
        const view = createRevocationView({ now: () => now, graceSeconds: 5 });
        view.applySnapshot({ log: 'L', seq }, []);
        let model: RevocationRecord[] = [];
        for (const step of script) {
          if (step.do === 'change') {
            const next = record((seq += 1), step.body);
            expect(view.applyChange(next)).toBe(true);
            model.push(next);
          } else if (step.do === 'snapshot') {
            seq += 3;
            const parts = step.parts.map((part) => part.map((body) => record(seq, body)));
            for (const part of parts) view.stage(part);
            const last = step.last.map((body) => record(seq, body));
            view.applySnapshot({ log: 'L', seq }, last);
            model = [...parts.flat(), ...last];
          } else if (step.do === 'cut off snapshot') {
            view.stage(step.part.map((body) => record(seq, body)));
            view.discardStaged();
          } else if (step.do === 'out of order') {
            expect(view.applyChange(record(seq + step.by, step.body))).toBe(false);
          } else {
            now += step.seconds;
            view.expire();
          }
          expect(view.position).toEqual({ log: 'L', seq });
          for (const ref of probes) {
            const kind = view.isRevoked(ref);
            const must = model.some((entry) => now <= entry.expires + 5 && hits(entry, ref));
            const may = model.some((entry) => hits(entry, ref));
            if (must) expect(kind).toBeDefined();
            if (kind !== undefined) expect(may).toBe(true);
            if (kind !== undefined && kind !== 'token') expect(model.some((entry) => entry.kind === kind)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('equals the list of records exactly while nothing has expired', () => {
    fc.assert(
      fc.property(fc.array(bodies, { maxLength: 60 }), fc.array(refs, { maxLength: 30 }), (entries, probes) => {
        const view = createRevocationView({ now: () => T0 - 1000 });
        view.applySnapshot({ log: 'L', seq: 0 }, []);
        const model = entries.map((body, index) => record(index + 1, body));
        for (const entry of model) view.applyChange(entry);
        for (const ref of probes) {
          expect(view.isRevoked(ref) !== undefined).toBe(model.some((entry) => hits(entry, ref)));
        }
      }),
    );
  });

  it('says nothing is revoked, and takes no change, before the first snapshot', () => {
    const view = createRevocationView({ now: () => T0 });
    expect(view.position).toBeUndefined();
    expect(view.applyChange({ seq: 1, kind: 'subject', id: 'a', before: T0, expires: T0 })).toBe(false);
    expect(view.counts().subjects).toBe(0);
  });

  it('gives all memory back once everything has expired, in small steps', () => {
    let now = T0;
    const view = createRevocationView({ now: () => now, graceSeconds: 0 });
    const records: RevocationRecord[] = [];
    for (let n = 0; n < 20_000; n += 1) {
      const kind = n % 2 === 0 ? 'token' : 'session';
      records.push({
        seq: n,
        kind,
        id: kind === 'token' ? `1:${n * 64}` : `s${n}`,
        before: T0,
        expires: T0 + (n % 600),
      });
    }
    view.applySnapshot({ log: 'L', seq: 20_000 }, records);
    expect(view.counts()).toMatchObject({ tokens: 10_000, sessions: 10_000 });
    now = T0 + 601;
    view.expire();
    expect(view.counts().sessions).toBeGreaterThan(9000);
    for (let step = 0; step < 200; step += 1) view.expire();
    expect(view.counts()).toEqual({ tokens: 0, sessions: 0, subjects: 0, clients: 0, keys: 0, bytes: 0 });
  });

  it('keeps a bit for every index of a million in a list in about a quarter of a megabyte', () => {
    const view = createRevocationView({ now: () => T0 });
    const records = function* (): Generator<RevocationRecord> {
      // 1 % of a million, spread evenly: every page is touched, the worst case.
      for (let n = 0; n < 10_000; n += 1) yield { seq: n, kind: 'token', id: `1:${n * 100}`, before: 0, expires: T0 };
    };
    view.applySnapshot({ log: 'L', seq: 1 }, records());
    expect(view.counts()).toMatchObject({ tokens: 10_000 });
    expect(view.counts().bytes).toBeLessThan(256 * 1024);
  });

  it('tells its listeners of each change and of a replacement', () => {
    const view = createRevocationView({ now: () => T0 });
    const seen: string[] = [];
    const stop = view.listen({ changed: (entry) => seen.push(entry.id), replaced: () => seen.push('replaced') });
    view.applySnapshot({ log: 'L', seq: 0 }, []);
    view.applyChange({ seq: 1, kind: 'subject', id: 'a', before: T0, expires: T0 });
    stop();
    view.applyChange({ seq: 2, kind: 'subject', id: 'b', before: T0, expires: T0 });
    expect(seen).toEqual(['replaced', 'a']);
  });
});
