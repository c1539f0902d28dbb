/** Entry of the process: `bin/sealgate.js` loads this, in a checkout as a module, else built into one file that cannot wait at its top. */
import { runCommand } from './cli.ts';
import { processIo } from './io.ts';

async function main(): Promise<void> {
  // Set, not forced: what has been written is flushed before the process ends by itself.
  process.exitCode = await runCommand(process.argv.slice(2), processIo());
}

void main();
