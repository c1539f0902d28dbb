/** How `sealgate check` is called. */
import type { Command } from 'commander';
import { configOption, jsonOption, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';

export function defineCheck(program: Command, run: Run): void {
  const check = program
    .command('check')
    .helpGroup('Servers:')
    .description(
      'Says whether a configuration is right; every fault with its line, column and what was probably meant.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: { config: string; json?: boolean }) =>
      run(async (io) => {
        const { checkCommand } = await import('./check-command.ts');
        return checkCommand({ file: options.config, json: options.json === true }, io);
      }),
    );
  withExamples(check, [['sealgate check -c sealgate.yaml', 'exit code 0: right, 1: wrong']]);
}
