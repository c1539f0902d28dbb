/** `sealgate keys convert`: the same key in another form. What comes out was taken by the library's own import: a broken key stays out. */
import { createPublicKey } from 'node:crypto';
import { misuse, unreadable } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { writeKey } from './key-file.ts';
import { parseKeyFormat, writeForm } from './key-format.ts';
import { readAnyKey } from './read-any-key.ts';
import type { AnyKeyOptions } from './read-any-key.ts';

export interface RawConvertOptions extends AnyKeyOptions {
  readonly to: string;
  readonly public?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`, `output_refused`. */
export async function convertCommand(
  source: string | undefined,
  options: RawConvertOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const format = parseKeyFormat(options.to, '--to');
  const { object, name, metadata, algorithms } = await readAnyKey(source, options, io);
  if (options.public === true && object.type === 'secret') throw unreadable(name, 'a shared secret has no public half');
  const wanted = options.public === true && object.type === 'private' ? createPublicKey(object) : object;
  const isPrivate = wanted.type !== 'public';
  if (isPrivate && options.out === undefined) {
    throw misuse('say where the private key goes: --out FILE, or --out - to print it; --public writes the public half');
  }
  if (format === 'jwk' && metadata.alg === undefined && object.type !== 'secret') {
    throw misuse(`a JWK names its algorithm: add --algorithm with one of ${algorithms.join(', ')}`);
  }
  const content = writeForm(wanted, format, metadata);
  const out = options.out ?? '-';
  writeKey(content, { out, force: options.force === true, isPrivate }, io);
  if (out !== '-') io.stderr(`wrote ${out}${isPrivate ? ' (readable by its owner alone)' : ''}\n`);
  return EXIT.yes;
}
