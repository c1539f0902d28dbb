/**
 * `sealgate token decode`: what a token says, verified by nobody; of a broken one, as far as it goes, and where the fault is.
 *
 * The signature is not shown: what is printed here cannot be put together to a token again.
 */
import { FOREIGN, inspect } from '@sealgate/console/inspect';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { safeJson, safeSentence } from '../terminal/safe-text.ts';
import { styleFor } from '../terminal/style.ts';
import { findTokens } from './find-tokens.ts';
import type { FoundToken } from './find-tokens.ts';
import { describeToken, isSound } from './describe-token.ts';
import { renderToken } from './render-token.ts';
import { readTokenText } from './token-input.ts';

export interface DecodeArguments {
  readonly token: string | undefined;
  readonly json: boolean;
}

/** @throws {CommandError} `argument_invalid` without a token, `input_unreadable`. */
export async function decodeCommand({ token, json }: DecodeArguments, io: CommandIo): Promise<ExitCode> {
  const text = await readTokenText(token, io);
  const { found, more } = findTokens(text);
  if (found.length === 0) {
    io.stdout(renderNone(text, json));
    return EXIT.no;
  }
  if (json) {
    const all = found.map(({ inspection, place, times }) => ({
      ...describeToken(inspection),
      ...(place === '' ? {} : { place, times }),
    }));
    io.stdout(`${safeJson(all.length === 1 ? all[0] : all)}\n`);
  } else io.stdout(renderAll(found, more, io));
  return found.every(({ inspection }) => isSound(inspection)) ? EXIT.yes : EXIT.no;
}

function renderAll(found: readonly FoundToken[], more: boolean, io: CommandIo): string {
  const style = styleFor(io);
  const view = { nowSeconds: io.nowSeconds(), style, columns: io.columns };
  const several = found.length > 1;
  const tokens = found.map(({ inspection, place, times }, at) => {
    const number = several ? `Token ${at + 1} of ${found.length}` : '';
    const often = times > 1 ? `, and ${times - 1} more time${times === 2 ? '' : 's'}` : '';
    const where = place === '' ? '' : `${number === '' ? 'Found' : ''} at ${safeSentence(place)}${often}`;
    const head = number + where;
    return `${head === '' ? '' : `${style.bold(head)}\n\n`}${renderToken(inspection, view)}`;
  });
  const cut = more ? '\nThere are more tokens, which are not shown.\n' : '';
  return `${style.warn('Not verified: nothing below is known to be true.')}\n\n${tokens.join('\n')}${cut}`;
}

/** What the text is instead of a token. */
function renderNone(text: string, json: boolean): string {
  const { foreign, form } = inspect(text);
  const { title } = form === 'too-long' ? { title: 'This is too long to be a token' } : FOREIGN[foreign ?? 'opaque'];
  if (json) return `${safeJson({ verified: false, form: 'none', kind: foreign ?? form, title })}\n`;
  return `no token: ${title} [${foreign ?? form}]\n`;
}
