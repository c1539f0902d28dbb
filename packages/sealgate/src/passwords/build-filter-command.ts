/** `sealgate passwords build-filter`: from a list of hashes to the filter that an issuer asks. */
import { buildPasswordFilter, IssuerError } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';

export async function buildFilterCommand(list: string, out: string, io: CommandIo): Promise<ExitCode> {
  try {
    const entries = await buildPasswordFilter(list, out);
    io.stdout(`${out} knows ${entries} passwords\n`);
    return EXIT.yes;
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error;
    if (!(error instanceof IssuerError) && !isFile) throw error;
    throw new CommandError('input_unreadable', error.message, { cause: error });
  }
}
