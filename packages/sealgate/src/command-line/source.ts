/**
 * Where an option or argument gets bytes from: a file, `env:NAME`, `-` for standard input, or `prompt`. Never the value itself, which every
 * other user of the machine could read in the list of processes.
 */
import { readFileSync } from 'node:fs';
import { misuse, unreadable } from '../command-error.ts';
import type { CommandIo } from '../io.ts';

const LARGEST_BYTES = 1024 * 1024;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/u;

export interface Source {
  readonly bytes: Buffer;
  /** For messages: the name of the file, `standard input`, `the variable NAME`. */
  readonly name: string;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function readSource(reference: string, io: CommandIo): Promise<Source> {
  if (reference === '-') return { bytes: Buffer.from(await io.readStdin(), 'utf8'), name: 'standard input' };
  if (reference.startsWith('env:')) return fromEnvironment(reference.slice(4), io);
  return { bytes: readFileOf(reference), name: reference };
}

/**
 * A secret: as {@link readSource}, and `prompt` asks for it. What an option holds is not repeated in messages: it may be the secret, written in
 * the wrong place.
 *
 * @throws {CommandError} `argument_invalid`, `input_unreadable`.
 */
export async function readSecretSource(reference: string, option: string, io: CommandIo): Promise<Source> {
  if (reference === 'prompt') {
    const line = await io.askSecret(`${option.replace(/^--/u, '')}: `);
    if (line === '') throw misuse('nothing was entered');
    return { bytes: Buffer.from(line, 'utf8'), name: 'what was entered' };
  }
  if (reference.startsWith('env:')) return fromEnvironment(reference.slice(4), io);
  const name = `the file that ${option} names`;
  try {
    return { bytes: readFileOf(reference, name), name };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw misuse(`${error.message}; ${option} takes FILE, env:NAME or prompt, never the secret itself`);
  }
}

function fromEnvironment(name: string, io: CommandIo): Source {
  if (!VARIABLE.test(name)) throw misuse('after "env:" stands the name of an environment variable');
  const value = io.environment(name) ?? '';
  if (value === '') throw unreadable(`the variable ${name}`, 'it is not set');
  return { bytes: Buffer.from(value, 'utf8'), name: `the variable ${name}` };
}

/** @param shown - Name for messages. @throws {CommandError} `input_unreadable`. */
export function readFileOf(file: string, shown = file, largestBytes = LARGEST_BYTES): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw unreadable(shown, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  }
  if (bytes.length > largestBytes) throw unreadable(shown, `it is larger than ${largestBytes / 1024 / 1024}mb`);
  return bytes;
}
