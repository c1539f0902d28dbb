/**
 * A token's members as lines for a terminal: name, value, what a time means now, and what the member is for, beside it where there is room,
 * else below.
 */
import { safeJsonLine, safeText } from '../terminal/safe-text.ts';
import type { Style } from '../terminal/style.ts';
import { describeTime, TIME_CLAIMS } from './time-words.ts';

export interface MemberView {
  readonly nowSeconds: number;
  readonly style: Style;
  readonly columns: number;
  /** What a member of this name is for; leave it out to show none. */
  readonly meaningOf?: (name: string) => string | undefined;
}

const WIDEST_NAME = 24;
const WIDEST_VALUE = 56;

/** One line for each member; two where its meaning does not fit. */
export function renderMembers(members: Readonly<Record<string, unknown>>, view: MemberView): string {
  const { style, columns, meaningOf } = view;
  const rows = Object.entries(members).map(([name, value]) => ({
    name: safeText(name),
    value: renderValue(name, value, view.nowSeconds),
    meaning: meaningOf?.(name) ?? '',
  }));
  const nameWidth = Math.min(WIDEST_NAME, Math.max(0, ...rows.map(({ name }) => name.length)));
  const fitting = rows.map(({ value }) => value.length).filter((length) => length <= WIDEST_VALUE);
  const valueWidth = Math.max(0, ...fitting);
  return rows
    .map(({ name, value, meaning }) => {
      const line = `  ${style.name(name.padEnd(nameWidth))}  ${value}`;
      if (meaning === '') return `${line}\n`;
      const beside = Math.max(value.length, valueWidth);
      const fits = value.length <= WIDEST_VALUE && nameWidth + beside + meaning.length + 6 <= columns;
      if (fits) return `${line}${' '.repeat(beside - value.length)}  ${style.dim(meaning)}\n`;
      return `${line}\n${' '.repeat(nameWidth + 4)}${style.dim(meaning)}\n`;
    })
    .join('');
}

function renderValue(name: string, value: unknown, nowSeconds: number): string {
  const text = typeof value === 'string' ? safeText(value) : safeJsonLine(value);
  const meaning = TIME_CLAIMS.has(name) && typeof value === 'number' ? describeTime(value, nowSeconds) : undefined;
  return meaning === undefined ? text : `${text}  (${meaning})`;
}
