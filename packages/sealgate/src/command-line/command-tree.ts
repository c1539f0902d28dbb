/**
 * The tree of commands as data: what completion, the manual page and `docs/commands.md` are made of. All of it comes from the definitions, so
 * that it cannot say what the commands do not do.
 */
import type { Argument, Command, Option } from 'commander';
import { examplesOf, valueKindOf } from './define.ts';
import type { Example, ValueKind } from './define.ts';

export interface TreeValue {
  /** What it may be; undefined for names of files. */
  readonly kind: ValueKind | undefined;
  /** All that it may be, where there are few. */
  readonly choices: readonly string[];
}

export interface TreeOption {
  /** As in help: `-c, --config <file>`. */
  readonly flags: string;
  readonly names: readonly string[];
  readonly description: string;
  /** Undefined for a switch. */
  readonly value: TreeValue | undefined;
}

export interface TreeArgument {
  /** As in help: `[token]`. */
  readonly name: string;
  readonly description: string;
  readonly value: TreeValue;
}

export interface TreeCommand {
  /** Words after `sealgate`; empty for itself. */
  readonly path: readonly string[];
  readonly description: string;
  /** As in help: `sealgate token decode [options] [token]`. */
  readonly usage: string;
  readonly arguments: readonly TreeArgument[];
  readonly options: readonly TreeOption[];
  readonly examples: readonly Example[];
  readonly commands: readonly TreeCommand[];
}

export function describeTree(command: Command, path: readonly string[] = []): TreeCommand {
  return {
    path,
    description: command.description(),
    usage: ['sealgate', ...path, command.usage()].join(' '),
    arguments: command.registeredArguments.map(describeArgument),
    options: command.options.map(describeOption),
    examples: examplesOf(command),
    commands: command.commands.map((each) => describeTree(each, [...path, each.name()])),
  };
}

/** The command and all below it, in the order of the help. */
export function flattenTree(command: TreeCommand): readonly TreeCommand[] {
  return [command, ...command.commands.flatMap(flattenTree)];
}

function describeArgument(argument: Argument): TreeArgument {
  const dots = argument.variadic ? '...' : '';
  const name = argument.name() + dots;
  return {
    name: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    value: { kind: valueKindOf(argument), choices: argument.argChoices ?? [] },
  };
}

function describeOption(option: Option): TreeOption {
  const takesValue = option.required || option.optional;
  const { short, long, flags, description, defaultValue, argChoices } = option;
  const initial = takesValue && typeof defaultValue === 'string' ? ` (default: ${defaultValue})` : '';
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return {
    flags,
    names: [short, long].filter((name) => name !== undefined),
    description: description + choices + initial,
    value: takesValue ? { kind: valueKindOf(option), choices: argChoices ?? [] } : undefined,
  };
}
