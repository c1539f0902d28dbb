/**
 * Finds the token in what was pasted: a bare token, a header line, a URL, a token response, a log, a HAR file, a wrapped mail.
 *
 * Says where each character of the token stands in the pasted text, so that faults can be pointed at there. What the token is
 * worth is decided by `inspect.ts`.
 */

/** What stood around the token. */
export type Wrapper = 'none' | 'bearer' | 'header' | 'quotes' | 'line-breaks' | 'percent-encoding' | 'text';

export interface Located {
  readonly token: string;
  readonly wrapper: Wrapper;
  /** The word in front of it (`access_token`, `authorization`), if one was found. */
  readonly label: string | undefined;
  /** Offset in the pasted text of the token's character `index`; of its end for `index == token.length`. */
  readonly place: (index: number) => number;
}

/** Longest pasted text that is searched and analysed, in UTF-16 code units. */
export const MAXIMUM_TEXT = 262_144;
const MAXIMUM_TOKENS = 50;

/** A first part that is the base64url of `{"`, `{ "` or `{` and a line break; then parts and SD-JWT disclosures. */
const EMBEDDED = /(?:eyJ|eyA|ewo|ew0)[\w-]{5,}(?:\.[\w-]*){1,4}(?:~[\w.-]*)*/gu;
const LABEL = /([A-Za-z][\w-]{1,40})["']?\s*[:=]\s*["']?(?:(?:Bearer|DPoP)\s+)?$/iu;
/** What begins like a token and has nothing in it that ends a word is one token, however wrong its characters are. */
const ONE_WORD = /^[^\s"'`<>&,;{}()%\\]+$/u;
const TOKEN_ONLY = /^[\w.~+/=-]+$/u;

/** Every token of the text in order, the text itself as the only candidate if none stands out; none for blank text. */
export function locateTokens(text: string): readonly Located[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const start = text.indexOf(trimmed);
  const whole = shifted(trimmed, start, 'none');
  if (TOKEN_ONLY.test(trimmed) && !/=ey/u.test(trimmed)) return [whole];
  const unwrapped = unwrap(trimmed, start);
  if (unwrapped !== undefined) return [unwrapped];
  if (text.length > MAXIMUM_TEXT) return [whole];
  const found: Located[] = [];
  for (const match of text.matchAll(EMBEDDED)) {
    if (found.some((each) => each.token === match[0])) continue;
    const label = LABEL.exec(text.slice(Math.max(0, match.index - 80), match.index))?.[1];
    found.push({ ...shifted(match[0], match.index, 'text'), label });
    if (found.length === MAXIMUM_TOKENS) break;
  }
  return found.length > 0 && !looksLikeSerialization(trimmed) ? found : [whole];
}

/** JOSE's own JSON: its members hold parts of one token and must not be taken for tokens. */
export function looksLikeSerialization(trimmed: string): boolean {
  return trimmed.startsWith('{') && /"(?:payload|ciphertext|signatures)"\s*:/u.test(trimmed);
}

function shifted(token: string, start: number, wrapper: Wrapper): Located {
  return { token, wrapper, label: undefined, place: (index) => start + index };
}

/** Peels a header name, an authentication scheme, quotes, percent-encoding and line breaks off a single token. */
function unwrap(trimmed: string, start: number): Located | undefined {
  const prefix = /^(?:-H\s+)?["']?(?:([A-Za-z][\w-]{0,40})\s*:\s*)?(?:(Bearer|DPoP)\s+)?["']?/iu.exec(trimmed);
  const [lead = '', header, scheme] = prefix ?? [];
  const trail = /["',;]*$/u.exec(trimmed)?.[0] ?? '';
  const body = trimmed.slice(lead.length, trimmed.length - trail.length);
  if (!/^e[yw]/u.test(body)) return undefined;
  const from = start + lead.length;
  const wrapper: Wrapper = header ? 'header' : scheme ? 'bearer' : lead + trail === '' ? 'none' : 'quotes';
  if (ONE_WORD.test(body)) return { ...shifted(body, from, wrapper), label: header };
  const kept = /^[\w.~+/=%-]+$/u.test(body) ? percentDecoded(body) : withoutBreaks(body);
  if (kept === undefined) return undefined;
  const { token, offsets } = kept;
  return {
    token,
    wrapper: body.includes('%') ? 'percent-encoding' : 'line-breaks',
    label: header,
    place: (index) => from + (offsets[index] ?? body.length),
  };
}

interface Rewritten {
  readonly token: string;
  /** Offset in the old text of each character of the new. */
  readonly offsets: readonly number[];
}

/** One token broken over lines: every line but the last has the same length or more than 20 characters, and no words. */
function withoutBreaks(body: string): Rewritten | undefined {
  if (!/^[\w.~+/=\s\\-]+$/u.test(body)) return undefined;
  const lines = body.split(/\s+|\\n/u).filter((line) => line !== '');
  if (lines.slice(1).some((line) => /^e[yw]/u.test(line) && line.includes('.'))) return undefined;
  const offsets: number[] = [];
  let token = '';
  for (let index = 0; index < body.length; index += 1) {
    if (body.startsWith('\\n', index)) {
      index += 1;
      continue;
    }
    const character = body[index] ?? '';
    if (/\s/u.test(character)) continue;
    token += character;
    offsets.push(index);
  }
  return { token, offsets };
}

function percentDecoded(body: string): Rewritten | undefined {
  const offsets: number[] = [];
  let token = '';
  for (let index = 0; index < body.length; index += 1) {
    offsets.push(index);
    const escape = /^%([0-9a-f]{2})/iu.exec(body.slice(index, index + 3))?.[1];
    if (escape === undefined) token += body[index] ?? '';
    else {
      token += String.fromCharCode(Number.parseInt(escape, 16));
      index += 2;
    }
  }
  return { token, offsets };
}
