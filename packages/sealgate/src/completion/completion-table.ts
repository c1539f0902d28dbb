/** What may follow what, for a shell: for each command its words, and for each of its options the words of its value. */
import { flattenTree } from '../command-line/command-tree.ts';
import type { TreeCommand } from '../command-line/command-tree.ts';
import { wordsFor } from './value-words.ts';

export interface CompletionWord {
  readonly word: string;
  readonly description: string;
}

export interface CompletionEntry {
  /** `token decode`; empty for `sealgate` itself. */
  readonly path: string;
  /** Subcommands. */
  readonly commands: readonly CompletionWord[];
  readonly options: readonly CompletionWord[];
  /** Words of its arguments; undefined for names of files. */
  readonly argumentWords: readonly string[] | undefined;
  /** Options that take a value: their words; undefined for names of files. */
  readonly values: readonly { readonly option: string; readonly words: readonly string[] | undefined }[];
}

const HELP: CompletionWord = { word: '--help', description: 'display help for command' };

export function completionTable(root: TreeCommand): readonly CompletionEntry[] {
  return flattenTree(root).map((command) => ({
    path: command.path.join(' '),
    commands: command.commands.map(({ path, description }) => ({
      word: path.at(-1) ?? '',
      description: short(description),
    })),
    options: [
      ...command.options.flatMap(({ names, description }) =>
        names.filter((name) => name.startsWith('--')).map((word) => ({ word, description: short(description) })),
      ),
      HELP,
    ],
    argumentWords: argumentWordsOf(command),
    values: command.options.flatMap(({ names, value }) =>
      value === undefined ? [] : names.map((option) => ({ option, words: wordsFor(value) })),
    ),
  }));
}

/** Nothing for a command without arguments; files as soon as one of them may be a file. */
function argumentWordsOf(command: TreeCommand): readonly string[] | undefined {
  const words = command.arguments.map(({ value }) => wordsFor(value));
  return words.includes(undefined) ? undefined : words.flatMap((each) => each ?? []);
}

/** The first sentence, without what a shell could take for more than text. */
function short(description: string): string {
  const [first = ''] = description.split(/(?<=\.)\s|[;:(]/u);
  return first.replaceAll(/[`'"$\\[\]]/gu, '').trim();
}
