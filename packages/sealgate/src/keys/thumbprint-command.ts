/** `sealgate keys thumbprint`: the name of a key that follows from the key itself (RFC 7638), also as a URI (RFC 9278). */
import { unreadable } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { thumbprintOf } from './key-thumbprint.ts';
import { readAnyKey } from './read-any-key.ts';

export interface RawThumbprintOptions {
  readonly uri?: boolean;
  readonly json?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function thumbprintCommand(
  reference: string | undefined,
  { uri, json }: RawThumbprintOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { object, name } = await readAnyKey(reference, {}, io);
  const thumbprint = thumbprintOf(object);
  if (thumbprint === undefined) {
    throw unreadable(name, 'the thumbprint of a shared secret is a hash of it, by which others could test guesses');
  }
  const whole = `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprint}`;
  if (json === true) io.stdout(`${JSON.stringify({ thumbprint, uri: whole }, null, 2)}\n`);
  else io.stdout(`${uri === true ? whole : thumbprint}\n`);
  return EXIT.yes;
}
