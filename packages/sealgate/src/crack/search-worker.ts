/** A thread of the search: goes through its share of the candidates and tells how far it is. Imports nothing but what it needs to guess. */
import { parentPort, workerData } from 'node:worker_threads';
import { candidates } from './candidates.ts';
import type { Origin, Plan } from './candidates.ts';
import { guesser } from './guess.ts';
import type { Target } from './guess.ts';

export interface Share {
  readonly target: Target;
  readonly plan: Plan;
  /** Takes every candidate whose number leaves `index` when divided by `of`. */
  readonly index: number;
  readonly of: number;
  /** Most guesses of this thread. */
  readonly tries: number;
}

export type Report =
  | { readonly kind: 'progress'; readonly tries: number; readonly origin: Origin }
  | { readonly kind: 'found'; readonly tries: number; readonly origin: Origin; readonly secret: string }
  | { readonly kind: 'done'; readonly tries: number; readonly complete: boolean };

const REPORT_EVERY = 1 << 16;

function search({ target, plan, index, of, tries: most }: Share, report: (report: Report) => void): void {
  const made = guesser(target);
  let tries = 0;
  let number = 0;
  for (const [origin, secret] of candidates(plan)) {
    if (number++ % of !== index) continue;
    if (tries >= most) return report({ kind: 'done', tries, complete: false });
    tries += 1;
    if (made(secret)) return report({ kind: 'found', tries, origin, secret });
    if (tries % REPORT_EVERY === 0) report({ kind: 'progress', tries, origin });
  }
  return report({ kind: 'done', tries, complete: true });
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
search(workerData as Share, (report) => parentPort?.postMessage(report));
