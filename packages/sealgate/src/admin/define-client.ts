/** How the commands of `sealgate client` are called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { repeatable, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import { withIssuerOptions, type RawIssuerOptions } from '../command-line/issuer-options.ts';
import type { RawClientCreateOptions, RawClientMembers, RawClientSecretOptions } from './client-commands.ts';
import { limitOption } from './define-user.ts';

export function defineClient(program: Command, run: Run): void {
  const load = () => import('./client-commands.ts');
  const clients = program
    .command('client')
    .helpGroup('A running issuer:')
    .description('Clients: the programs that get tokens, and their secrets.');
  const command = (name: string, description: string) =>
    withIssuerOptions(clients.command(name).description(description));

  const list = command('list', 'Shows clients by id.')
    .addOption(limitOption())
    .action((options: RawIssuerOptions & { readonly limit: string }) =>
      run(async (io) => (await load()).clientListCommand(options, io)),
    );
  withExamples(list, [['sealgate client list', '']]);

  const show = command('show', 'Shows a client, and what there is to know of its secrets.')
    .addArgument(idArgument())
    .action((id: string, options: RawIssuerOptions) =>
      run(async (io) => (await load()).clientShowCommand(id, options, io)),
    );
  withExamples(show, [['sealgate client show orders-worker', '']]);

  const create = withMembers(
    command('create', 'Creates a client. The secret of a confidential one is made by the issuer, and shown once.')
      .addArgument(idArgument())
      .addOption(new Option('--confidential', 'it gets a secret; client_credentials and --introspection need one')),
  );
  withSecretTarget(create).action((id: string, options: RawClientCreateOptions) =>
    run(async (io) => (await load()).clientCreateCommand(id, options, io)),
  );
  withExamples(create, [
    ['sealgate client create orders-web --grant login --grant refresh_token --scope orders:read', 'an app of users'],
    [
      'sealgate client create orders-worker --confidential --grant client_credentials --scope orders:read --out secret.txt',
      'a program on a server',
    ],
  ]);

  const set = withMembers(command('set', 'Changes a client.').addArgument(idArgument()))
    .addOption(new Option('--no-scope', 'no scopes'))
    .addOption(new Option('--no-audience', 'the issuer’s default'))
    .addOption(new Option('--no-introspection', 'no more introspection, and no feed'))
    .action((id: string, options: RawClientMembers) =>
      run(async (io) => (await load()).clientSetCommand(id, options, io)),
    );
  withExamples(set, [['sealgate client set orders-web --scope orders:read --scope orders:write', '']]);

  for (const [name, disabled, description] of [
    ['disable', true, 'Revokes everything that was issued to a client, and gives it nothing more.'],
    ['enable', false, 'Gives a client tokens again.'],
  ] as const) {
    const switched = command(name, description)
      .addArgument(idArgument())
      .action((id: string, options: RawIssuerOptions) =>
        run(async (io) => (await load()).clientDisableCommand(id, disabled, options, io)),
      );
    withExamples(switched, [[`sealgate client ${name} orders-worker`, '']]);
  }

  const secret = withSecretTarget(
    command('secret', 'Makes a second secret for a client, shown once; or removes the one that it replaced.')
      .addArgument(idArgument())
      .addOption(valued(new Option('--remove <secret-id>', 'removes this one: "client show" has its id'), 'nothing'))
      .addOption(
        valued(new Option('--expires <time>', 'when it stops to count, such as 90d; default: never'), 'nothing'),
      ),
  ).action((id: string, options: RawClientSecretOptions) =>
    run(async (io) => (await load()).clientSecretCommand(id, options, io)),
  );
  withExamples(secret, [
    ['sealgate client secret orders-worker --out new-secret.txt', 'both count now: put it to use'],
    ['sealgate client secret orders-worker --remove sec_4f1c', 'the old one counts no more'],
  ]);

  const remove = command('delete', 'Revokes everything that was issued to a client, and forgets it.')
    .addArgument(idArgument())
    .action((id: string, options: RawIssuerOptions) =>
      run(async (io) => (await load()).clientDeleteCommand(id, options, io)),
    );
  withExamples(remove, [['sealgate client delete orders-worker', '']]);
}

function idArgument(): Argument {
  return valued(new Argument('<client>', 'its id'), 'nothing');
}

function withMembers(command: Command): Command {
  return command
    .addOption(valued(new Option('--name <text>', 'what people call it'), 'nothing'))
    .addOption(grantOption())
    .addOption(valued(repeatable('--scope <name>', 'what its tokens may say; may be given again'), 'nothing'))
    .addOption(valued(repeatable('--audience <name>', 'what its tokens are for; may be given again'), 'nothing'))
    .addOption(new Option('--introspection', 'may introspect tokens and follow the revocation feed'));
}

/** Which there are is the issuer's to say; completion offers those it knew of. */
function grantOption(): Option {
  const option = repeatable('--grant <name>', 'how it gets tokens; may be given again');
  option.argChoices = ['login', 'client_credentials', 'refresh_token'];
  return option;
}

function withSecretTarget(command: Command): Command {
  return command
    .addOption(new Option('--out <file>', 'where the secret goes; default: it is printed'))
    .addOption(new Option('--force', 'replaces a file that is there'));
}
