/**
 * `sealgate crack`: can the secret of an HMAC token be guessed? The guesses are made here, from the token alone, as anyone who has one can. The
 * secret is not shown unless asked for.
 */
import { availableParallelism } from 'node:os';
import { ALGORITHMS, decodeUnverified, isAlgorithm, isJwtError } from '@sealgate/jwt/parse';
import { parseDurationMs } from '@sealgate/service/plain';
import { misuse } from '../command-error.ts';
import { readFileOf } from '../command-line/source.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { readToken } from '../token/token-input.ts';
import { ALPHABETS, countShort } from './candidates.ts';
import type { AlphabetName, Plan } from './candidates.ts';
import type { Target } from './guess.ts';
import { search } from './search.ts';
import type { SearchResult } from './search.ts';

export interface RawCrackOptions {
  readonly words?: string;
  readonly maxLength: string;
  readonly alphabet: string;
  readonly time: string;
  readonly tries?: string;
  readonly show?: boolean;
  readonly json?: boolean;
}

/** Exit code 0: it was found, 1: it was not. @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function crackCommand(
  argument: string | undefined,
  options: RawCrackOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const plan = parsePlan(options);
  const timeMs = parseDurationMs(options.time);
  if (timeMs === undefined || timeMs < 1000) throw misuse('--time takes a duration of 1s or more, such as 5m');
  const tries = options.tries === undefined ? Number.MAX_SAFE_INTEGER : parseCount(options.tries);
  const target = targetOf(await readToken(argument, io));
  const threads = Math.min(availableParallelism(), 8);
  const started = performance.now();
  const result = await search({
    target,
    plan,
    threads,
    timeMs,
    tries,
    progress: (done, origin) => {
      if (io.isWatched) io.stderr(`\r${done.toLocaleString('en')} guesses, at ${origin} `);
    },
  });
  if (io.isWatched) io.stderr(`\r${' '.repeat(60)}\r`);
  const seconds = (performance.now() - started) / 1000;
  io.stdout(
    options.json === true ? renderJson(result, seconds, options) : renderText(result, { seconds, plan, options }, io),
  );
  return result.found === undefined ? EXIT.no : EXIT.yes;
}

function parsePlan({ words, alphabet, maxLength }: RawCrackOptions): Plan {
  const names = Object.keys(ALPHABETS);
  if (!isAlphabet(alphabet))
    throw misuse(`--alphabet ${JSON.stringify(alphabet)} is not known${suggestFrom(alphabet, names)}`);
  const length = /^\d{1,2}$/u.test(maxLength) ? Number(maxLength) : Number.NaN;
  if (!(length <= 12)) throw misuse('--max-length takes 0 to 12');
  // Read once to say at once that it cannot be; the threads read it themselves.
  if (words !== undefined) readFileOf(words, words, Number.MAX_SAFE_INTEGER);
  return { words, alphabet, maxLength: length };
}

function isAlphabet(name: string): name is AlphabetName {
  return Object.hasOwn(ALPHABETS, name);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,14}$/u.test(text)) return Number(text);
  throw misuse('--tries takes a whole number of guesses');
}

function targetOf(token: string): Target {
  try {
    const { header, signature, signingInput } = decodeUnverified(token);
    const info = isAlgorithm(header.alg) ? ALGORITHMS[header.alg] : undefined;
    if (info?.family !== 'hmac') {
      throw misuse('this token is not signed with a shared secret (HS256, HS384, HS512): there is nothing to guess');
    }
    return { signingInput, signature, hash: info.hash };
  } catch (error) {
    if (isJwtError(error)) throw misuse(`this is no signed token: ${error.message}; see "sealgate token decode"`);
    throw error;
  }
}

interface Told {
  readonly seconds: number;
  readonly plan: Plan;
  readonly options: RawCrackOptions;
}

function renderText({ found, tries, complete }: SearchResult, { seconds, plan, options }: Told, io: CommandIo): string {
  const style = styleFor(io);
  const work = `${tries.toLocaleString('en')} guesses in ${seconds.toFixed(1)} s`;
  if (found !== undefined) {
    const shown = options.show === true ? `the secret is ${safeText(found.secret)}` : 'not shown; --show prints it';
    const size = `${found.secret.length} character${found.secret.length === 1 ? '' : 's'}`;
    return (
      `${style.bad('found')}: it is in ${found.origin}, ${size} (${shown})\n  ${work}\n` +
      '  Whoever has one token can do this, and then make others. Replace the secret by 32 random bytes:\n' +
      '  sealgate keys generate HS256 --format base64url --out secret.txt\n'
    );
  }
  const lists = plan.words === undefined ? 'the built-in list' : 'the built-in list, the word list';
  const short =
    plan.maxLength === 0
      ? ''
      : `, every secret of up to ${plan.maxLength} characters (${plan.alphabet}, ${countShort(plan).toLocaleString('en')})`;
  const extent = complete ? `it is not in ${lists}${short}` : 'the bound was reached before everything was tried';
  return `${style.good('not found')}: ${extent}\n  ${work}\n  That does not make it strong: see "sealgate keys lint --secret FILE".\n`;
}

function renderJson({ found, tries, complete }: SearchResult, seconds: number, { show }: RawCrackOptions): string {
  const told = {
    found: found !== undefined,
    ...(found === undefined ? {} : { in: found.origin, length: found.secret.length }),
    ...(found === undefined || show !== true ? {} : { secret: found.secret }),
    tries,
    seconds: Number(seconds.toFixed(2)),
    complete,
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}
