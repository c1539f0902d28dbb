/** `sealgate completion`: a script that makes a shell complete commands, options and their values. Made from the commands themselves. */
import { misuse } from '../command-error.ts';
import { describeTree } from '../command-line/command-tree.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { renderBash } from './bash.ts';
import { completionTable } from './completion-table.ts';
import { renderFish } from './fish.ts';
import { renderPowerShell } from './powershell.ts';
import { renderZsh } from './zsh.ts';
import type { Command } from 'commander';

const SHELLS = { bash: renderBash, zsh: renderZsh, fish: renderFish, powershell: renderPowerShell };

/** @throws {CommandError} `argument_invalid`. */
export function completionCommand(shell: string, program: Command, io: CommandIo): ExitCode {
  const known = Object.keys(SHELLS);
  if (!isShell(shell)) throw misuse(`there is no completion for ${JSON.stringify(shell)}${suggestFrom(shell, known)}`);
  io.stdout(SHELLS[shell](completionTable(describeTree(program))));
  return EXIT.yes;
}

function isShell(name: string): name is keyof typeof SHELLS {
  return Object.hasOwn(SHELLS, name);
}
