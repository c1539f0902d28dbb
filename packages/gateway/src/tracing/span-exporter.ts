/**
 * Sends spans to a collector, gathered, one batch at a time (OTLP/HTTP). A collector that is slow or away costs spans, which are counted; never a request,
 * and never more memory than the queue's bound.
 */
import type { Logger } from '@sealgate/service';
import { encodeSpans, type TraceResource } from './otlp-json.ts';
import type { Span } from './spans.ts';

export interface SpanExporterOptions {
  /** Where batches are posted. */
  readonly endpoint: string;
  /** Further request headers, such as a vendor's key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: TraceResource;
  readonly logger: Logger;
  readonly fetch: typeof globalThis.fetch;
}

export interface SpanCounts {
  readonly exported: number;
  /** The queue was full, or the collector did not take them. */
  readonly dropped: number;
}

const MOST_WAITING = 4096;
const BATCH = 512;
const FLUSH_AFTER_MS = 1000;
const TIMEOUT_MS = 10_000;
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [1000, 30_000];
/** When the process ends: for what is still waiting. */
const LAST_FLUSH_MS = 2000;
/** What a collector may mean by "later" ("Retryable Response Codes"). */
const RETRYABLE = new Set([429, 502, 503, 504]);

export class SpanExporter {
  readonly #options: SpanExporterOptions;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isClosing = false;
  #failing = false;
  #exported = 0;
  #dropped = 0;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
  }

  get counts(): SpanCounts {
    return { exported: this.#exported, dropped: this.#dropped };
  }

  add(spans: readonly Span[]): void {
    if (this.#waiting.length + spans.length > MOST_WAITING) {
      this.#dropped += spans.length;
      return;
    }
    for (const span of spans) this.#waiting.push(span);
    if (this.#waiting.length >= BATCH && !this.#failing) this.#flush();
    else this.#later(FLUSH_AFTER_MS);
  }

  /** Sends what waits, if that can be done soon; then nothing more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const deadline = setTimeout(() => (this.#waiting = []), LAST_FLUSH_MS).unref();
    await this.#sending;
    while (this.#waiting.length > 0) {
      this.#flush();
      await this.#sending;
    }
    clearTimeout(deadline);
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => this.#flush(), ms).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending !== undefined || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, BATCH);
    this.#sending = this.#post(batch);
  }

  async #post(batch: readonly Span[]): Promise<void> {
    const outcome = await this.#send(batch);
    this.#sending = undefined;
    this.#settle(outcome, batch);
  }

  #settle(outcome: 'taken' | 'refused' | 'later', batch: readonly Span[]): void {
    if (outcome === 'taken') {
      this.#exported += batch.length;
      this.#failing = false;
      this.#retryMs = FIRST_RETRY_MS;
    } else if (outcome === 'later' && !this.#isClosing && this.#waiting.length + batch.length <= MOST_WAITING) {
      this.#waiting = [...batch, ...this.#waiting];
    } else {
      this.#dropped += batch.length;
    }
    if (outcome === 'later') {
      this.#failing = true;
      this.#later(this.#retryMs);
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
    } else if (this.#waiting.length > 0) {
      this.#later(this.#waiting.length >= BATCH ? 0 : FLUSH_AFTER_MS);
    }
  }

  async #send(batch: readonly Span[]): Promise<'taken' | 'refused' | 'later'> {
    const { endpoint, headers, resource, logger, fetch } = this.#options;
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: encodeSpans(batch, resource),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#isClosing ? LAST_FLUSH_MS : TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) return 'taken';
      if (!this.#failing) logger.warn({ status: response.status }, 'the trace collector did not take spans');
      return RETRYABLE.has(response.status) ? 'later' : 'refused';
    } catch (error) {
      if (!this.#failing) logger.warn({ err: error }, 'the trace collector cannot be reached');
      return 'later';
    }
  }
}
