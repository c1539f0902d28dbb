/**
 * Keeps a revocation view current over the issuer's feed: connects, resumes, reads again after a gap, confirms, reconnects.
 *
 * What an event means is `feed-session.ts`; what the bytes mean is `sse-parser.ts`. This file has the connection: time-outs,
 * the heartbeat watchdog and the waiting between attempts. It never gives up and never throws; `state()` and `observe` tell.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { GUARD_VERSION } from '../version.ts';
import { createBackoff } from './backoff.ts';
import { createFeedConfirmation } from './feed-confirmation.ts';
import { formatPosition, parseFeedEvent } from './feed-event.ts';
import { createFeedSession } from './feed-session.ts';
import { Freshness } from './freshness.ts';
import { createSseParser } from './sse-parser.ts';
import type { RevocationView } from './view.ts';

export interface FeedClientOptions {
  readonly feedUrl: string;
  readonly ackUrl: string;
  /** Value of `Authorization` for both. */
  readonly authorization: string;
  /** How the issuer lists this verifier: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  readonly verifierName: string;
  readonly view: RevocationView;
  readonly onKeys: (jwks: JsonObject) => void;
  readonly dispatcher: Dispatcher;
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly observe?: (event: FeedClientEvent) => void;
  readonly freshness?: Freshness;
  readonly maxEventBytes?: number;
  /** First and longest wait between attempts. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** How long to wait for the answer and the first event. */
  readonly connectTimeoutMs?: number;
}

/** For metrics and logs. No member ever holds a token or a secret. */
export type FeedClientEvent =
  | { readonly type: 'feed_connected'; readonly resumed: boolean }
  | { readonly type: 'feed_current'; readonly seq: number }
  | { readonly type: 'feed_applied'; readonly seq: number }
  | { readonly type: 'feed_lost'; readonly error: GuardError; readonly retryMs: number }
  | { readonly type: 'feed_confirmed'; readonly seq: number; readonly elapsedMs: number }
  | { readonly type: 'feed_confirmation_failed'; readonly error: unknown };

export interface FeedState {
  readonly connected: boolean;
  /** Whether the view has caught up on the present connection. */
  readonly current: boolean;
  /** Seconds since the issuer last showed the view to be current; Infinity before it ever was. */
  readonly lagSeconds: number;
  readonly seq: number | undefined;
  /** Why the last connection ended. */
  readonly lastError: GuardError | undefined;
}

export interface FeedClient {
  /** Resolves when the view is current for the first time; never rejects. Unresolved if closed before. */
  readonly ready: Promise<void>;
  readonly freshness: Freshness;
  state(): FeedState;
  /** Ends the connection and every timer. */
  close(): Promise<void>;
}

const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;
const DEFAULT_BACKOFF = { firstMs: 250, maxMs: 15_000 };
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 5000;
/** Silence for longer than this many heartbeats ends the connection. */
const SILENT_HEARTBEATS = 2.5;

export function createFeedClient(options: FeedClientOptions): FeedClient {
  const { view, dispatcher, now, random, observe, authorization } = options;
  const { maxEventBytes = DEFAULT_MAX_EVENT_BYTES, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  const freshness = options.freshness ?? new Freshness();
  const backoff = createBackoff({ ...(options.backoff ?? DEFAULT_BACKOFF), random });
  const ready = Promise.withResolvers<void>();
  const closing = new AbortController();
  let connected = false;
  let current = false;
  /** What was applied is not to be built on; the next connection asks for everything. */
  let distrusted = false;
  let lastError: GuardError | undefined;

  const feedUrl = new URL(options.feedUrl);
  feedUrl.searchParams.set('verifier', options.verifierName);

  const connect = async (): Promise<void> => {
    const connection = new AbortController();
    const signal = AbortSignal.any([closing.signal, connection.signal]);
    const watchdog = setTimeout(() => connection.abort(new GuardError('feed_silent')), connectTimeoutMs);
    let silence = watchdog;
    try {
      const resumeFrom = distrusted ? undefined : view.position;
      const { statusCode, headers, body } = await request(feedUrl, {
        dispatcher,
        signal,
        headers: {
          accept: 'text/event-stream',
          authorization,
          // An operator sees at the issuer which verifier runs what.
          'user-agent': `sealgate-guard/${GUARD_VERSION}`,
          ...(resumeFrom === undefined ? {} : { 'last-event-id': formatPosition(resumeFrom) }),
        },
        headersTimeout: connectTimeoutMs,
        // The watchdog knows the heartbeat; this timer does not.
        bodyTimeout: 0,
      });
      if (statusCode !== 200 || !isEventStream(headers['content-type'])) {
        // Closing is all there is to do with what it says.
        body.on('error', () => undefined).destroy();
        throw new GuardError('feed_refused', {
          status: statusCode,
          detail: `the feed was answered with ${statusCode}`,
        });
      }
      const confirm = createFeedConfirmation({
        signal,
        send: (seq) => sendConfirmation(session.hello?.connection ?? '', seq, signal),
        onConfirmed: (seq, elapsedMs) => observe?.({ type: 'feed_confirmed', seq, elapsedMs }),
        onFailed: (error) => observe?.({ type: 'feed_confirmation_failed', error }),
        onRefused: (error) => connection.abort(error),
      });
      const session = createFeedSession({
        view,
        resuming: resumeFrom !== undefined,
        onKeys: options.onKeys,
        onApplied(seq) {
          observe?.({ type: 'feed_applied', seq });
          confirm(seq);
        },
        onCurrent() {
          freshness.confirm(now());
          distrusted = false;
          if (current) return;
          current = true;
          observe?.({ type: 'feed_current', seq: view.position?.seq ?? 0 });
          ready.resolve();
        },
      });
      const parser = createSseParser({
        maxEventBytes,
        onEvent(raw) {
          const event = parseFeedEvent(raw);
          if (event === undefined) return;
          session.handle(event);
          if (event.event === 'hello') {
            clearTimeout(silence);
            silence = setTimeout(
              () => connection.abort(new GuardError('feed_silent')),
              event.heartbeatSeconds * SILENT_HEARTBEATS * 1000,
            );
          }
          silence.refresh();
          if (event.event !== 'heartbeat') return;
          view.expire();
          // It lasts: the next loss is a new one. Sooner would let a gap at every start become a busy loop.
          if (session.current) backoff.reset();
        },
      });
      connected = true;
      observe?.({ type: 'feed_connected', resumed: resumeFrom !== undefined });
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        parser.push(chunk);
        // A snapshot may be long in coming. Otherwise events are signs of life, and bytes are not.
        if (session.hello !== undefined && !session.current) silence.refresh();
      }
      throw new GuardError('feed_unreachable', { detail: 'the issuer ended the feed' });
    } catch (error) {
      // Also ends a confirmation that is under way.
      connection.abort(error);
      throw connection.signal.reason;
    } finally {
      clearTimeout(watchdog);
      clearTimeout(silence);
      view.discardStaged();
      connected = false;
      current = false;
    }
  };

  const sendConfirmation = async (connection: string, seq: number, signal: AbortSignal): Promise<void> => {
    const { statusCode, body } = await request(options.ackUrl, {
      method: 'POST',
      dispatcher,
      signal,
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ connection, seq }),
      headersTimeout: ACK_TIMEOUT_MS,
      bodyTimeout: ACK_TIMEOUT_MS,
    });
    await body.dump();
    if (statusCode === 204 || statusCode === 200) return;
    const final = statusCode >= 400 && statusCode < 500 && statusCode !== 429;
    throw new GuardError(final ? 'ack_refused' : 'feed_unreachable', {
      status: statusCode,
      detail: `a confirmation was answered with ${statusCode}`,
    });
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await connect();
      } catch (error) {
        if (closing.signal.aborted) return;
        lastError = asGuardError(error);
        distrusted ||= DISTRUSTING.has(lastError.code);
      }
      const retryMs = backoff.nextMs();
      if (lastError !== undefined) observe?.({ type: 'feed_lost', error: lastError, retryMs });
      await wait(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };

  const running = run();
  return {
    ready: ready.promise,
    freshness,
    state: () => ({
      connected,
      current,
      lagSeconds: freshness.ageSeconds(now()),
      seq: view.position?.seq,
      lastError,
    }),
    async close() {
      closing.abort(new GuardError('feed_unreachable', { detail: 'closed' }));
      await running;
    },
  };
}

/** Failures after which the state is read again as a whole. */
const DISTRUSTING: ReadonlySet<string> = new Set(['feed_gap', 'feed_malformed', 'feed_too_large']);

function isEventStream(contentType: string | string[] | undefined): boolean {
  return typeof contentType === 'string' && /^text\/event-stream\s*(?:;|$)/i.test(contentType);
}

function asGuardError(error: unknown): GuardError {
  if (error instanceof GuardError) return error;
  // undici names the fault in its code or message; neither holds what was sent.
  const detail = error instanceof Error ? `the feed failed: ${error.message}` : 'the feed failed';
  return new GuardError('feed_unreachable', { detail, cause: error });
}
