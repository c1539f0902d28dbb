/** What a command sees of the world, handed in: tests run commands in their own process. */
import { closeSync, openSync } from 'node:fs';
import { CommandError } from './command-error.ts';
import { readEnvironment } from './environment.ts';

export interface CommandIo {
  /** Answers: what was asked for, fit for a pipe. */
  readonly stdout: (text: string) => void;
  /** Everything else: complaints, progress, and the log of a server. */
  readonly stderr: (text: string) => void;
  /** All of standard input. */
  readonly readStdin: () => Promise<string>;
  /** Seconds since 1970. */
  readonly nowSeconds: () => number;
  /** Whether answers may be coloured: they go to a terminal, and nobody asked for none. */
  readonly color: boolean;
  /** Width of the terminal, or what fits a page. */
  readonly columns: number;
  /** Whether somebody watches standard error, so that progress is worth drawing. */
  readonly isWatched: boolean;
  /** A variable of the environment that an option names. */
  readonly environment: (name: string) => string | undefined;
  /**
   * Asks the person at the terminal for a line that is not shown.
   *
   * @throws {CommandError} `argument_invalid` where there is no terminal.
   */
  readonly askSecret: (question: string) => Promise<string>;
  /** A new identifier, unique by chance. */
  readonly newId: () => string;
}

const PAGE_COLUMNS = 120;

/** The process's own. */
export function processIo(): CommandIo {
  // A reader that has seen enough, as `head` does, ends the output and is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    async readStdin() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    nowSeconds: () => Date.now() / 1000,
    color: process.stdout.isTTY && (readEnvironment('NO_COLOR') ?? '') === '' && readEnvironment('TERM') !== 'dumb',
    columns: process.stdout.isTTY ? process.stdout.columns : PAGE_COLUMNS,
    isWatched: process.stderr.isTTY,
    environment: readEnvironment,
    askSecret,
    newId: () => crypto.randomUUID(),
  };
}

/** The terminal itself, not standard input, which may carry the token. */
async function askSecret(question: string): Promise<string> {
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r+');
  } catch {
    throw new CommandError('argument_invalid', 'there is no terminal to ask at: use a file, or env:NAME');
  }
  const { ReadStream } = await import('node:tty');
  const input = new ReadStream(terminal);
  try {
    // Before it asks: whoever answers at once, as a program does, must not be echoed.
    input.setRawMode(true);
    process.stderr.write(question);
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    process.stderr.write('\n');
    input.destroy();
    closeQuietly(terminal);
  }
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // The stream has closed it.
  }
}

const ENTER = /[\r\n]/u;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = /[\b\u007f]/u;

async function readLine(input: NodeJS.ReadStream): Promise<string> {
  let line = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    for (const character of String(chunk)) {
      if (character === INTERRUPT) throw new CommandError('argument_invalid', 'interrupted: nothing was entered');
      if (ENTER.test(character) || character === END) return line;
      line = ERASE.test(character) ? line.slice(0, -1) : line + character;
    }
  }
  return line;
}
