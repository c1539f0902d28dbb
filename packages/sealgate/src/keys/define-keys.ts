/** How the commands of `sealgate keys` are called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { defineIssuerKeys } from '../admin/define-issuer-keys.ts';
import { jsonOption, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import type { RawConvertOptions } from './convert-command.ts';
import type { RawGenerateOptions } from './generate-command.ts';
import type { RawInspectOptions } from './inspect-command.ts';
import type { RawJwksOptions } from './jwks-command.ts';
import type { RawLintKeyOptions } from './lint-key-command.ts';
import { secretEncodingOption, secretOption } from './secret-options.ts';
import type { RawThumbprintOptions } from './thumbprint-command.ts';

export function defineKeys(program: Command, run: Run): void {
  const keys = program
    .command('keys')
    .helpGroup('Tokens and keys:')
    .description(
      'Makes, converts and looks into keys: JWK, PEM, DER, certificates, shared secrets. And the signing keys of a running issuer.',
    );
  defineGenerate(keys, run);
  defineConvert(keys, run);
  defineInspect(keys, run);
  defineJwks(keys, run);
  defineThumbprint(keys, run);
  defineLint(keys, run);
  defineIssuerKeys(keys, run);
}

function defineGenerate(keys: Command, run: Run): void {
  const generate = keys
    .command('generate')
    .description('Makes a private key, or a shared secret, for one algorithm. Files are readable by their owner alone.')
    .addArgument(
      valued(new Argument('<algorithm>', 'such as ES256, Ed25519, ML-DSA-65, HS256, ECDH-ES+A256KW'), 'any algorithm'),
    )
    .option('--out <file>', 'where the private key goes; "-" prints it')
    .option('--public-out <file>', 'where its public half goes')
    .addOption(formatOption('--format <name>', 'how it is written').default('jwk'))
    .addOption(valued(new Option('--kid <id>', 'key id; default: the thumbprint'), 'nothing'))
    .addOption(valued(new Option('--bits <number>', 'size of an RSA key, 2048 to 8192'), 'nothing'))
    .addOption(forceOption())
    .addOption(jsonOption())
    .action((algorithm: string, options: RawGenerateOptions) =>
      run(async (io) => {
        const { generateCommand } = await import('./generate-command.ts');
        return generateCommand(algorithm, options, io);
      }),
    );
  withExamples(generate, [
    ['sealgate keys generate ES256 --out private.jwk --public-out public.jwk', ''],
    ['sealgate keys generate RS256 --bits 3072 --format pem --out private.pem', ''],
    ['sealgate keys generate HS256 --format base64url --out secret.txt', ''],
  ]);
}

function defineConvert(keys: Command, run: Run): void {
  const convert = keys
    .command('convert')
    .description(
      'Writes the same key in another form. A private key needs --out, or --public. No --json: the answer is the key, and --to jwk is JSON.',
    )
    .addArgument(keyArgument())
    .addOption(formatOption('--to <name>', 'the form: PEM and DER are PKCS#8 or SPKI').default('jwk'))
    .option('--public', 'only the public half')
    .addOption(valued(new Option('--algorithm <name>', 'algorithm that a JWK names'), 'any algorithm'))
    .addOption(valued(new Option('--kid <id>', 'key id that a JWK has'), 'nothing'))
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .option('--out <file>', 'where it goes; "-" prints it')
    .addOption(forceOption())
    .action((source: string | undefined, options: RawConvertOptions) =>
      run(async (io) => {
        const { convertCommand } = await import('./convert-command.ts');
        return convertCommand(source, options, io);
      }),
    );
  withExamples(convert, [
    ['sealgate keys convert private.pem --to jwk --algorithm RS256 --out private.jwk', ''],
    ['sealgate keys convert certificate.pem --to jwk --algorithm PS256', 'its public key, as a JWK'],
    ['sealgate keys convert private.jwk --public --to pem', ''],
  ]);
}

function defineInspect(keys: Command, run: Run): void {
  const inspect = keys
    .command('inspect')
    .description('Says what a key, a certificate or a key set is. Nothing that is secret is shown.')
    .addArgument(keyArgument())
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .addOption(jsonOption())
    .action((source: string | undefined, options: RawInspectOptions) =>
      run(async (io) => {
        const { inspectCommand } = await import('./inspect-command.ts');
        return inspectCommand(source, options, io);
      }),
    );
  withExamples(inspect, [
    ['sealgate keys inspect certificate.pem', ''],
    ['curl -s https://issuer.test/jwks.json | sealgate keys inspect -', 'every key of a set'],
  ]);
}

function defineJwks(keys: Command, run: Run): void {
  const jwks = keys
    .command('jwks')
    .description(
      'Makes a JWK set to publish. Only public halves go in; key ids default to thumbprints. No --json: the set is JSON.',
    )
    .addArgument(new Argument('[files...]', 'keys of any form, private or public, and key sets'))
    .addOption(valued(new Option('--algorithm <name>', 'algorithm of keys that name none'), 'any algorithm'))
    .option('--out <file>', 'where it goes; default: standard output')
    .addOption(forceOption())
    .action((files: readonly string[], options: RawJwksOptions) =>
      run(async (io) => {
        const { jwksCommand } = await import('./jwks-command.ts');
        return jwksCommand(files, options, io);
      }),
    );
  withExamples(jwks, [['sealgate keys jwks current.jwk next.pem --algorithm ES256 --out jwks.json', '']]);
}

function defineThumbprint(keys: Command, run: Run): void {
  const thumbprint = keys
    .command('thumbprint')
    .description('The SHA-256 thumbprint of a key (RFC 7638), the same for its private and its public half.')
    .addArgument(keyArgument())
    .option('--uri', 'as a URI (RFC 9278)')
    .addOption(jsonOption())
    .action((source: string | undefined, options: RawThumbprintOptions) =>
      run(async (io) => {
        const { thumbprintCommand } = await import('./thumbprint-command.ts');
        return thumbprintCommand(source, options, io);
      }),
    );
  withExamples(thumbprint, [['sealgate keys thumbprint public.pem', '']]);
}

function defineLint(keys: Command, run: Run): void {
  const lint = keys
    .command('lint')
    .description('Advice about a key: size, known weaknesses, what is missing. Exit code 0: nothing is wrong.')
    .addArgument(keyArgument())
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .option('--strict', 'exit code 1 also for warnings')
    .addOption(jsonOption())
    .action((source: string | undefined, options: RawLintKeyOptions) =>
      run(async (io) => {
        const { lintKeyCommand } = await import('./lint-key-command.ts');
        return lintKeyCommand(source, options, io);
      }),
    );
  withExamples(lint, [
    ['sealgate keys lint public.pem --strict', ''],
    ['sealgate keys lint --secret env:JWT_SECRET', 'is it long and random enough?'],
  ]);
}

function keyArgument(): Argument {
  return new Argument('[key]', 'a file with a JWK, PEM, DER or certificate; env:NAME; "-" for standard input');
}

function formatOption(flags: string, description: string): Option {
  return new Option(flags, description).choices([
    'jwk',
    'pem',
    'der',
    'pkcs1',
    'sec1',
    'base64url',
    'base64',
    'hex',
    'raw',
  ]);
}

function forceOption(): Option {
  return new Option('--force', 'replaces a file that is there');
}
