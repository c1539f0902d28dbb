/** What is wrong with a token, each with its place: the characters themselves where they give nothing away. */
import type { Fault, Inspection } from '@sealgate/console/inspect';
import { safeSentence } from '../terminal/safe-text.ts';
import type { Style } from '../terminal/style.ts';
import { describeFault } from './describe-token.ts';

const MOST_FAULTS = 12;
const AROUND = 12;

export function renderFaults(inspection: Inspection, style: Style): string {
  const { faults } = inspection;
  const shown = faults.slice(0, MOST_FAULTS).map((fault) => renderFault(fault, inspection, style));
  const rest = faults.length - shown.length;
  return shown.join('') + (rest > 0 ? `and ${rest} more\n` : '');
}

function renderFault(fault: Fault, inspection: Inspection, style: Style): string {
  const { code, severity, title, detail, source } = describeFault(fault);
  const paint = severity === 'error' ? style.bad : severity === 'warning' ? style.warn : style.dim;
  const lines = [
    `${paint(severity)}  ${safeSentence(title)} [${code}]`,
    ...renderPlace(fault, inspection, style),
    `  ${safeSentence(detail)}${source === undefined ? '' : style.dim(` (${source})`)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The line and column, and a few characters of header or payload with a mark below the fault. */
function renderPlace({ span, severity }: Fault, { pasted, parts, located }: Inspection, style: Style): string[] {
  if (span === undefined || severity === 'note') return [];
  const before = pasted.slice(0, span.start);
  const line = before.split('\n').length;
  const column = span.start - (before.lastIndexOf('\n') + 1) + 1;
  const at = line === 1 ? `  at character ${column}` : `  at line ${line}, character ${column}`;
  const part = parts.find(({ span: own }) => own.start <= span.start && span.start <= own.end);
  const isWhole = span.end - span.start >= (located?.token.length ?? 0);
  if (part === undefined || isWhole || (part.name !== 'header' && part.name !== 'payload')) return [at];
  const from = Math.max(part.span.start, span.start - AROUND);
  const to = Math.min(part.span.end, span.start + AROUND);
  if (to - from >= part.text.length && part.text.length > 2 * AROUND) return [at];
  const excerpt = pasted.slice(from, to);
  if (!/^[\x21-\x7e]+$/u.test(excerpt)) return [at];
  const width = Math.max(1, Math.min(span.end, to) - span.start);
  return [
    `${at}, in the ${part.name}:`,
    `    ${style.dim(from > part.span.start ? '...' : '   ')}${excerpt}${style.dim(to < part.span.end ? '...' : '')}`,
    `    ${' '.repeat(span.start - from + 3)}${style.bad('^'.repeat(width))}`,
  ];
}
