/**
 * `sealgate token encrypt`: a compact JWE from standard input or a file. A signed token goes in as a nested one (RFC 7519 section 5.2): encryption
 * alone says nothing of who wrote it.
 */
import { encryptJwe } from '@sealgate/jwt/jwe';
import { misuse } from '../command-error.ts';
import { parseContentEncryption, parseEncryptionAlgorithm } from '../command-line/algorithm-option.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { importEncryptionKey } from '../keys/import-key-source.ts';
import type { KeyOptions } from '../keys/import-key-source.ts';
import { readTokenText } from './token-input.ts';

export interface RawEncryptOptions extends KeyOptions {
  readonly algorithm?: string;
  readonly enc?: string;
  readonly kid?: string;
  readonly json?: boolean;
}

const SIGNED = /^e[yw][\w-]+\.[\w-]+\.[\w-]+$/u;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function encryptCommand(
  argument: string | undefined,
  options: RawEncryptOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const algorithm = options.algorithm === undefined ? undefined : parseEncryptionAlgorithm(options.algorithm);
  const enc = options.enc === undefined ? {} : { enc: parseContentEncryption(options.enc) };
  const text = await readTokenText(argument, io);
  const key = await importEncryptionKey(options, algorithm, io);
  const cty = SIGNED.test(text) ? { cty: 'JWT' } : {};
  const kid = options.kid === undefined ? {} : { kid: options.kid };
  try {
    const token = await encryptJwe(text, { key, ...enc, ...cty, ...kid });
    const { alg } = key;
    io.stdout(
      options.json === true ? `${JSON.stringify({ token, alg, nested: 'cty' in cty }, null, 2)}\n` : `${token}\n`,
    );
    return EXIT.yes;
  } catch (error) {
    if (error instanceof TypeError) throw misuse(error.message.replace(/^encryptJwe: /u, ''));
    throw error;
  }
}
