/** How the commands of `sealgate token` are called. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { jsonOption, repeatable, valued, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';
import { secretEncodingOption, secretOption } from '../keys/secret-options.ts';
import type { RawDecryptOptions } from './decrypt-command.ts';
import type { DiffOptions } from './diff-command.ts';
import type { RawEncryptOptions } from './encrypt-command.ts';
import type { RawLintOptions } from './lint-command.ts';
import type { RawSignOptions } from './sign-command.ts';
import type { RawVerifyOptions } from './verify-options.ts';

export function defineToken(program: Command, run: Run): void {
  const token = program
    .command('token')
    .helpGroup('Tokens and keys:')
    .description('Reads, checks, makes and compares tokens. Nothing is sent anywhere but where you say.');
  defineDecode(token, run);
  defineVerify(token, run);
  defineSign(token, run);
  defineLint(token, run);
  defineDiff(token, run);
  defineEncrypt(token, run);
  defineDecrypt(token, run);
}

function defineDecode(token: Command, run: Run): void {
  const decode = token
    .command('decode')
    .description(
      'Shows what a token says and what it means; of a broken one as far as it goes, and where the fault is. ' +
        'Finds the tokens in a log or a HAR file. Nothing is verified, and the signature is not shown.',
    )
    .addArgument(tokenArgument('[token]'))
    .addOption(jsonOption())
    .action((text: string | undefined, options: { json?: boolean }) =>
      run(async (io) => {
        const { decodeCommand } = await import('./decode-command.ts');
        return decodeCommand({ token: text, json: options.json === true }, io);
      }),
    );
  withExamples(decode, [
    ['echo "$TOKEN" | sealgate token decode -', ''],
    ['sealgate token decode recording.har', 'every token in a recording of the browser, and where it was sent'],
    ['echo "$TOKEN" | sealgate token decode - --json | jq .claims', ''],
  ]);
}

function defineVerify(token: Command, run: Run): void {
  const verify = token
    .command('verify')
    .description('Says whether a token is valid, by the rules that the gateway uses. Exit code 0: valid, 1: not.')
    .addArgument(tokenArgument('[token]'))
    .option('--issuer <url>', 'who must have issued it; its keys are found by discovery, unless given')
    .option('--signature-only', 'whatever it says: only who signed it; the keys must be given')
    .option('--jwks <file or url>', 'the keys, as a JWK set')
    .option('--key <source>', 'the key: a file with a JWK, PEM, DER or certificate, or env:NAME')
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .addOption(
      valued(
        repeatable('--audience <name>', 'whom it must be meant for; given more than once: one of them'),
        'nothing',
      ),
    )
    .option('--no-audience', 'whatever it says of whom it is meant for')
    .addOption(
      valued(
        new Option('--typ <type>', 'what it must be: "at+jwt" (an access token), "JWT", ...').default('at+jwt'),
        'nothing',
      ),
    )
    .addOption(
      valued(
        repeatable(
          '--algorithm <name>',
          'signature algorithm to accept, also more than once; default: those of the keys',
        ),
        'signature algorithm',
      ),
    )
    .addOption(valued(new Option('--clock-skew <duration>', 'how far the clocks may differ').default('0s'), 'nothing'))
    .addOption(
      valued(new Option('--at <time>', 'judge it at another time: -1h, 2030-01-31, seconds since 1970'), 'nothing'),
    )
    .addOption(jsonOption())
    .action((text: string | undefined, options: RawVerifyOptions) =>
      run(async (io) => {
        const { verifyCommand } = await import('./verify-command.ts');
        return verifyCommand(text, options, io);
      }),
    );
  withExamples(verify, [
    ['echo "$TOKEN" | sealgate token verify - --issuer http://127.0.0.1:4000 --audience https://api.acme.test', ''],
    ['sealgate token verify token.txt --key public.pem --issuer https://issuer.test --no-audience', ''],
    [
      'sealgate token verify - --signature-only --secret env:JWT_SECRET --algorithm HS256 < token.txt',
      'was it signed with this secret?',
    ],
  ]);
}

function defineSign(token: Command, run: Run): void {
  const sign = token
    .command('sign')
    .description('Makes a signed token from claims and a key. It lives 15 minutes unless told otherwise.')
    .addArgument(
      new Argument('[claims]', 'claims as JSON, a file that holds them, or "-"; the options below add to them'),
    )
    .option('--key <source>', 'the private key: a file with a JWK, PEM or DER, or env:NAME')
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .addOption(algorithmOption('signature algorithm; default: that of the key'))
    .addOption(text('--kid <id>', 'key id in the header; default: that of the key'))
    .addOption(text('--typ <type>', 'what it is: "at+jwt" for an access token').default('JWT'))
    .addOption(
      valued(repeatable('--header <name=text>', 'further header parameter; name:=json for what is no text'), 'nothing'),
    )
    .addOption(text('--iss <url>', 'issuer'))
    .addOption(text('--sub <name>', 'subject'))
    .addOption(valued(repeatable('--aud <name>', 'audience; also more than once'), 'nothing'))
    .addOption(text('--scope <words>', 'scopes, divided by blanks'))
    .addOption(text('--exp <time>', 'end: 15m from now, a date, or seconds since 1970 (default: 15m)'))
    .option('--no-exp', 'without an end')
    .addOption(text('--nbf <time>', 'beginning, as --exp'))
    .option('--no-iat', 'without the time of issue')
    .addOption(text('--jti [id]', 'token id; a fresh one without a value'))
    .addOption(valued(repeatable('--claim <name=text>', 'further claim; name:=json for what is no text'), 'nothing'))
    .addOption(jsonOption())
    .action((claims: string | undefined, options: RawSignOptions) =>
      run(async (io) => {
        const { signCommand } = await import('./sign-command.ts');
        return signCommand(claims, options, io);
      }),
    );
  withExamples(sign, [
    ['sealgate token sign --key private.jwk --sub alice --aud orders --exp 10m', ''],
    ['echo \'{"sub":"alice"}\' | sealgate token sign - --secret env:JWT_SECRET --algorithm HS256', ''],
    [
      'sealgate token sign --key private.pem --typ at+jwt --iss https://issuer.test --claim \'roles:=["editor"]\' --jti',
      '',
    ],
  ]);
}

function defineLint(token: Command, run: Run): void {
  const lint = token
    .command('lint')
    .description(
      'Advice about a token that a verifier may well accept: life, audience, algorithm, size, personal data.',
    )
    .addArgument(tokenArgument('[token]'))
    .addOption(text('--max-life <duration>', 'a longer life is a warning').default('1h'))
    .option('--strict', 'exit code 1 also for warnings')
    .addOption(jsonOption())
    .action((argument: string | undefined, options: RawLintOptions) =>
      run(async (io) => {
        const { lintCommand } = await import('./lint-command.ts');
        return lintCommand(argument, options, io);
      }),
    );
  withExamples(lint, [['echo "$TOKEN" | sealgate token lint - --strict', 'exit code 0: nothing to mend']]);
}

function defineDiff(token: Command, run: Run): void {
  const diff = token
    .command('diff')
    .description('Compares two tokens, member by member. Exit code 0: they say the same, 1: they differ.')
    .addArgument(tokenArgument('[first]'))
    .addArgument(tokenArgument('[second]'))
    .option('--all', 'also what is the same')
    .addOption(jsonOption())
    .action((left: string | undefined, right: string | undefined, options: DiffOptions) =>
      run(async (io) => {
        const { diffCommand } = await import('./diff-command.ts');
        return diffCommand(left, right, options, io);
      }),
    );
  withExamples(diff, [['sealgate token diff accepted.jwt refused.jwt', 'why does one work and the other not?']]);
}

function defineEncrypt(token: Command, run: Run): void {
  const encrypt = token
    .command('encrypt')
    .description('Encrypts a token, or claims, for one recipient (JWE). A signed token becomes a nested one.')
    .addArgument(new Argument('[content]', 'a file, or "-" for standard input'))
    .option('--key <source>', "the recipient's public key: a file with a JWK, PEM or DER, or env:NAME")
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .addOption(encryptionOption('key management algorithm; default: that of the key'))
    .addOption(valued(new Option('--enc <name>', 'content encryption (default: A256GCM)'), 'content encryption'))
    .addOption(text('--kid <id>', 'key id in the header'))
    .addOption(jsonOption())
    .action((content: string | undefined, options: RawEncryptOptions) =>
      run(async (io) => {
        const { encryptCommand } = await import('./encrypt-command.ts');
        return encryptCommand(content, options, io);
      }),
    );
  withExamples(encrypt, [
    [
      'sealgate token sign --key mine.jwk --sub alice | sealgate token encrypt - --key theirs.jwk',
      'signed, then encrypted',
    ],
  ]);
}

function defineDecrypt(token: Command, run: Run): void {
  const decrypt = token
    .command('decrypt')
    .description('Shows what is inside an encrypted token (JWE). The signature of a nested token is not verified.')
    .addArgument(tokenArgument('[token]'))
    .option('--key <source>', 'the private key: a file with a JWK, PEM or DER, or env:NAME')
    .addOption(secretOption())
    .addOption(secretEncodingOption())
    .addOption(encryptionOption('key management algorithm to accept; default: that of the key'))
    .addOption(
      valued(
        repeatable('--enc <name>', 'content encryption to accept, also more than once; default: all'),
        'content encryption',
      ),
    )
    .option('--raw', 'only what is inside, for another command')
    .addOption(jsonOption())
    .action((argument: string | undefined, options: RawDecryptOptions) =>
      run(async (io) => {
        const { decryptCommand } = await import('./decrypt-command.ts');
        return decryptCommand(argument, options, io);
      }),
    );
  withExamples(decrypt, [
    ['echo "$TOKEN" | sealgate token decrypt - --key private.jwk', ''],
    [
      'sealgate token decrypt token.txt --key private.jwk --raw | sealgate token verify - --issuer https://issuer.test --no-audience',
      'a nested token, decrypted and verified',
    ],
  ]);
}

function tokenArgument(name: string): Argument {
  return new Argument(
    name,
    'the token, a file that holds it, or "-" for standard input (better: arguments are visible to others)',
  );
}

/** An option whose value is nothing that completion could know. */
function text(flags: string, description: string): Option {
  return valued(new Option(flags, description), 'nothing');
}

function algorithmOption(description: string): Option {
  return valued(new Option('--algorithm <name>', description), 'signature algorithm');
}

function encryptionOption(description: string): Option {
  return valued(new Option('--algorithm <name>', description), 'encryption algorithm');
}
