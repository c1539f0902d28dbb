/** Findings of a lint, gravest first, each with why it matters and how to mend it. */
import type { Finding } from '@sealgate/jwt/lint';
import { safeSentence } from '../terminal/safe-text.ts';
import type { Style } from '../terminal/style.ts';

export function renderFindings(findings: readonly Finding[], style: Style): string {
  if (findings.length === 0) return `${style.good('nothing to say')}\n`;
  const paint = { error: style.bad, warning: style.warn, info: style.dim };
  const blocks = findings.map(
    ({ rule, severity, what, why, mend }) =>
      `${paint[severity](severity.padEnd(7))}  ${safeSentence(what)} [${rule}]\n         ${safeSentence(why)}\n         ${style.name('mend:')} ${safeSentence(mend)}\n`,
  );
  const count = (severity: string, name: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${name}${number === 1 ? '' : 's'}`];
  };
  const total = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'remark')].join(', ');
  return `${blocks.join('')}\n${total}\n`;
}
