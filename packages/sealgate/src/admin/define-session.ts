/** How `sealgate session`, `sealgate revoke` and `sealgate verifiers` are called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import { waitOption, withIssuerOptions, type RawIssuerOptions } from '../command-line/issuer-options.ts';
import { limitOption } from './define-user.ts';
import type { RawEndOptions, RawRevokeOptions } from './session-commands.ts';

const CONFIRMS = 'Exit code 0: every connected verifier (gateway or service) has confirmed, 1: not every one.';

export function defineSession(program: Command, run: Run): void {
  const load = () => import('./session-commands.ts');
  const sessions = program
    .command('session')
    .helpGroup('A running issuer:')
    .description('Sessions of users: where from, since when, and an end to them.');
  const list = withIssuerOptions(
    sessions.command('list').description('Shows the sessions of a user, the one used last first.'),
  )
    .addArgument(valued(new Argument('<user>', 'name or id'), 'nothing'))
    .addOption(limitOption())
    .action((user: string, options: RawIssuerOptions & { readonly limit: string }) =>
      run(async (io) => (await load()).sessionListCommand(user, options, io)),
    );
  withExamples(list, [['sealgate session list ann@acme.test', '']]);
  const end = withIssuerOptions(
    sessions.command('end').description(`Ends a session, or every one of a user. ${CONFIRMS}`),
  )
    .addArgument(valued(new Argument('[session]', 'its id'), 'nothing'))
    .addOption(valued(new Option('--user <user>', 'every session of this user, and every token'), 'nothing'))
    .addOption(waitOption())
    .action((session: string | undefined, options: RawEndOptions) =>
      run(async (io) => (await load()).sessionEndCommand(session, options, io)),
    );
  withExamples(end, [
    ['sealgate session end ses_Zk4q', ''],
    ['sealgate session end --user ann@acme.test', 'signs her out everywhere'],
  ]);
}

export function defineRevoke(program: Command, run: Run): void {
  const revoke = withIssuerOptions(
    program.command('revoke').helpGroup('A running issuer:').description(`Revokes what was issued. ${CONFIRMS}`),
  )
    .addArgument(new Argument('<what>', 'what it is').choices(['token', 'session', 'family', 'user', 'client']))
    .addArgument(valued(new Argument('[id]', 'a token’s jti, a user’s name or id, or the id of the rest'), 'nothing'))
    .addOption(new Option('--token <source>', 'the token itself: a file, env:NAME, or "prompt"'))
    .addOption(waitOption())
    .action((what: string, id: string | undefined, options: RawRevokeOptions) =>
      run(async (io) => (await import('./session-commands.ts')).revokeCommand(what, id, options, io)),
    );
  withExamples(revoke, [
    ['sealgate revoke token --token leaked.txt', ''],
    ['sealgate revoke user ann@acme.test --wait 30', 'every token of hers, everywhere'],
    ['sealgate revoke client orders-worker', ''],
  ]);
}

export function defineVerifiers(program: Command, run: Run): void {
  const verifiers = withIssuerOptions(
    program
      .command('verifiers')
      .helpGroup('A running issuer:')
      .description('Shows the gateways and services that follow the issuer, and how far behind each is.'),
  ).action((options: RawIssuerOptions) =>
    run(async (io) => (await import('./key-commands.ts')).verifiersCommand(options, io)),
  );
  withExamples(verifiers, [['sealgate verifiers', '']]);
}
