/** How a token is written: three parts that encode back to themselves, the first two in JSON that no reader could take for another. */
import type { FaultName } from '../faults.ts';

export interface TokenForm {
  readonly parts: readonly [header: string, payload: string, signature: string];
  readonly header: Readonly<Record<string, unknown>>;
}

/** @throws {Error} */
export function readForm(token: string, faults: ReadonlySet<FaultName>): TokenForm {
  const [first = '', second = '', third = '', ...more] = token.split('.');
  if (more.length > 0) throw new Error('not three parts');
  for (const part of [first, second, third]) {
    // FAULT loose-base64
    if (faults.has('loose-base64')) continue;
    if (Buffer.from(part, 'base64url').toString('base64url') !== part) throw new Error('not canonical base64url');
  }
  const header = readJson(first, faults);
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new Error('the header is no object');
  readJson(second, faults);
  return { parts: [first, second, third], header: { ...header } };
}

function readJson(part: string, faults: ReadonlySet<FaultName>): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'));
  const value: unknown = JSON.parse(text);
  // What the desk writes comes back the same: a member that stands twice does not.
  // FAULT duplicate-members
  if (!faults.has('duplicate-members') && JSON.stringify(value) !== text) throw new Error('JSON with two readings');
  return value;
}
