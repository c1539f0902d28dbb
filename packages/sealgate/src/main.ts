/** Entry of the process: `bin/sealgate.js` imports this. */
import { runCommand } from './cli.ts';
import { processIo } from './io.ts';

// Set, not forced: what has been written is flushed before the process ends by itself.
process.exitCode = await runCommand(process.argv.slice(2), processIo());
