/**
 * The command line: names, options, help. Each command's code is imported when it is called, so that `token decode` does not wait for a
 * server to load.
 *
 * What a command does stands in its own folder; how it fails is decided here, once: one line on standard error, and an exit code.
 */
import { Command, CommanderError, Option } from 'commander';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import type { CommandIo } from './io.ts';
import type { RawVerifyOptions } from './token/verify-options.ts';
import { VERSION } from './version.ts';

/** Runs one command. Never throws: what goes wrong is told on standard error. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exit: ExitCode = EXIT.yes;
  const program = buildProgram(io, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    return complain(error, io);
  }
}

function buildProgram(io: CommandIo, done: (code: ExitCode) => void): Command {
  const program = new Command('sealgate')
    .description('Issues, guards, refreshes, revokes and explains JSON Web Tokens for APIs.')
    .version(VERSION)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr, outputError: () => undefined })
    .exitOverride()
    .showSuggestionAfterError(true);
  addServe(program, io, done);
  addCheck(program, io, done);
  addToken(program, io, done);
  return program.addHelpText(
    'after',
    examples([
      ['sealgate serve -c sealgate.demo.yaml', 'issuer, gateway and an example API on this machine'],
      ['sealgate check -c sealgate.yaml', 'is the file right?'],
      ['pbpaste | sealgate token decode -', 'what is in this token?'],
    ]),
  );
}

function addServe(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('serve')
    .description('Runs the servers that the configuration describes, until Ctrl-C or SIGTERM.')
    .argument('[role]', '"issuer" or "gateway"; without it, every one that the file has a section for')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        ['sealgate serve -c sealgate.yaml', 'all in one process'],
        ['sealgate serve gateway -c sealgate.yaml', 'the gateway alone'],
      ]),
    )
    .action(async (role: string | undefined, options: { config: string }) => {
      const { serveCommand } = await import('./serve/serve-command.ts');
      done(await serveCommand({ role, file: options.config }, io));
    });
}

function addCheck(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('check')
    .description(
      'Says whether a configuration is right; every fault with its line, column and what was probably meant.',
    )
    .addOption(configOption())
    .option('--json', 'the result as JSON')
    .addHelpText('after', examples([['sealgate check -c sealgate.yaml', 'exit code 0: right, 1: wrong']]))
    .action(async (options: { config: string; json?: boolean }) => {
      const { checkCommand } = await import('./check/check-command.ts');
      done(await checkCommand({ file: options.config, json: options.json === true }, io));
    });
}

function addToken(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  const token = program.command('token').description('Looks into tokens. Nothing is sent anywhere but where you say.');
  token
    .command('decode')
    .description('Shows what a token says. Nothing is verified, and the signature is not shown.')
    .argument('[token]', 'the token; "-" reads it from standard input (better: arguments are visible to others)')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['echo "$TOKEN" | sealgate token decode -', ''],
        ['echo "$TOKEN" | sealgate token decode - --json | jq .claims', ''],
      ]),
    )
    .action(async (text: string | undefined, options: { json?: boolean }) => {
      const { decodeCommand } = await import('./token/decode-command.ts');
      done(await decodeCommand({ token: text, json: options.json === true }, io));
    });
  token
    .command('verify')
    .description('Says whether a token is valid, by the rules that the gateway uses. Exit code 0: valid, 1: not.')
    .argument('[token]', 'the token; "-" reads it from standard input (better: arguments are visible to others)')
    .option('--issuer <url>', 'who must have issued it; its keys are found by discovery, unless given')
    .option('--jwks <file or url>', 'the keys, as a JWK set')
    .option('--key <file>', 'the key: a JWK, a PEM, or the bytes of a shared secret')
    .addOption(repeatable('--audience <name>', 'whom it must be meant for; given more than once: one of them'))
    .option('--no-audience', 'whatever it says of whom it is meant for')
    .option('--typ <type>', 'what it must be: "at+jwt" (an access token), "JWT", ...', 'at+jwt')
    .addOption(
      repeatable(
        '--algorithm <name>',
        'signature algorithm to accept, also more than once; default: those of the keys',
      ),
    )
    .option('--clock-skew <duration>', 'how far the clocks may differ', '0s')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['echo "$TOKEN" | sealgate token verify - --issuer http://127.0.0.1:4000 --audience https://api.acme.test', ''],
        [
          'sealgate token verify "$TOKEN" --key public.pem --algorithm ES256 --issuer https://issuer.test --no-audience',
          '',
        ],
      ]),
    )
    .action(async (text: string | undefined, options: RawVerifyOptions) => {
      const { verifyCommand } = await import('./token/verify-command.ts');
      done(await verifyCommand(text, options, io));
    });
}

function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration').default('sealgate.yaml');
}

/** An option that may be given more than once; each time takes one value, so that it never swallows the token. */
function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: unknown) => [
    ...(Array.isArray(before) ? before : []),
    value,
  ]);
}

function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const body = lines.map(([command, meaning]) => `  ${command}${meaning === '' ? '' : `\n      ${meaning}`}`);
  return `\nExamples:\n${body.join('\n')}\n`;
}

/** Where an error was made, for the report: the innermost line of its stack, and no more of it. */
function placeOf({ stack = '' }: Error): string {
  const [place] = /[^\s(]+:\d+(?::\d+)?/u.exec(stack.slice(stack.indexOf('\n    at '))) ?? [];
  return place === undefined ? '' : ` (at ${place})`;
}

/** One line for each fault, and the exit code. A stack trace helps nobody at a terminal. */
async function complain(error: unknown, io: CommandIo): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.yes;
    // Help asked for by its absence: a group without a command.
    if (error.code === 'commander.help') return EXIT.misuse;
    io.stderr(`sealgate: ${error.message.replace(/^error: /u, '').replaceAll('\n', ' ')}; see --help\n`);
    return EXIT.misuse;
  }
  if (error instanceof CommandError) {
    io.stderr(`sealgate: ${error.message}\n`);
    return error.exitCode;
  }
  const { redactText } = await import('@sealgate/service');
  const message = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : 'unknown error';
  io.stderr(`sealgate: internal error, please report it: ${redactText(message).replaceAll('\n', ' ')}\n`);
  return EXIT.no;
}
