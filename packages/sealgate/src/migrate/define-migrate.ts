/** `sealgate migrate`: how it is called. */
import type { Command } from 'commander';
import { configOption, jsonOption, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { MigrateArguments } from './migrate-command.ts';

export function defineMigrate(program: Command, run: Run): void {
  const migrate = program
    .command('migrate')
    .helpGroup('Servers:')
    .description(
      'Brings the database of the file up to date, all steps or none. Issuers do so at their start; this shows or does it before. Exit code 0: it is up to date, 1: a step failed, or with --dry-run is missing, 2: it cannot be reached.',
    )
    .addOption(configOption())
    .option('--dry-run', 'shows the steps that are missing and their SQL, and changes nothing')
    .addOption(jsonOption())
    .action((options: MigrateArguments) =>
      run(async (io) => (await import('./migrate-command.ts')).migrateCommand(options, io)),
    );
  withExamples(migrate, [
    ['sealgate migrate --dry-run -c sealgate.yaml', 'what would the new version do to the database?'],
    ['sealgate migrate -c sealgate.yaml', ''],
  ]);
}
