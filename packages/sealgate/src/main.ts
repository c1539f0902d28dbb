/** Entry of the process: `bin/sealgate.js` loads this, in a checkout as a module, else built into one file that cannot wait at its top. */
import { runCommand } from './cli.ts';
import { processIo } from './io.ts';
import { isWorker } from './serve/worker-word.ts';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (isWorker(args)) {
    const { becomeWorker } = await import('./serve/worker.ts');
    becomeWorker(args[1] ?? '');
    return;
  }
  // Set, not forced: what has been written is flushed before the process ends by itself.
  process.exitCode = await runCommand(args, processIo());
}

void main();
