/** How the commands of `sealgate keys` are called that ask a running issuer. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import { waitOption, withIssuerOptions, type RawIssuerOptions } from '../command-line/issuer-options.ts';

export function defineIssuerKeys(keys: Command, run: Run): void {
  const load = () => import('./key-commands.ts');
  const command = (name: string, description: string) =>
    withIssuerOptions(keys.command(name).helpGroup('Keys of a running issuer:').description(description));

  const list = command('list', 'Shows the signing keys of a running issuer, and the state of each.').action(
    (options: RawIssuerOptions) => run(async (io) => (await load()).keyListCommand(options, io)),
  );
  withExamples(list, [['sealgate keys list', '']]);

  const rotate = command(
    'rotate',
    'Has a running issuer publish the successor of its signing key, which signs as soon as every verifier has confirmed it and the key set’s cache age has passed.',
  )
    .addArgument(valued(new Argument('<algorithm>', 'of which algorithm, such as ES256'), 'signature algorithm'))
    .action((algorithm: string, options: RawIssuerOptions) =>
      run(async (io) => (await load()).keyRotateCommand(algorithm, options, io)),
    );
  withExamples(rotate, [['sealgate keys rotate ES256', '']]);

  const compromise = command(
    'compromise',
    'Has a running issuer distrust a signing key and replace it at once: no token that it signed counts any more. Exit code 0: every connected verifier (gateway or service) has confirmed, 1: not every one.',
  )
    .addArgument(valued(new Argument('<kid>', 'its key id: "keys list" has it'), 'nothing'))
    .addOption(waitOption())
    .action((kid: string, options: RawIssuerOptions & { readonly wait: string }) =>
      run(async (io) => (await load()).keyCompromiseCommand(kid, options, io)),
    );
  withExamples(compromise, [['sealgate keys compromise ntPoXQy7PjGsgxxIJlPyavTvboVER9gu0PXcbYvMDMw', '']]);
}
