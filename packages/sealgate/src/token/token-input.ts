/** Where a token on the command line comes from: the argument, or standard input for `-`. */
import { CommandError } from '../command-error.ts';
import type { CommandIo } from '../io.ts';

/**
 * The token, without the white space around it that pasting adds.
 *
 * @throws {CommandError} `argument_invalid`.
 */
export async function readToken(argument: string | undefined, io: CommandIo): Promise<string> {
  if (argument === undefined) {
    throw new CommandError('argument_invalid', 'no token given; pass it, or "-" to read it from standard input');
  }
  const token = (argument === '-' ? await io.readStdin() : argument).trim();
  if (token === '') {
    throw new CommandError(
      'argument_invalid',
      `${argument === '-' ? 'standard input' : 'the argument'} holds no token`,
    );
  }
  return token;
}
