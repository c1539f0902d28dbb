/** What is guessed: the built-in list, a file of words, and every short secret of an alphabet. Each worker takes its share. */
import { openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { commonSecrets } from './common-secrets.ts';

export const ALPHABETS = {
  digits: '0123456789',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  alnum: 'abcdefghijklmnopqrstuvwxyz0123456789',
  mixed: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  printable: Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join(''),
} as const;

export type AlphabetName = keyof typeof ALPHABETS;

export interface Plan {
  readonly words: string | undefined;
  readonly alphabet: AlphabetName;
  /** Longest secret that is tried whatever it is; 0 for none. */
  readonly maxLength: number;
}

export type Origin = 'the built-in list' | 'the word list' | 'short secrets';

/** All candidates of a plan, the likely ones first. */
export function* candidates({ words, alphabet, maxLength }: Plan): Generator<readonly [Origin, string]> {
  for (const secret of commonSecrets()) yield ['the built-in list', secret];
  if (words !== undefined) for (const line of linesOf(words)) yield ['the word list', line];
  for (let length = 1; length <= maxLength; length += 1) {
    for (const secret of everySecret(ALPHABETS[alphabet], length)) yield ['short secrets', secret];
  }
}

/** How many short secrets there are. */
export function countShort({ alphabet, maxLength }: Plan): number {
  const { length } = ALPHABETS[alphabet];
  let count = 0;
  for (let each = 1; each <= maxLength; each += 1) count += length ** each;
  return count;
}

function* everySecret(alphabet: string, length: number): Generator<string> {
  if (length === 0) {
    yield '';
    return;
  }
  for (const start of everySecret(alphabet, length - 1)) for (const last of alphabet) yield start + last;
}

const CHUNK_BYTES = 1 << 20;

/** A list may be larger than memory. */
function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (;;) {
    const read = readSync(handle, buffer, 0, CHUNK_BYTES, null);
    const lines = (rest + (read === 0 ? decoder.end() : decoder.write(buffer.subarray(0, read)))).split('\n');
    rest = read === 0 ? '' : (lines.pop() ?? '');
    for (const line of lines) if (line !== '') yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (read === 0) return;
  }
}
