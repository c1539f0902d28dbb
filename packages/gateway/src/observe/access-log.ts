/**
 * The access log: one line for each request (`access-line.ts`), gathered and written together.
 *
 * A log that cannot be written (disk full, a closed pipe) costs lines, counted, but never a request and never unbounded memory.
 */
import { close, openSync, write } from 'node:fs';
import { lineWriter, type AccessLogFormat } from './access-line.ts';

export interface AccessEntry {
  readonly requestId: string;
  /** Of the trace that it belongs to; '' where nothing is traced. */
  readonly traceId: string;
  readonly ip: string;
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  readonly method: string;
  /** Canonical path, or '' when the request had none. */
  readonly path: string;
  readonly route: string;
  readonly status: number;
  /** `allowed`, or the code of the refusal or failure. */
  readonly code: string;
  /** Verified; '' when there is no principal. */
  readonly subject: string;
  readonly clientId: string;
  /** Instance that answered, or ''. */
  readonly upstream: string;
  readonly durationMs: number;
  readonly responseBytes: number;
}

export interface AccessLog {
  write(entry: AccessEntry): void;
  /** Lines that could not be written so far. */
  readonly dropped: number;
  /** Writes what is gathered; then nothing more. */
  close(): Promise<void>;
}

export interface AccessLogOptions {
  /** `stdout`, `off` or `file:PATH`. */
  readonly to: string;
  readonly format: AccessLogFormat;
}

export function createAccessLog({ to, format }: AccessLogOptions, nowMs: () => number = Date.now): AccessLog {
  if (to === 'off') return { write: () => undefined, dropped: 0, close: () => Promise.resolve() };
  const line = lineWriter(format, nowMs);
  return to.startsWith('file:')
    ? new BufferedLog(openSync(to.slice('file:'.length), 'a', 0o640), true, line)
    : new BufferedLog(1, false, line);
}

const FLUSH_AFTER_MS = 200;
const FLUSH_AT_BYTES = 128 * 1024;
/** Lines wait in a buffer of this size while the one before is written; more are dropped. */
const MOST_BYTES_WAITING = 1024 * 1024;
/** No line is longer: URLs are, and claims should be. */
const LONGEST_LINE_BYTES = 64 * 1024;

class BufferedLog implements AccessLog {
  dropped = 0;
  readonly #fd: number;
  readonly #owned: boolean;
  readonly #line: (entry: AccessEntry) => string;
  #waiting = Buffer.allocUnsafeSlow(MOST_BYTES_WAITING);
  #spare = Buffer.allocUnsafeSlow(MOST_BYTES_WAITING);
  #used = 0;
  #lines = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void) | undefined;

  constructor(fd: number, owned: boolean, line: (entry: AccessEntry) => string) {
    this.#fd = fd;
    this.#owned = owned;
    this.#line = line;
  }

  write(entry: AccessEntry): void {
    if (this.#used + LONGEST_LINE_BYTES > MOST_BYTES_WAITING) {
      this.dropped++;
      return;
    }
    this.#used += this.#waiting.write(this.#line(entry), this.#used, LONGEST_LINE_BYTES, 'utf8');
    this.#lines++;
    if (this.#used >= FLUSH_AT_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS).unref();
  }

  async close(): Promise<void> {
    this.#flush();
    if (this.#writing) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    if (this.#owned) await new Promise<void>((resolve) => close(this.#fd, () => resolve()));
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#used === 0) return;
    const lines = this.#lines;
    const text = this.#waiting.subarray(0, this.#used);
    [this.#waiting, this.#spare] = [this.#spare, this.#waiting];
    this.#used = 0;
    this.#lines = 0;
    this.#writing = true;
    this.#writeAll(text, lines);
  }

  #writeAll(text: Buffer, lines: number): void {
    write(this.#fd, text, (error, written) => {
      if (error === null && written < text.length) {
        this.#writeAll(text.subarray(written), lines);
        return;
      }
      if (error !== null && 'code' in error && error.code === 'EAGAIN') {
        setTimeout(() => this.#writeAll(text, lines), FLUSH_AFTER_MS).unref();
        return;
      }
      if (error !== null) this.dropped += lines;
      this.#writing = false;
      if (this.#used > 0) this.#flush();
      else this.#idle?.();
    });
  }
}
