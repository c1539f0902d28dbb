/** Why a token was refused, for people or as JSON: the code, what was wrong, what to do, and the rule it comes from. */
import type { JwtError } from '@sealgate/jwt';
import type { Style } from '../terminal/style.ts';

/** @param verdict - The answer in words, such as `not valid`. */
export function renderRefusal(error: JwtError, json: boolean, verdict: string, style: Style): string {
  const { code, message, remedy, source } = error;
  if (json) return `${JSON.stringify({ valid: false, code, message, remedy, source }, null, 2)}\n`;
  return `${style.bad(verdict)}: ${message} [${code}]\n  what to do: ${remedy}\n  the rule: ${source}\n`;
}
