/**
 * What every command is defined with: how its work is run, options that several share, and examples, which `--help`, the manual page and
 * `docs/commands.md` all show.
 */
import { Option } from 'commander';
import type { Argument, Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';

/** Does the work of the command that was called, and keeps its exit code. The work imports its code itself: nobody waits for what is not used. */
export type Run = (work: (io: CommandIo) => Promise<ExitCode> | ExitCode) => Promise<void>;

/** A command line, and what it answers; an empty meaning where the command says it. */
export type Example = readonly [command: string, meaning: string];

/** What completion may offer for a value. Without one: names of files. */
export type ValueKind =
  | 'nothing'
  | 'signature algorithm'
  | 'encryption algorithm'
  | 'any algorithm'
  | 'content encryption';

const examples = new WeakMap<Command, readonly Example[]>();
const kinds = new WeakMap<Option | Argument, ValueKind>();

/** Adds examples to a command. */
export function withExamples(command: Command, lines: readonly Example[]): Command {
  examples.set(command, lines);
  return command.addHelpText('after', ({ command: shown }) => renderExamples(examplesOf(shown)));
}

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}

function renderExamples(lines: readonly Example[]): string {
  const body = lines.map(([command, meaning]) => `  ${command}${meaning === '' ? '' : `\n      ${meaning}`}`);
  return `\nExamples:\n${body.join('\n')}\n`;
}

/** Says what the values of an option or argument are. */
export function valued<Of extends Option | Argument>(of: Of, kind: ValueKind): Of {
  kinds.set(of, kind);
  return of;
}

export function valueKindOf(of: Option | Argument): ValueKind | undefined {
  return kinds.get(of);
}

export function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration').default('sealgate.yaml');
}

export function jsonOption(): Option {
  return new Option('--json', 'the answer as JSON');
}

/** An option that may be given more than once; each time takes one value, so that it never swallows an argument. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: unknown) => [
    ...(Array.isArray(before) ? before : []),
    value,
  ]);
}
