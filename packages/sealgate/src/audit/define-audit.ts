/** `sealgate audit`: how its commands are called. */
import type { Command } from 'commander';
import { configOption, jsonOption, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { AuditVerifyArguments } from './audit-verify-command.ts';
import type { RawListOptions } from './audit-list-command.ts';

export function defineAudit(program: Command, run: Run): void {
  const audit = program
    .command('audit')
    .helpGroup('Servers:')
    .description('The record of security events. Reads the database that the file names, beside a running issuer.');
  const verify = audit
    .command('verify')
    .description(
      'Says whether the chain of events is whole: nothing altered, removed, added or cut off. Exit code 0: yes, 1: no.',
    )
    .addOption(configOption())
    .option('--head <seq:mac>', 'a head that was noted down earlier: also shows a database that was set back')
    .addOption(jsonOption())
    .action((options: AuditVerifyArguments) =>
      run(async (io) => (await import('./audit-verify-command.ts')).auditVerifyCommand(options, io)),
    );
  withExamples(verify, [['sealgate audit verify -c sealgate.yaml', 'nothing was tampered with?']]);
  const list = audit
    .command('list')
    .description('Shows events, the newest first.')
    .addOption(configOption())
    .option('--event <name>', 'of this kind only: docs/audit.md')
    .option('--subject <id>', 'about this user only')
    .option('--actor <name>', 'what this one did only: user:ID, client:ID, issuer, operator or anonymous')
    .option('--since <time>', 'not before this: -2h, 2030-01-31T12:00:00Z, or seconds since 1970')
    .option('--until <time>', 'before this')
    .option('--limit <number>', 'how many', '50')
    .option('--follow', 'the oldest first, and goes on with those to come, until Ctrl-C')
    .addOption(jsonOption())
    .action((options: RawListOptions) =>
      run(async (io) => (await import('./audit-list-command.ts')).auditListCommand(options, io)),
    );
  withExamples(list, [
    ['sealgate audit list -c sealgate.yaml --event login --json', 'logins, for a pipe'],
    [
      'sealgate audit list -c sealgate.yaml --actor client:console --since -24h',
      'what an administrator’s app did today',
    ],
  ]);
}
