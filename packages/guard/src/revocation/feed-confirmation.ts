/**
 * Confirms to the issuer what a view has applied: at most one request under way, always for the newest position.
 *
 * The issuer's logout answers when its verifiers have confirmed, so a confirmation leaves at once, and a burst of changes
 * costs two requests, not one a change.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { GuardError } from '../errors.ts';

export interface FeedConfirmationOptions {
  /**
   * Sends one confirmation.
   *
   * @throws {GuardError} `ack_refused` when it is pointless to try again; anything else is tried again.
   */
  readonly send: (seq: number) => Promise<void>;
  readonly onConfirmed: (seq: number, elapsedMs: number) => void;
  readonly onFailed: (error: unknown) => void;
  /** The issuer does not know this connection, or no longer trusts this client. */
  readonly onRefused: (error: GuardError) => void;
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  readonly retryMs?: number;
}

/** @returns Asks for a confirmation of `seq`; returns at once and never throws. */
export function createFeedConfirmation(options: FeedConfirmationOptions): (seq: number) => void {
  const { send, onConfirmed, onFailed, onRefused, signal, retryMs = 200 } = options;
  let wanted: number | undefined;
  let running = false;

  const run = async (): Promise<void> => {
    while (wanted !== undefined && !signal.aborted) {
      const seq = wanted;
      const started = performance.now();
      try {
        await send(seq);
        // A newer one may have been asked for meanwhile.
        if (wanted === seq) wanted = undefined;
        onConfirmed(seq, performance.now() - started);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof GuardError && error.code === 'ack_refused') {
          wanted = undefined;
          onRefused(error);
          return;
        }
        onFailed(error);
        await wait(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };

  return (seq) => {
    wanted = seq;
    if (running) return;
    running = true;
    void run().finally(() => {
      running = false;
    });
  };
}
