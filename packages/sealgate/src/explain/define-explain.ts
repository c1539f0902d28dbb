/** How `sealgate explain` is called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { jsonOption, repeatable, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { RawExplainOptions } from './explain-command.ts';

export function defineExplain(program: Command, run: Run): void {
  const explain = program
    .command('explain')
    .helpGroup('Why:')
    .description(
      'Says why the gateway lets a request through or refuses it, rule by rule, and what would have to change. ' +
        'By a configuration, or as a running gateway sees it; the request is not sent. Exit code 0: let through, 1: refused.',
    )
    .addArgument(
      new Argument('[token]', 'the token, a file that holds it, "-" for standard input, or "none"').default(undefined),
    )
    .addArgument(valued(new Argument('[method]', 'method of the request, such as GET'), 'nothing'))
    .addArgument(valued(new Argument('[url]', 'its URL or path, such as /orders/1'), 'nothing'))
    .addOption(new Option('-c, --config <file>', 'the configuration (default: sealgate.yaml)'))
    .addOption(valued(repeatable('--header <field>', 'a further header, such as "X-Tenant-Id: acme"'), 'nothing'))
    .addOption(repeatable('--jwks <issuer=file>', 'keys of a configured issuer, instead of those that it publishes'))
    .addOption(
      valued(
        new Option('--gateway <url>', 'the admin port of a running gateway, instead of a configuration'),
        'nothing',
      ),
    )
    .addOption(new Option('--admin-token <source>', 'the token of its admin port: a file, env:NAME, or "prompt"'))
    .addOption(
      valued(
        new Option('--decision <request-id>', 'a request that the running gateway remembers, by its x-request-id'),
        'nothing',
      ),
    )
    .addOption(jsonOption())
    .action(
      (token: string | undefined, method: string | undefined, url: string | undefined, options: RawExplainOptions) =>
        run(async (io) => {
          const { explainCommand } = await import('./explain-command.ts');
          return explainCommand({ token, method, url }, options, io);
        }),
    );
  withExamples(explain, [
    ['sealgate explain token.txt GET /orders/1 -c sealgate.yaml', ''],
    [
      'echo "$TOKEN" | sealgate explain - POST https://api.acme.test/orders --gateway http://127.0.0.1:8081',
      'as it is judged there now',
    ],
    ['sealgate explain --decision 0191c6a4-1f2e-7b3c --gateway http://127.0.0.1:8081', 'why was that request refused?'],
  ]);
}
