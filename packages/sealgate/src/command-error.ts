/**
 * The errors of the command: what was wrong, where, and what to do, on one line. `code` is for tests and scripts; the exit code follows
 * from it.
 */
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

/** Every code, with what it means. */
export const COMMAND_ERROR_CODES = {
  argument_invalid: { exit: EXIT.misuse, meaning: 'An argument or option is missing, unknown, or not of its form.' },
  input_unreadable: { exit: EXIT.misuse, meaning: 'A file, an address or standard input could not be read.' },
  cannot_judge: {
    exit: EXIT.misuse,
    meaning: 'The answers of the API under attack cannot be told apart, or not any more.',
  },
  config_invalid: {
    exit: EXIT.no,
    meaning: 'The configuration file was refused; each line names one fault and where it is.',
  },
  config_unusable: { exit: EXIT.misuse, meaning: 'The configuration is valid, but not for what was asked.' },
  issuer_refused: {
    exit: EXIT.no,
    meaning:
      'The issuer did not do it: what was named is not there, is taken, or is in a state that does not allow it.',
  },
  issuer_denied: {
    exit: EXIT.misuse,
    meaning: 'The issuer takes no orders from whoever asked: no token, or one that does not allow it.',
  },
  port_in_use: { exit: EXIT.no, meaning: 'Another program listens on an address that the configuration names.' },
  start_failed: { exit: EXIT.no, meaning: 'A part of the server could not start.' },
  output_refused: {
    exit: EXIT.misuse,
    meaning: 'A file could not be written, or is there and was not to be replaced.',
  },
  migration_failed: {
    exit: EXIT.no,
    meaning: 'The database could not be brought up to date; nothing was changed.',
  },
  demo_failed: { exit: EXIT.no, meaning: 'The demonstration could not be set up.' },
} as const satisfies Readonly<Record<string, { exit: ExitCode; meaning: string }>>;

export type CommandErrorCode = keyof typeof COMMAND_ERROR_CODES;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;

  /** @param message - One line: what, where, what to do. Never a token, key or password. */
  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): ExitCode {
    return COMMAND_ERROR_CODES[this.code].exit;
  }
}

/** An argument or option that is not of its form. @param message - One line: what, and what to do. */
export function misuse(message: string): CommandError {
  return new CommandError('argument_invalid', message);
}

/** A file, an address or standard input that cannot be used. */
export function unreadable(what: string, reason: string): CommandError {
  return new CommandError('input_unreadable', `${what}: ${reason}`);
}
