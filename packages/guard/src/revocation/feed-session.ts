/**
 * One connection to the feed, as a state machine over its events: what to apply, when the view is current, when it must be
 * read again. No I/O and no timers (`feed-client.ts` has those), so that every order of events can be tested.
 */
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { FeedEvent, HelloEvent } from './feed-event.ts';
import type { RevocationView } from './view.ts';

export interface FeedSessionOptions {
  readonly view: RevocationView;
  /** Whether the connection asked to go on from the view's position; otherwise only a snapshot makes the view usable. */
  readonly resuming: boolean;
  /** Asks for a confirmation of this position to be sent. */
  readonly onApplied: (seq: number) => void;
  /** The view is current at this moment. */
  readonly onCurrent: () => void;
  readonly onKeys: (jwks: JsonObject) => void;
}

export interface FeedSession {
  readonly hello: HelloEvent | undefined;
  /** Whether the view has caught up with what the issuer knew when the connection began. */
  readonly current: boolean;
  /** @throws {GuardError} `feed_malformed`, `feed_gap`: the connection is of no use any more. */
  handle(event: FeedEvent): void;
}

/** A snapshot may take as many heartbeats to arrive; then the connection is given up. */
const MAX_BEATS_BEHIND = 24;

export function createFeedSession({ view, resuming, onApplied, onCurrent, onKeys }: FeedSessionOptions): FeedSession {
  let hello: HelloEvent | undefined;
  let current = false;
  /** Whether changes of this connection build on what the view holds. */
  let based = resuming;
  /** The position that the heartbeat before this one named. */
  let heardSeq = -1;
  let beatsBehind = 0;

  view.discardStaged();

  const advance = (): void => {
    const { position } = view;
    if (hello === undefined || position === undefined || !based) return;
    current = position.log === hello.position.log && position.seq >= hello.position.seq;
    if (current) onCurrent();
  };

  const greet = (event: HelloEvent): void => {
    if (hello !== undefined) throw new GuardError('feed_malformed', { detail: 'event "hello" came twice' });
    hello = event;
    const { position } = view;
    if (!based || position === undefined || position.log !== event.position.log) return;
    // The log went back behind what was applied (a restored database): what was applied may never have happened.
    if (event.position.seq < position.seq) throw gap('the log of the issuer went back');
    advance();
    onApplied(position.seq);
  };

  const beat = (seq: number): void => {
    const applied = view.position?.seq ?? -1;
    if (!current) {
      beatsBehind += 1;
      if (beatsBehind > MAX_BEATS_BEHIND) throw gap('the view did not catch up');
      return;
    }
    // A change that was committed may be on its way behind a heartbeat; a heartbeat later it is lost.
    if (applied < heardSeq) throw gap('a change was announced but never came');
    heardSeq = seq;
    if (seq <= applied) onCurrent();
  };

  return {
    get hello() {
      return hello;
    },
    get current() {
      return current;
    },
    handle(event) {
      if (event.event === 'hello') {
        greet(event);
        return;
      }
      if (hello === undefined) throw new GuardError('feed_malformed', { detail: 'the first event is not "hello"' });
      switch (event.event) {
        case 'snapshot-part':
          view.stage(event.records);
          return;
        case 'snapshot':
          view.applySnapshot(event.position, event.records);
          based = true;
          advance();
          onApplied(event.position.seq);
          return;
        case 'change':
          if (!based || event.log !== view.position?.log || !view.applyChange(event.record)) {
            throw gap('a change is not the next one');
          }
          advance();
          onApplied(event.record.seq);
          return;
        case 'keys':
          onKeys(event.jwks);
          return;
        case 'heartbeat':
          beat(event.seq);
          return;
      }
    },
  };
}

function gap(detail: string): GuardError {
  return new GuardError('feed_gap', { detail: `${detail}; the whole state is read again` });
}
