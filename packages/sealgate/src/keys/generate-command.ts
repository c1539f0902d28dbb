/** `sealgate keys generate`: a fresh private key or shared secret for one algorithm, and its public half. */
import { createPublicKey } from 'node:crypto';
import { ALGORITHMS, exportPrivateJwk, generateKey, isAlgorithm } from '@sealgate/jwt';
import type { Algorithm, GenerateKeyOptions, JwkPrivate } from '@sealgate/jwt';
import { ENCRYPTION_ALGORITHMS, exportPrivateEncryptionJwk } from '@sealgate/jwt/jwe';
import type { EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import { misuse } from '../command-error.ts';
import { parseAnyAlgorithm } from '../command-line/algorithm-option.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { styleFor } from '../terminal/style.ts';
import { writeKey } from './key-file.ts';
import { parseKeyFormat, writeForm } from './key-format.ts';
import type { KeyMetadata } from './key-format.ts';
import { describeKeyObject, keyObjectOf } from './key-object.ts';
import { thumbprintOf } from './key-thumbprint.ts';

export interface RawGenerateOptions {
  readonly out?: string;
  readonly publicOut?: string;
  readonly format: string;
  readonly kid?: string;
  readonly bits?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `output_refused`. */
export async function generateCommand(name: string, options: RawGenerateOptions, io: CommandIo): Promise<ExitCode> {
  const algorithm = parseAnyAlgorithm(name);
  const { out, publicOut, force = false } = options;
  const format = parseKeyFormat(options.format, '--format');
  if (out === undefined) throw misuse('say where the key goes: --out FILE, or --out - to print it');
  if (options.json === true && out === '-')
    throw misuse('--json tells of the key, which --out - would print beside it');
  const isSecret = isSymmetric(algorithm);
  if (publicOut !== undefined && isSecret)
    throw misuse(`a key for ${algorithm} is a shared secret: it has no public half`);
  if (publicOut === '-' && out === '-') throw misuse('only one of the two halves can be printed');
  const jwk = generate(algorithm, options);
  const object = keyObjectOf({ form: 'jwk', jwk });
  if (object === undefined) throw new TypeError('a key that was just made could not be read');
  const { alg = algorithm, use, kid } = jwk;
  const metadata = { alg, ...(use === undefined ? {} : { use }), ...(kid === undefined ? {} : { kid }) } as KeyMetadata;
  const own = writeForm(object, format, metadata);
  const half = publicOut === undefined ? undefined : writeForm(createPublicKey(object), format, metadata);
  writeKey(own, { out, force, isPrivate: true }, io);
  if (publicOut !== undefined && half !== undefined) writeKey(half, { out: publicOut, force, isPrivate: false }, io);
  if (out === '-' || publicOut === '-') return EXIT.yes;
  const thumbprint = thumbprintOf(object);
  const told = { algorithm, key: describeKeyObject(object), kid, thumbprint, out, publicOut };
  io.stdout(options.json === true ? `${JSON.stringify(told, null, 2)}\n` : render(told, isSecret, io));
  return EXIT.yes;
}

function generate(algorithm: Algorithm | EncryptionAlgorithm, { kid, bits }: RawGenerateOptions): JwkPrivate {
  const isRsa = isAlgorithm(algorithm) && ALGORITHMS[algorithm].family === 'rsa';
  if (bits !== undefined && (!isRsa || !/^\d{4}$/u.test(bits))) {
    throw misuse('--bits takes 2048 to 8192, for RSA signature algorithms');
  }
  const options: GenerateKeyOptions = {
    ...(kid === undefined ? {} : { kid }),
    ...(bits === undefined ? {} : { modulusBits: Number(bits) }),
  };
  try {
    return isAlgorithm(algorithm)
      ? exportPrivateJwk(generateKey(algorithm, options))
      : exportPrivateEncryptionJwk(generateKey(algorithm, options));
  } catch (error) {
    if (error instanceof TypeError) throw misuse(error.message.replace(/^generateKey: /u, ''));
    throw error;
  }
}

function isSymmetric(algorithm: Algorithm | EncryptionAlgorithm): boolean {
  const { family } = isAlgorithm(algorithm) ? ALGORITHMS[algorithm] : ENCRYPTION_ALGORITHMS[algorithm];
  return family === 'hmac' || family === 'wrap' || family === 'direct';
}

interface Told {
  readonly algorithm: string;
  readonly key: string;
  readonly kid: string | undefined;
  readonly out: string;
  readonly publicOut: string | undefined;
}

function render({ algorithm, key, kid, out, publicOut }: Told, isSecret: boolean, io: CommandIo): string {
  const { good, dim } = styleFor(io);
  const id = kid === undefined ? '' : `, kid ${kid}`;
  const half = publicOut === undefined ? '' : `public half   ${publicOut}\n`;
  const kind = isSecret ? 'shared secret' : 'private key  ';
  return `${good(`a key for ${algorithm}`)} (${key}${id})\n${kind} ${out} ${dim('(readable by its owner alone)')}\n${half}`;
}
