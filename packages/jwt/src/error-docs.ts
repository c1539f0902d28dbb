/** Renders `docs/errors.md` from the table of codes. Used by the repository's documentation script and by the test that holds both together. */
import { ERROR_CODES } from './error-codes.ts';

/** Markdown: one section for each code, in the order of the table. */
export function renderErrorDocs(): string {
  const sections = Object.entries(ERROR_CODES).map(
    ([code, { message, remedy, source }]) =>
      `## ${code}\n\n${sentence(message)}\n\n- **What to do:** ${remedy}.\n- **Rule:** ${source}.\n`,
  );
  return [
    '# Errors of @sealgate/jwt',
    '',
    '<!-- Generated from packages/jwt/src/error-codes.ts by `npm run docs`. Do not edit. -->',
    '',
    'Every refusal is a `JwtError`. Branch on `error.code`; messages may change. `error.remedy` and `error.source` say what is below;',
    '`claim`, `member`, `part`, `offset`, `reason` and `limit` say where, as far as known. No error holds a token, a key or an unverified claim.',
    '',
    ...sections,
  ].join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
