/** How `sealgate attack` is called. Its code is imported when it is. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { jsonOption, repeatable, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { RawAttackOptions } from './attack-options.ts';
import { OTHER_TOKENS } from './given.ts';

const TOKEN = '<file|-|env:NAME>';

export function defineAttack(program: Command, run: Run): void {
  const command = program
    .command('attack')
    .helpGroup('Your API:')
    .description(
      'Tries known attacks on tokens and gateways against an API of your own. Exit code 0: nothing found, 1: faults found, 2: cannot judge.',
    )
    .argument('<url>', 'an address of the API that answers GET with the token, and not without')
    .addOption(new Option(`--token ${TOKEN}`, 'an access token that the API accepts').default('-', 'standard input'));
  for (const [name, what] of Object.entries(OTHER_TOKENS))
    command.option(`--${name}-token ${TOKEN}`, `${what}: it must be refused`);
  command
    .option(`--second-token ${TOKEN}`, 'a valid access token of another user')
    .option(
      '--public-key <file|url>',
      'the keys that the API verifies with, as they are published: JWK set, JWK or PEM',
    )
    .option(
      '--signing-key <file|env:NAME>',
      'the key that the tokens are signed with: JWK, PEM or secret; for validly signed variants',
    )
    .addOption(repeatable('--open <path>', 'a path that needs no token; given more than once: any of them'))
    .option('--optional <path>', 'a path where a token is optional')
    .option('--websocket <path>', 'a path that upgrades to WebSocket; default: that of the address')
    .option('--logout <url>', 'where POST with the token revokes it; done last')
    .option('--only <ids>', 'these attacks alone, as T1,G7')
    .option('--skip <ids>', 'all attacks but these')
    .option('--rate <number>', 'requests a second at most', '100')
    .option('--i-own-this-target', 'the target is not of this machine, and you may attack it')
    .addOption(jsonOption())
    .option('--junit <file>', 'writes the result as JUnit XML too')
    .option('--sarif <file>', 'writes the result as SARIF 2.1.0 too')
    .action((url: string, options: RawAttackOptions) =>
      run(async (io) => {
        const { attackCommand } = await import('./attack-command.ts');
        return attackCommand(url, options, io);
      }),
    );
  withExamples(command, [
    ['echo "$TOKEN" | sealgate attack http://127.0.0.1:8080/orders', ''],
    [
      'sealgate attack http://127.0.0.1:8080/orders --token token.txt --public-key http://127.0.0.1:4000/.well-known/jwks.json',
      'knows the public key too, as everybody does',
    ],
    [
      'sealgate attack http://127.0.0.1:8080/orders --token env:TOKEN --signing-key key.pem --junit attack.xml',
      'also what only a valid signature lets an attacker try',
    ],
  ]);
}
