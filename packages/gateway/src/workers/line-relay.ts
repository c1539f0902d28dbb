/**
 * Passes a worker's output on, whole lines at a time: what several processes write to one pipe is torn where a line is longer than the pipe
 * takes at once (pipe(7), PIPE_BUF).
 */
import type { Readable, Writable } from 'node:stream';

/** Longest line that is waited for; a longer one is passed on in pieces. */
const LONGEST_LINE_BYTES = 128 * 1024;
const LINE_BREAK = 0x0a;

export function relayLines(from: Readable, to: Writable): void {
  let rest: Buffer = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = text.length > LONGEST_LINE_BYTES ? text.length : text.lastIndexOf(LINE_BREAK) + 1;
    rest = text.subarray(end);
    if (end === 0 || to.write(text.subarray(0, end))) return;
    // Whoever reads slowly slows the workers' logs down, and costs no memory here.
    from.pause();
    to.once('drain', () => from.resume());
  });
  // A pipe that breaks is one that ends: what becomes of its process is told elsewhere.
  from.on('error', () => undefined);
  from.on('close', () => {
    if (rest.length > 0) to.write(Buffer.concat([rest, Buffer.of(LINE_BREAK)]));
  });
}
