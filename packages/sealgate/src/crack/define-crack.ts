/** How `sealgate crack` is called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { jsonOption, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { RawCrackOptions } from './crack-command.ts';

export function defineCrack(program: Command, run: Run): void {
  const crack = program
    .command('crack')
    .helpGroup('Tokens and keys:')
    .description(
      'Tries to guess the secret of an HS256, HS384 or HS512 token: is it in a word list, or short? ' +
        'Uses every core, and stops at a bound. Exit code 0: found, 1: not found.',
    )
    .addArgument(new Argument('[token]', 'the token, a file that holds it, or "-" for standard input'))
    .option('--words <file>', 'a word list, one a line, besides the built-in one')
    .addOption(
      valued(new Option('--max-length <number>', 'every secret up to this length is tried').default('4'), 'nothing'),
    )
    .addOption(
      new Option('--alphabet <name>', 'of what they are')
        .choices(['digits', 'lower', 'alnum', 'mixed', 'printable'])
        .default('alnum'),
    )
    .addOption(valued(new Option('--time <duration>', 'stops after this').default('1m'), 'nothing'))
    .addOption(valued(new Option('--tries <number>', 'stops after so many guesses'), 'nothing'))
    .option('--show', 'prints the secret')
    .addOption(jsonOption())
    .action((token: string | undefined, options: RawCrackOptions) =>
      run(async (io) => {
        const { crackCommand } = await import('./crack-command.ts');
        return crackCommand(token, options, io);
      }),
    );
  withExamples(crack, [
    ['echo "$TOKEN" | sealgate crack -', ''],
    ['sealgate crack token.txt --words rockyou.txt --max-length 6 --time 30m', ''],
  ]);
}
