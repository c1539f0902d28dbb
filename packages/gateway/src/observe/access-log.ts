/**
 * The access log: one JSON line for each request, gathered and written together.
 *
 * No token and no query ever enters it: a path segment that looks like a JWT is cut. A log that cannot be written (disk full, a closed
 * pipe) costs lines, counted, but never a request and never unbounded memory.
 */
import { close, openSync, write } from 'node:fs';

export interface AccessEntry {
  readonly requestId: string;
  readonly ip: string;
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

/** @param to - `stdout`, `off` or `file:PATH`. */
export function createAccessLog(to: string, nowMs: () => number = Date.now): AccessLog {
  if (to === 'off') return { write: () => undefined, dropped: 0, close: () => Promise.resolve() };
  return to.startsWith('file:')
    ? new BufferedLog(openSync(to.slice('file:'.length), 'a', 0o640), true, nowMs)
    : new BufferedLog(1, false, nowMs);
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
  readonly #nowMs: () => number;
  #waiting = Buffer.allocUnsafeSlow(MOST_BYTES_WAITING);
  #spare = Buffer.allocUnsafeSlow(MOST_BYTES_WAITING);
  #used = 0;
  #lines = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void) | undefined;
  #second = 0;
  #secondText = '';

  constructor(fd: number, owned: boolean, nowMs: () => number) {
    this.#fd = fd;
    this.#owned = owned;
    this.#nowMs = nowMs;
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

  #line(entry: AccessEntry): string {
    return (
      `{"time":"${this.#time()}","request_id":"${entry.requestId}","ip":"${entry.ip}","method":"${entry.method}"` +
      `,"path":${quote(withoutTokens(entry.path))},"route":${quote(entry.route)},"status":${entry.status},"code":"${entry.code}"` +
      (entry.subject === '' ? '' : `,"sub":${quote(entry.subject)}`) +
      (entry.clientId === '' ? '' : `,"client_id":${quote(entry.clientId)}`) +
      (entry.upstream === '' ? '' : `,"upstream":"${entry.upstream}"`) +
      `,"duration_ms":${Math.round(entry.durationMs * 1000) / 1000},"bytes":${entry.responseBytes}}\n`
    );
  }

  /** Seconds are formatted once each. */
  #time(): string {
    const now = this.#nowMs();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20);
    }
    return `${this.#secondText}${String((now % 1000) | 0).padStart(3, '0')}Z`;
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

/** JSON string; most text needs no escaping at all. */
function quote(text: string): string {
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/u.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Cuts path segments that look like a JWT or a Sealgate refresh token. */
function withoutTokens(path: string): string {
  if (!path.includes('eyJ') && !path.includes('sgr_')) return path;
  return path.replace(/eyJ[A-Za-z0-9._-]{8,}|sgr_[A-Za-z0-9_-]{8,}/gu, '[token]');
}
