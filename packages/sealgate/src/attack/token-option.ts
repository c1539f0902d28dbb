/** Tokens in options: a file, `-`, `env:NAME`, and as it is (which other users of the machine can read in the list of processes). */
import { misuse } from '../command-error.ts';
import { readSecretSource, readSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';

const TOKEN_START = /^ey[\w-]{4,}\./u;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function readTokenOption(option: string, value: string, io: CommandIo): Promise<string> {
  const token = (TOKEN_START.test(value) ? value : await readText(option, value, io)).trim();
  if (/^[\x21-\x7e]+$/u.test(token)) return token;
  throw misuse(`${option}: ${token === '' ? 'there is no token in it' : 'it holds more than a token'}`);
}

async function readText(option: string, value: string, io: CommandIo): Promise<string> {
  const { bytes } = value === '-' ? await readSource(value, io) : await readSecretSource(value, option, io);
  return bytes.toString('utf8');
}
