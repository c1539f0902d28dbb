/**
 * Every token in a text: one token, a header line, a log of any length, a HAR file. Each is told once, with the place where it first stood.
 *
 * What a token looks like is decided by the debugger's own reader; this only feeds it pieces that it takes.
 */
import { inspect, MAXIMUM_TEXT } from '@sealgate/console/inspect';
import type { Inspection } from '@sealgate/console/inspect';
import { harTexts } from './har-texts.ts';

export interface FoundToken {
  readonly inspection: Inspection;
  /** Where it stands, in words; empty where the text is the token. */
  readonly place: string;
  /** How often it stands in the text. */
  readonly times: number;
}

export interface FoundTokens {
  readonly found: readonly FoundToken[];
  /** Whether there were more than are told. */
  readonly more: boolean;
}

const MOST_TOKENS = 200;

/** A piece of text, and where it was taken from. */
interface Piece {
  readonly text: string;
  readonly place: string;
}

export function findTokens(text: string): FoundTokens {
  const tokens = new Map<string, { inspection: Inspection; place: string; times: number }>();
  let more = false;
  for (const piece of piecesOf(text)) {
    for (const inspection of inspectAll(piece.text)) {
      const token = inspection.located?.token ?? '';
      const known = tokens.get(token);
      if (known !== undefined) known.times += 1;
      else if (tokens.size >= MOST_TOKENS) more = true;
      else tokens.set(token, { inspection, place: placeIn(piece, inspection), times: 1 });
    }
  }
  return { found: [...tokens.values()], more };
}

/** The tokens of one piece; nothing where it holds none. */
function inspectAll(text: string): Inspection[] {
  const first = inspect(text);
  if (first.located?.wrapper === 'line-breaks' && /\s/u.test(text) && !isWrapped(text)) {
    return text.split(/\s+/u).flatMap(inspectAll);
  }
  const all =
    first.form === 'jws-json' || first.form === 'jwe-json'
      ? [first]
      : first.candidates.map((_, index) => (index === 0 ? first : inspect(text, index)));
  return all.filter(({ form }) => form !== 'foreign' && form !== 'empty' && form !== 'too-long');
}

const SHORTEST_LINE = 20;

/** Whether lines are the pieces of one token, as a mail program leaves them, and not words that stand beside it. */
function isWrapped(text: string): boolean {
  const lines = text.trim().split(/\r?\n/u);
  return (
    lines.length > 1 &&
    lines.slice(0, -1).every((line) => line.length >= SHORTEST_LINE && !/\S\s+\S/u.test(line.trim()))
  );
}

/** Base64url of a brace and what may follow it. */
const MAY_HOLD_TOKEN = /e[yw][\w-]/u;

function piecesOf(text: string): Piece[] {
  const har = harTexts(text);
  if (har !== undefined) return har.filter((piece) => MAY_HOLD_TOKEN.test(piece.text));
  // A token wrapped over lines, as mail does, is one; so whatever is short enough is looked at whole first.
  if (text.length <= MAXIMUM_TEXT && inspectAll(text).length < 2) return [{ text, place: '' }];
  return text
    .split(/\r?\n/u)
    .map((line, at) => ({ text: line, place: `line ${at + 1}` }))
    .filter((line) => MAY_HOLD_TOKEN.test(line.text) && line.text.length <= MAXIMUM_TEXT);
}

function placeIn({ text, place }: Piece, { located }: Inspection): string {
  const at = located?.place(0) ?? 0;
  const column = at > 0 && at + 1 < text.length ? `column ${at + 1}` : '';
  return [place, place.startsWith('line') || place === '' ? column : '', located?.label ?? '']
    .filter((part) => part !== '')
    .join(', ');
}
