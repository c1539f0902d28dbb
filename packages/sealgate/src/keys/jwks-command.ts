/** `sealgate keys jwks`: a JWK set to publish, from keys of any form. Only public halves go in, and each must be one that a verifier takes. */
import { createPublicKey } from 'node:crypto';
import { isAlgorithm, parseJwks } from '@sealgate/jwt';
import { misuse, unreadable } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { writeKey } from './key-file.ts';
import { readKeyMaterial } from './key-material.ts';
import { keysOfSet } from './key-set.ts';
import { thumbprintOf } from './key-thumbprint.ts';
import { describeMaterial } from './read-any-key.ts';
import type { AnyKey } from './read-any-key.ts';

export interface RawJwksOptions {
  readonly algorithm?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable`, `output_refused`. */
export async function jwksCommand(
  references: readonly string[],
  options: RawJwksOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (references.length === 0) throw misuse('name the files with the keys');
  const entries: object[] = [];
  for (const reference of references) {
    for (const key of await readKeys(reference, options, io)) entries.push(publicEntry(key));
  }
  const set = { keys: entries };
  const { rejected } = parseJwks(set);
  const [first] = rejected;
  if (first !== undefined) {
    throw unreadable(`key ${first.index}`, `a verifier would refuse it: ${first.error.message}; ${first.error.remedy}`);
  }
  const out = options.out ?? '-';
  writeKey(`${JSON.stringify(set, null, 2)}\n`, { out, force: options.force === true, isPrivate: false }, io);
  return EXIT.yes;
}

async function readKeys(reference: string, { algorithm }: RawJwksOptions, io: CommandIo): Promise<AnyKey[]> {
  const source = await readSource(reference, io);
  const material = readKeyMaterial(source);
  const { name } = source;
  if (material.form !== 'jwks') {
    const names = material.form === 'jwk' && material.jwk['alg'] !== undefined;
    return [describeMaterial(material, name, algorithm === undefined || names ? {} : { algorithm })];
  }
  return keysOfSet(material.set, name).map((jwk, index) =>
    describeMaterial({ form: 'jwk', jwk }, `${name}, key ${index}`, {}),
  );
}

function publicEntry({ object, name, metadata, algorithms }: AnyKey): object {
  if (object.type === 'secret') throw unreadable(name, 'a shared secret must not be published');
  const { alg } = metadata;
  if (alg === undefined) {
    const names = algorithms.filter((each) => isAlgorithm(each)).join(', ');
    throw misuse(`${name} could serve ${names}: name one with --algorithm`);
  }
  const half = object.type === 'public' ? object : createPublicKey(object);
  return { ...half.export({ format: 'jwk' }), alg, use: metadata.use, kid: metadata.kid ?? thumbprintOf(object) };
}
