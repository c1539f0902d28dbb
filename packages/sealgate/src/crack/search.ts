/** The search on several threads, ended by the first that finds the secret, by the bound of guesses, or by the clock. */
import { Worker } from 'node:worker_threads';
import type { Origin, Plan } from './candidates.ts';
import type { Target } from './guess.ts';
import type { Report, Share } from './search-worker.ts';

export interface SearchOptions {
  readonly target: Target;
  readonly plan: Plan;
  readonly threads: number;
  readonly timeMs: number;
  readonly tries: number;
  /** Called now and then, with all guesses so far. */
  readonly progress: (tries: number, origin: Origin) => void;
}

export interface SearchResult {
  readonly found: { readonly secret: string; readonly origin: Origin } | undefined;
  readonly tries: number;
  /** Whether everything of the plan was tried. */
  readonly complete: boolean;
}

/** The file that runs in a thread: source in a checkout, built where this is built. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './search-worker.ts' : './search-worker.cjs', import.meta.url);

export async function search(options: SearchOptions): Promise<SearchResult> {
  const { target, plan, threads, timeMs, progress } = options;
  const tries = Array.from({ length: threads }, () => 0);
  const workers: Worker[] = [];
  let found: SearchResult['found'];
  let complete = true;
  let timer: NodeJS.Timeout | undefined;
  const runs = tries.map(
    (_, index) =>
      new Promise<void>((resolve, reject) => {
        const share: Share = { target, plan, index, of: threads, tries: Math.ceil(options.tries / threads) };
        const worker = new Worker(WORKER, { workerData: share });
        workers.push(worker);
        worker.on('message', (report: Report) => {
          tries[index] = report.tries;
          if (report.kind === 'progress') progress(sum(tries), report.origin);
          else if (report.kind === 'found') found = { secret: report.secret, origin: report.origin };
          else if (!report.complete) complete = false;
          if (report.kind !== 'progress') resolve();
          if (report.kind === 'found') for (const each of workers) void each.terminate();
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve());
      }),
  );
  const end = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeMs);
  });
  try {
    if ((await Promise.race([Promise.all(runs), end])) === 'late') complete = false;
  } finally {
    clearTimeout(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return { found, tries: sum(tries), complete: complete && found === undefined };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
