/** The rules of a connection, as a property: whatever a feed does, a view that is called current knows everything it should. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuardError } from '../errors.ts';
import type { FeedEvent } from './feed-event.ts';
import { createFeedSession } from './feed-session.ts';
import type { RevocationRecord } from './record.ts';
import type { TokenRef } from './token-ref.ts';
import { createRevocationView, type RevocationView } from './view.ts';

const T0 = 1_700_000_000;

/** An issuer whose log only grows, except when it is restored from a backup or rebuilt. */
class Log {
  id = 'L';
  entries: RevocationRecord[] = [];
  #rebuilds = 0;

  get seq(): number {
    return this.entries.length;
  }

  append(subject: string): void {
    this.entries.push({ seq: this.seq + 1, kind: 'subject', id: subject, before: T0, expires: T0 + 600 });
  }

  rebuild(): void {
    this.#rebuilds += 1;
    this.id = `L${this.#rebuilds}`;
    this.entries = [];
  }

  revokes(subject: string): boolean {
    return this.entries.some((entry) => entry.id === subject);
  }
}

const SUBJECTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const subjects = fc.constantFrom(...SUBJECTS);

const refOf = (subject: string): TokenRef => ({
  issuedAtSeconds: T0 - 1,
  statusList: undefined,
  statusIndex: 0,
  sessionId: undefined,
  subject,
  clientId: undefined,
  kid: undefined,
});

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), subject: subjects }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('beat' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rebuild' as const) }) },
  ),
  { maxLength: 80 },
);

/** A connection between them: what was sent and has not arrived, and what the verifier makes of it. */
class Wire {
  readonly #log: Log;
  readonly #view: RevocationView;
  queue: FeedEvent[] = [];
  session: ReturnType<typeof createFeedSession> | undefined;
  sent = 0;
  distrusted = false;
  greeted: { log: string; revoked: Set<string> } | undefined;

  constructor(log: Log, view: RevocationView) {
    this.#log = log;
    this.#view = view;
  }

  connect(): void {
    const log = this.#log;
    const resume = this.distrusted ? undefined : this.#view.position;
    const resumes = resume !== undefined && resume.log === log.id && resume.seq <= log.seq;
    this.session = createFeedSession({
      view: this.#view,
      resuming: resume !== undefined,
      onApplied: () => undefined,
      onKeys: () => undefined,
      onCurrent: () => {
        this.distrusted = false;
        // The rule: everything the issuer knew when the connection began is known here.
        for (const subject of this.greeted?.revoked ?? []) {
          expect(this.#view.isRevoked(refOf(subject))).toBe('subject');
        }
      },
    });
    const position = { log: log.id, seq: log.seq };
    this.greeted = { log: log.id, revoked: new Set(log.entries.map(({ id }) => id)) };
    this.queue = [{ event: 'hello', connection: 'c', position, heartbeatSeconds: 5 }];
    this.sent = resumes ? resume.seq : log.seq;
    if (!resumes) {
      this.queue.push(
        { event: 'snapshot-part', records: log.entries.slice(0, 2) },
        { event: 'snapshot', position, records: log.entries.slice(2) },
      );
    }
    this.send();
  }

  /** Sends what was appended since. */
  send(): void {
    if (this.greeted?.log !== this.#log.id) return;
    for (const record of this.#log.entries.slice(this.sent))
      this.queue.push({ event: 'change', log: this.#log.id, record });
    this.sent = this.#log.seq;
  }

  /** A change that the issuer forgot to send; what TCP carries it carries whole. */
  lose(): void {
    const at = this.queue.findIndex(({ event }) => event === 'change');
    if (at !== -1) this.queue.splice(at, 1);
  }

  /** @returns false when the connection is over. */
  receive(): boolean {
    const event = this.queue.shift();
    if (event === undefined) return true;
    try {
      this.session?.handle(event);
      return true;
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      expect(error.code).toBe('feed_gap');
      this.distrusted = true;
      return false;
    }
  }
}

describe('a feed session', () => {
  it('never calls a view current that lacks what the issuer knew at the greeting, and gets there in the end', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const log = new Log();
        const view = createRevocationView({ now: () => T0 });
        const wire = new Wire(log, view);
        wire.connect();
        for (const step of script) {
          if (step.do === 'append') {
            log.append(step.subject);
            wire.send();
          }
          if (step.do === 'deliver' && !wire.receive()) wire.connect();
          if (step.do === 'beat') wire.queue.push({ event: 'heartbeat', seq: wire.sent });
          if (step.do === 'lose') wire.lose();
          if (step.do === 'repeat') wire.queue.push(...wire.queue.slice(-1));
          if (step.do === 'cut') wire.connect();
          if (step.do === 'rebuild') {
            log.rebuild();
            // A rebuilt log is another process: connections end.
            wire.connect();
          }
        }
        // From here on nothing goes wrong.
        for (let attempts = 0; attempts < 3; attempts += 1) {
          wire.connect();
          wire.queue.push({ event: 'heartbeat', seq: log.seq });
          while (wire.queue.length > 0 && wire.receive());
          if (wire.session?.current === true) break;
        }
        expect(wire.session?.current).toBe(true);
        expect(view.position).toEqual({ log: log.id, seq: log.seq });
        for (const subject of SUBJECTS) expect(view.isRevoked(refOf(subject)) !== undefined).toBe(log.revokes(subject));
      }),
      { numRuns: 500 },
    );
  });
});
