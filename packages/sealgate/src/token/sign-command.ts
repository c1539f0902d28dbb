/** `sealgate token sign`: a token from claims and a key. The key is never an argument; the token is all that is printed. */
import { signJwt } from '@sealgate/jwt';
import type { JsonValue } from '@sealgate/jwt';
import { misuse } from '../command-error.ts';
import { parseAlgorithm } from '../command-line/algorithm-option.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { importSignatureKey } from '../keys/import-key-source.ts';
import type { KeyOptions } from '../keys/import-key-source.ts';
import { safeJson } from '../terminal/safe-text.ts';
import { parseAssignment, readClaims } from './claims-input.ts';
import type { RawClaims } from './claims-input.ts';

export interface RawSignOptions extends KeyOptions, Omit<RawClaims, 'json'> {
  readonly algorithm?: string;
  readonly kid?: string;
  readonly typ: string;
  readonly header?: readonly string[];
  readonly json?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function signCommand(
  claimsArgument: string | undefined,
  options: RawSignOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const algorithm = options.algorithm === undefined ? undefined : parseAlgorithm(options.algorithm);
  const { json, ...claimOptions } = options;
  const claims = await readClaims({ ...claimOptions, json: claimsArgument }, io);
  const key = await importSignatureKey(options, algorithm, io, options.kid);
  if (key.type === 'public') throw misuse('this is a public key, which verifies; signing needs the private one');
  const header = Object.fromEntries(
    (options.header ?? []).map((text) => {
      const { name, value } = parseAssignment(text, '--header');
      return [name, value as JsonValue];
    }),
  );
  const token = sign(() => signJwt(claims, { key, typ: options.typ, header }));
  const { alg, kid } = key;
  io.stdout(json === true ? `${safeJson({ token, alg, kid, typ: options.typ, claims })}\n` : `${token}\n`);
  return EXIT.yes;
}

/** What could never be a valid token is told as a fault of the question. */
function sign(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) throw misuse(error.message.replace(/^signJwt: /u, ''));
    throw error;
  }
}
