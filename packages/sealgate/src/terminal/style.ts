/** Colours and weights of text on a terminal; plain text where colour is not wanted. Meaning never hangs on them alone. */

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly name: Paint;
}

const plain: Paint = (text) => text;
const PLAIN: Style = { bold: plain, dim: plain, good: plain, bad: plain, warn: plain, name: plain };

/** Codes of ECMA-48 section 8.3.117. */
const painted =
  (on: number, off: number): Paint =>
  (text) =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;

const COLORED: Style = {
  bold: painted(1, 22),
  dim: painted(2, 22),
  good: painted(32, 39),
  bad: painted(31, 39),
  warn: painted(33, 39),
  name: painted(36, 39),
};

export function styleFor({ color }: { readonly color: boolean }): Style {
  return color ? COLORED : PLAIN;
}
