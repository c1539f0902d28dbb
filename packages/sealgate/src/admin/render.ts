/** How the commands of the administration show what the issuer answered: for people, or with `--json` as it was. */
import { misuse } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJson, safeSentence, safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';
import type { Json } from './administration.ts';

/** A column: its name, and what stands in it. */
export type Column = readonly [name: string, cell: (item: Json) => string];

export function showList(items: readonly Json[], columns: readonly Column[], json: boolean, io: CommandIo): ExitCode {
  if (json) return showJson(items, io);
  const { bold, name, bad } = styleFor(io);
  if (items.length === 0) io.stdout('none\n');
  else {
    const rows = items.map((item) => columns.map(([, cell]) => cell(item)));
    const paint = (cell: string, column: number) =>
      column === 0 ? name(cell) : /^(?:disabled|compromised)\b/u.test(cell) ? bad(cell) : cell;
    io.stdout(renderTable(rows, { head: columns.map(([head]) => head), paintHead: bold, paint }));
  }
  return EXIT.yes;
}

/** One record, a line for each member. */
export function showRecord(record: Json, columns: readonly Column[], json: boolean, io: CommandIo): ExitCode {
  if (json) return showJson(record, io);
  const { bold } = styleFor(io);
  const rows = columns.map(([head, cell]) => [head, cell(record)]).filter(([, cell]) => cell !== '');
  io.stdout(renderTable(rows, { paint: (cell, column) => (column === 0 ? bold(cell) : cell) }));
  return EXIT.yes;
}

/** That something was done. */
export function showDone(sentence: string, answer: Json, json: boolean, io: CommandIo): ExitCode {
  if (json) return showJson(answer, io);
  io.stdout(`${styleFor(io).good(safeSentence(sentence))}\n`);
  return EXIT.yes;
}

/** What came of a revocation. Exit code 1: not every verifier has confirmed. */
export function showConfirmation(sentence: string, answer: Json, json: boolean, io: CommandIo): ExitCode {
  const exit = answer['confirmed'] === true ? EXIT.yes : EXIT.no;
  if (json) {
    showJson(answer, io);
    return exit;
  }
  const missing = Array.isArray(answer['unconfirmed']) ? answer['unconfirmed'].map(String) : [];
  const all = Number(answer['verifiers']);
  const { good, bad } = styleFor(io);
  const first = safeSentence(sentence);
  if (all === 0) io.stdout(`${good(first)}: no verifier is connected\n`);
  else if (exit === EXIT.yes) io.stdout(`${good(first)}: ${all} of ${all} verifiers have confirmed\n`);
  else {
    const names = missing.map(safeText).join(', ');
    io.stdout(`${bad(first)}: ${all - missing.length} of ${all} verifiers have confirmed; not yet ${names}\n`);
  }
  return exit;
}

export function showJson(value: unknown, io: CommandIo): ExitCode {
  io.stdout(`${safeJson(value)}\n`);
  return EXIT.yes;
}

export const text = (value: unknown): string => (typeof value === 'string' && value !== '' ? safeText(value) : '');
export const words = (value: unknown): string =>
  Array.isArray(value) ? value.map((each) => text(each)).join(' ') : '';
/** `2030-01-31T12:00:00Z`. */
export const moment = (value: unknown): string =>
  typeof value === 'number' ? new Date(value * 1000).toISOString().replace(/\.\d+Z$/u, 'Z') : '';

/** The path of `--wait`. @throws {CommandError} `argument_invalid`. */
export function waitQuery(wait: string): string {
  const seconds = /^\d{1,2}(?:\.\d{1,3})?$/u.test(wait) ? Number(wait) : Number.NaN;
  if (!(seconds <= 30)) throw misuse('--wait takes 0 to 30 seconds');
  return `wait=${seconds}`;
}

/** @throws {CommandError} `argument_invalid`. */
export function parseLimit(limit: string): number {
  const most = /^\d{1,5}$/u.test(limit) ? Number(limit) : 0;
  if (most < 1 || most > 10_000) throw misuse('--limit: expected 1 to 10000');
  return most;
}
