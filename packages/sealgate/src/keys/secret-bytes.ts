/** The bytes of a shared secret from a file, a variable or a prompt, and how text stands for them. */
import { misuse, unreadable } from '../command-error.ts';
import { readSecretSource } from '../command-line/source.ts';
import type { Source } from '../command-line/source.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import type { CommandIo } from '../io.ts';

/** `utf8`: the text itself, without one line break at its end. `raw`: every byte as it is. */
export const SECRET_ENCODINGS = ['utf8', 'base64url', 'base64', 'hex', 'raw'] as const;
export type SecretEncoding = (typeof SECRET_ENCODINGS)[number];

const SHAPES: Readonly<Record<SecretEncoding, RegExp>> = {
  utf8: /^/u,
  raw: /^/u,
  base64url: /^[A-Za-z0-9_-]*$/u,
  base64: /^[A-Za-z0-9+/]*={0,2}$/u,
  hex: /^(?:[0-9a-f]{2})*$/iu,
};

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function readSecretBytes(reference: string, encoding: string | undefined, io: CommandIo): Promise<Source> {
  const form = parseSecretEncoding(encoding ?? 'utf8');
  const { bytes, name } = await readSecretSource(reference, '--secret', io);
  if (form === 'raw') return { bytes, name };
  const text = bytes.toString('latin1').replace(/\r?\n$/u, '');
  if (text === '') throw unreadable(name, 'it is empty');
  if (form === 'utf8') return { bytes: Buffer.from(text, 'latin1'), name };
  if (!SHAPES[form].test(text)) throw unreadable(name, `it is not ${form}; see --secret-encoding`);
  return { bytes: Buffer.from(text, form), name };
}

/** @throws {CommandError} `argument_invalid`. */
export function parseSecretEncoding(name: string): SecretEncoding {
  const found = SECRET_ENCODINGS.find((known) => known === name);
  if (found !== undefined) return found;
  throw misuse(`--secret-encoding ${JSON.stringify(name)} is not known${suggestFrom(name, SECRET_ENCODINGS)}`);
}
