/** `sealgate token diff`: two tokens side by side, header parameter by header parameter and claim by claim. Nothing is verified. */
import { compactNode, compareJson, inspect, numberMember } from '@sealgate/console/inspect';
import type { Difference, JsonNode } from '@sealgate/console/inspect';
import { misuse } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJson, safeText } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';
import { describeSpan, describeTime, TIME_CLAIMS } from './time-words.ts';
import { readToken } from './token-input.ts';

export interface DiffOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

interface Line extends Difference {
  readonly part: 'header' | 'claims';
}

/** Exit code 0: they say the same; 1: they differ. @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function diffCommand(
  left: string | undefined,
  right: string | undefined,
  { all, json }: DiffOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (left === '-' && right === '-') throw misuse('standard input holds one token; give the other as a file');
  const [a, b] = [inspect(await readToken(left, io)), inspect(await readToken(right, io))];
  for (const [which, { header }] of [
    ['first', a],
    ['second', b],
  ] as const) {
    if (header === undefined) throw misuse(`the ${which} is no token`);
  }
  const lines = [
    ...linesOf('header', a.header?.node, b.header?.node),
    ...linesOf('claims', a.payload?.node, b.payload?.node),
  ];
  const shown = lines.filter(({ change }) => all === true || change !== 'same');
  const differ = lines.some(({ change }) => change !== 'same');
  if (json === true) io.stdout(`${safeJson({ same: !differ, differences: shown.map(toJson) })}\n`);
  else io.stdout(renderLines(shown, lines.length, lifeChange(a.payload?.node, b.payload?.node), io));
  return differ ? EXIT.no : EXIT.yes;
}

function linesOf(part: Line['part'], left: JsonNode | undefined, right: JsonNode | undefined): Line[] {
  return compareJson(left, right).map((difference): Line => Object.assign({ part }, difference));
}

function toJson({ part, path, change, left, right, removed, added }: Line): object {
  return {
    part,
    path: `/${path.join('/')}`,
    change,
    ...(left === undefined ? {} : { left: JSON.parse(compactNode(left)) as unknown }),
    ...(right === undefined ? {} : { right: JSON.parse(compactNode(right)) as unknown }),
    ...(removed.length + added.length === 0 ? {} : { removed, added }),
  };
}

const MARKS = { same: ' ', changed: '~', 'only-left': '-', 'only-right': '+' } as const;
const WIDEST_CELL = 48;

function renderLines(shown: readonly Line[], total: number, life: string, io: CommandIo): string {
  const style = styleFor(io);
  if (shown.length === 0) return `${style.good('the same')}: ${total} members, in header and claims\n`;
  const paint = { ' ': style.dim, '~': style.warn, '-': style.bad, '+': style.good };
  const rows = shown.map(({ part, path, change, left, right }) => [
    MARKS[change],
    `${part}.${path.map(safeText).join('.')}`,
    cell(left, path, io.nowSeconds()),
    cell(right, path, io.nowSeconds()),
  ]);
  const table = renderTable(rows, {
    head: ['', 'member', 'first', 'second'],
    paintHead: style.bold,
    paint: (text, column, row) => {
      const mark = rows[row]?.[0];
      return column === 0 || mark === ' ' ? paint[(mark ?? ' ') as ' '](text) : text;
    },
  });
  const sets = shown.flatMap(({ path, removed, added }) =>
    removed.length + added.length === 0
      ? []
      : [
          `${path.map(safeText).join('.')}: ${[...removed.map((name) => style.bad(`-${safeText(name)}`)), ...added.map((name) => style.good(`+${safeText(name)}`))].join(' ')}\n`,
        ],
  );
  return `${table}${sets.length === 0 ? '' : `\n${sets.join('')}`}${life === '' ? '' : `\n${life}\n`}`;
}

function cell(node: JsonNode | undefined, path: readonly string[], nowSeconds: number): string {
  if (node === undefined) return '(absent)';
  const text = node.type === 'string' ? safeText(node.value) : safeText(compactNode(node));
  const bare = node.type === 'string' ? text : text.replace(/^"(.*)"$/su, '$1').replaceAll('\\"', '"');
  const time =
    node.type === 'number' && TIME_CLAIMS.has(path[0] ?? '') ? describeTime(node.value, nowSeconds) : undefined;
  const whole = time ?? bare;
  return whole.length <= WIDEST_CELL ? whole : `${whole.slice(0, WIDEST_CELL - 3)}...`;
}

/** How much later the second ends. */
function lifeChange(left: JsonNode | undefined, right: JsonNode | undefined): string {
  const [before, after] = [numberMember(left, 'exp'), numberMember(right, 'exp')];
  if (before === undefined || after === undefined || before === after) return '';
  return `The second expires ${describeSpan(Math.abs(after - before))} ${after > before ? 'later' : 'earlier'}.`;
}
