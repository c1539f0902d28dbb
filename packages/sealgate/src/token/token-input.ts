/**
 * Where a token on the command line comes from: the argument itself, `-` for standard input, or a file. What is read may be more than the token:
 * a header line, a log, a HAR file (`find-tokens.ts`).
 */
import { existsSync } from 'node:fs';
import { misuse, unreadable } from '../command-error.ts';
import { readFileOf } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { findTokens } from './find-tokens.ts';

const LARGEST_BYTES = 64 * 1024 * 1024;

/** What begins like a token is one, and never the name of a file. */
const TOKEN_START = /^(?:Bearer\s+|DPoP\s+)?e[yw][\w-]{2,}/iu;
const FILE_LIKE = /^[^\s{}"']*(?:[/\\]|\.(?:jwt|jwe|txt|json|har|log|token)$)/iu;

/**
 * The text that holds the token, trimmed.
 *
 * @throws {CommandError} `argument_invalid` without any, `input_unreadable`.
 */
export async function readTokenText(argument: string | undefined, io: CommandIo): Promise<string> {
  if (argument === undefined) {
    throw misuse('no token given; pass it, a file that holds it, or "-" to read standard input');
  }
  const { text, where } = await readText(argument, io);
  if (text.trim() === '') throw misuse(`${where} holds no token`);
  return text.trim();
}

async function readText(argument: string, io: CommandIo): Promise<{ text: string; where: string }> {
  if (argument === '-') return { text: await io.readStdin(), where: 'standard input' };
  if (!TOKEN_START.test(argument) && argument.length < 4096 && !argument.includes('\n')) {
    if (existsSync(argument)) {
      return { text: readFileOf(argument, argument, LARGEST_BYTES).toString('utf8'), where: argument };
    }
    if (FILE_LIKE.test(argument)) throw unreadable(argument, 'there is no such file');
  }
  return { text: argument, where: 'the argument' };
}

/**
 * The one token that the text holds, or the text where nothing in it looks like one: the reader says what is wrong with it.
 *
 * @throws {CommandError} `argument_invalid` without any, or with several.
 */
export async function readToken(argument: string | undefined, io: CommandIo): Promise<string> {
  const text = await readTokenText(argument, io);
  const { found } = findTokens(text);
  const [first, ...more] = found;
  if (more.length > 0) throw misuse(`there are ${found.length} tokens here; see them with "sealgate token decode"`);
  return first?.inspection.located?.token ?? text;
}
