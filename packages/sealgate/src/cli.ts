/**
 * Runs one command. What a command does stands in its own folder, how it is called in `program.ts`; how it fails is decided here, once: one
 * line on standard error, and an exit code.
 */
import { CommanderError } from 'commander';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import type { CommandIo } from './io.ts';
import { buildProgram } from './program.ts';

/** Runs one command. Never throws: what goes wrong is told on standard error. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exit: ExitCode = EXIT.yes;
  const program = buildProgram({ ...io, color: io.color && !args.includes('--no-color') }, async (work) => {
    const { color } = program.opts<{ color: boolean }>();
    exit = await work({ ...io, color: io.color && color });
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    return complain(error, io);
  }
}

/** Where an error was made, for the report: the innermost line of its stack, and no more of it. */
function placeOf({ stack = '' }: Error): string {
  const [place] = /[^\s(]+:\d+(?::\d+)?/u.exec(stack.slice(stack.indexOf('\n    at '))) ?? [];
  return place === undefined ? '' : ` (at ${place})`;
}

/** One line for each fault, and the exit code. A stack trace helps nobody at a terminal. */
async function complain(error: unknown, io: CommandIo): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.yes;
    // Help asked for by its absence: a group without a command.
    if (error.code === 'commander.help') return EXIT.misuse;
    io.stderr(`sealgate: ${error.message.replace(/^error: /u, '').replaceAll('\n', ' ')}; see --help\n`);
    return EXIT.misuse;
  }
  if (error instanceof CommandError) {
    io.stderr(`sealgate: ${error.message}\n`);
    return error.exitCode;
  }
  const { redactText } = await import('@sealgate/service');
  const message = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : 'unknown error';
  io.stderr(`sealgate: internal error, please report it: ${redactText(message).replaceAll('\n', ' ')}\n`);
  return EXIT.no;
}
