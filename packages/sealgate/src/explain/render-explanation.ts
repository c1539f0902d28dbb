/** A decision for people: the answer, each rule with what was compared, and what would have to change. */
import type { ExplainedRequest, ExplainedStep } from '@sealgate/gateway';
import type { CommandIo } from '../io.ts';
import { safeSentence } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import type { Style } from '../terminal/style.ts';
import type { Decision } from './gateway-admin.ts';

export function renderExplanation(explained: ExplainedRequest, io: CommandIo): string {
  const { method, path, route, allow, status, code, steps, changes, notReached } = explained;
  const style = styleFor(io);
  const where = route === null ? 'no route' : `route ${route.name}, upstream ${route.upstream}`;
  const verdict = allow ? style.good('let through') : style.bad(`refused: ${status ?? ''} ${code ?? ''}`.trim());
  const rest = notReached.length === 0 ? '' : `  ${style.dim(`not reached: ${notReached.join(', ')}`)}\n`;
  return (
    `${style.bold(safeSentence(`${method} ${path}`))}  ${style.dim(`(${safeSentence(where)})`)}\n${verdict}\n\n` +
    `${renderSteps(steps, style)}${rest}${renderChanges(changes, style)}`
  );
}

/** A decision of the past, explained again now. */
export function renderDecision({ method, path, route, status, code, trace, changes }: Decision, io: CommandIo): string {
  const style = styleFor(io);
  const head = safeSentence([method, path].filter((part) => part !== undefined).join(' '));
  const verdict =
    code === 'allowed' ? style.good('let through') : style.bad(`refused: ${status ?? ''} ${code ?? ''}`.trim());
  const on = route === undefined ? '' : `  ${style.dim(`(route ${safeSentence(route)})`)}`;
  const steps =
    trace === undefined
      ? `${style.dim('The rules are remembered for the newest refusals alone.')}\n`
      : `Judged again now:\n\n${renderSteps(trace, style)}${renderChanges(changes ?? [], style)}`;
  return `${style.bold(head)}${on}\n${verdict}\n\n${steps}`;
}

function renderSteps(steps: readonly ExplainedStep[], style: Style): string {
  const width = Math.max(0, ...steps.map(({ rule }) => rule.length));
  return steps
    .map(({ rule, passed, why, source }) => {
      const mark = passed ? style.good('ok  ') : style.bad('FAIL');
      const rules = source === undefined ? '' : style.dim(` (${source})`);
      return `  ${mark}  ${rule.padEnd(width)}  ${safeSentence(why)}${rules}\n`;
    })
    .join('');
}

function renderChanges(changes: readonly string[], style: Style): string {
  if (changes.length === 0) return '';
  return `\n${style.bold('What would have to change')}\n${changes.map((change) => `  - ${safeSentence(change)}\n`).join('')}`;
}
