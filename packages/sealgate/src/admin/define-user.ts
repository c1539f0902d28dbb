/** How the commands of `sealgate user` are called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { repeatable, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import { withIssuerOptions, type RawIssuerOptions } from '../command-line/issuer-options.ts';
import type {
  RawUserCreateOptions,
  RawUserListOptions,
  RawUserPasswordOptions,
  RawUserSetOptions,
} from './user-commands.ts';

export function defineUser(program: Command, run: Run): void {
  const load = () => import('./user-commands.ts');
  const users = program
    .command('user')
    .helpGroup('A running issuer:')
    .description('Users: who they are, what they may, and whether they count: docs/administration.md.');
  const command = (name: string, description: string) =>
    withIssuerOptions(users.command(name).description(description));

  const list = command('list', 'Shows users by name.')
    .addOption(valued(new Option('--tenant <name>', 'of this tenant only'), 'nothing'))
    .addOption(limitOption())
    .action((options: RawUserListOptions) => run(async (io) => (await load()).userListCommand(options, io)));
  withExamples(list, [['sealgate user list', '']]);

  const show = command('show', 'Shows a user.')
    .addArgument(userArgument())
    .action((user: string, options: RawIssuerOptions) =>
      run(async (io) => (await load()).userShowCommand(user, options, io)),
    );
  withExamples(show, [['sealgate user show ann@acme.test', '']]);

  const create = command('create', 'Creates a user.')
    .addArgument(valued(new Argument('<name>', 'what the user logs in with'), 'nothing'))
    .addOption(passwordOption())
    .addOption(valued(repeatable('--role <name>', 'a role; may be given again'), 'nothing'))
    .addOption(valued(new Option('--tenant <name>', 'the tenant'), 'nothing'))
    .action((name: string, options: RawUserCreateOptions) =>
      run(async (io) => (await load()).userCreateCommand(name, options, io)),
    );
  withExamples(create, [
    ['sealgate user create ann@acme.test --role editor', 'asks for the password'],
    ['sealgate user create ben@acme.test --password password.txt --tenant acme', ''],
  ]);

  const set = command('set', 'Changes a user. Tokens have new roles from the next refresh on.')
    .addArgument(userArgument())
    .addOption(valued(new Option('--name <name>', 'what the user logs in with'), 'nothing'))
    .addOption(
      valued(repeatable('--role <name>', 'a role, in place of those there are; may be given again'), 'nothing'),
    )
    .addOption(new Option('--no-role', 'no roles'))
    .addOption(valued(new Option('--tenant <name>', 'another tenant; every session ends'), 'nothing'))
    .addOption(new Option('--no-tenant', 'no tenant; every session ends'))
    .action((user: string, options: RawUserSetOptions) =>
      run(async (io) => (await load()).userSetCommand(user, options, io)),
    );
  withExamples(set, [['sealgate user set ann@acme.test --role editor --role sealgate:admin', '']]);

  for (const [name, disabled, description, meaning] of [
    ['disable', true, 'Ends every session of a user, revokes every token, and lets the user log in no more.', ''],
    ['enable', false, 'Lets a user log in again.', ''],
  ] as const) {
    const switched = command(name, description)
      .addArgument(userArgument())
      .action((user: string, options: RawIssuerOptions) =>
        run(async (io) => (await load()).userDisableCommand(user, disabled, options, io)),
      );
    withExamples(switched, [[`sealgate user ${name} ann@acme.test`, meaning]]);
  }

  const password = command('password', 'Sets a password, or has the user set one. Every session ends.')
    .addArgument(userArgument())
    .addOption(passwordOption())
    .addOption(new Option('--mail', 'the old password counts no more, and a link to set another is mailed'))
    .action((user: string, options: RawUserPasswordOptions) =>
      run(async (io) => (await load()).userPasswordCommand(user, options, io)),
    );
  withExamples(password, [
    ['sealgate user password ann@acme.test', 'asks for it'],
    ['sealgate user password ann@acme.test --mail', ''],
  ]);

  const remove = command('delete', 'Ends every session of a user, revokes every token, and forgets the user.')
    .addArgument(userArgument())
    .action((user: string, options: RawIssuerOptions) =>
      run(async (io) => (await load()).userDeleteCommand(user, options, io)),
    );
  withExamples(remove, [['sealgate user delete ann@acme.test', '']]);
}

export function limitOption(): Option {
  return valued(new Option('--limit <number>', 'how many at most').default('100'), 'nothing');
}

function userArgument(): Argument {
  return valued(new Argument('<user>', 'name or id'), 'nothing');
}

function passwordOption(): Option {
  return new Option(
    '--password <source>',
    'the password: a file, env:NAME, or "prompt"; never the password itself',
  ).default('prompt');
}
