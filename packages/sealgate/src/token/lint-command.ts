/** `sealgate token lint`: advice about a token that a verifier may well accept. Nothing is verified. */
import { lintToken } from '@sealgate/jwt/lint';
import { parseDurationMs } from '@sealgate/service/plain';
import { misuse } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { styleFor } from '../terminal/style.ts';
import { renderFindings } from './render-findings.ts';
import { readToken } from './token-input.ts';

export interface RawLintOptions {
  readonly maxLife: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Exit code 1: something is wrong; with `--strict` also what is merely unwise. @throws {CommandError} `argument_invalid`. */
export async function lintCommand(
  argument: string | undefined,
  { maxLife, strict, json }: RawLintOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const life = parseDurationMs(maxLife);
  if (life === undefined || life < 1000) throw misuse('--max-life takes a duration of 1s or more, such as 1h');
  const findings = lintToken(await readToken(argument, io), { maxLifeSeconds: life / 1000 });
  io.stdout(json === true ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings, styleFor(io)));
  const fails = strict === true ? ['error', 'warning'] : ['error'];
  return findings.some(({ severity }) => fails.includes(severity)) ? EXIT.no : EXIT.yes;
}
