/** `sealgate passwords`: how its command is called. */
import type { Command } from 'commander';
import { withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';

export function definePasswords(program: Command, run: Run): void {
  const passwords = program
    .command('passwords')
    .helpGroup('Servers:')
    .description('What new passwords are held against: docs/passwords.md.');
  const build = passwords
    .command('build-filter')
    .description(
      'Makes the filter that the configuration names as passwords.breachedFilter. No --json: the answer is the file.',
    )
    .argument('<list>', 'SHA-1 hashes in hexadecimal, one a line, with or without ":COUNT"')
    .argument('<out>', 'the filter')
    .action((list: string, out: string) =>
      run(async (io) => (await import('./build-filter-command.ts')).buildFilterCommand(list, out, io)),
    );
  withExamples(build, [['sealgate passwords build-filter pwned-sha1.txt data/breached.filter', '']]);
}
