/**
 * One key in any form, for the commands that look at keys: what it is, what it could serve, and whether the library takes it. A key of a wrong
 * form is told as the library tells it.
 */
import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { importKey, isAlgorithm, JwtError } from '@sealgate/jwt';
import type { Algorithm, JwkLike } from '@sealgate/jwt';
import { isEncryptionAlgorithm } from '@sealgate/jwt/jwe';
import type { EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import { misuse, unreadable } from '../command-error.ts';
import { parseAnyAlgorithm } from '../command-line/algorithm-option.ts';
import { readSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { keySourceOf, singleKey, told } from './import-key-source.ts';
import type { KeyMetadata } from './key-format.ts';
import { readKeyMaterial } from './key-material.ts';
import type { KeyMaterial } from './key-material.ts';
import { encryptionAlgorithmsFor, keyObjectOf, signatureAlgorithmsFor } from './key-object.ts';
import { readSecretBytes } from './secret-bytes.ts';

export interface AnyKeyOptions {
  readonly algorithm?: string;
  readonly kid?: string;
  readonly secret?: string;
  readonly secretEncoding?: string;
}

export type AnyAlgorithm = Algorithm | EncryptionAlgorithm;

export interface AnyKey {
  readonly name: string;
  readonly material: Exclude<KeyMaterial, { form: 'jwks' }> | { readonly form: 'secret'; readonly bytes: Uint8Array };
  readonly object: KeyObject;
  /** What it may serve: the one that is named, or all that its type allows. */
  readonly algorithms: readonly AnyAlgorithm[];
  /** For a JWK; `alg` only where it is settled. */
  readonly metadata: KeyMetadata;
}

/** @throws {CommandError} `argument_invalid`, `input_unreadable` for what is no key, or one that the library refuses. */
export async function readAnyKey(
  reference: string | undefined,
  options: AnyKeyOptions,
  io: CommandIo,
): Promise<AnyKey> {
  if ((reference === undefined) === (options.secret === undefined)) {
    throw misuse('give the key: a file, env:NAME or "-", or a shared secret with --secret');
  }
  if (options.secret !== undefined) {
    const { bytes, name } = await readSecretBytes(options.secret, options.secretEncoding, io);
    return describe({ form: 'secret', bytes }, createSecretKey(bytes), name, options);
  }
  const source = await readSource(reference ?? '', io);
  return describeMaterial(singleKey(readKeyMaterial(source), source), source.name, options);
}

/** As {@link readAnyKey}, for a key that was read already. */
export function describeMaterial(
  material: Exclude<KeyMaterial, { form: 'jwks' }>,
  name: string,
  options: AnyKeyOptions,
): AnyKey {
  if (material.form === 'pem' && material.text.includes('ENCRYPTED')) {
    throw unreadable(name, 'the key is protected by a passphrase; take it off first: openssl pkey -in FILE -out OTHER');
  }
  const object = keyObjectOf(material);
  if (object === undefined) throw unreadable(name, 'no key can be read from it');
  return describe(material, object, name, options);
}

function describe(
  material: AnyKey['material'],
  object: KeyObject,
  name: string,
  { algorithm, kid }: AnyKeyOptions,
): AnyKey {
  const jwk: JwkLike = material.form === 'jwk' ? material.jwk : {};
  const named = algorithm === undefined ? jwk['alg'] : parseAnyAlgorithm(algorithm);
  const isNamed = isAlgorithm(named) || isEncryptionAlgorithm(named);
  const fitting = fittingAlgorithms(object, jwk['use']);
  const [only, ...more] = fitting;
  const alg = isNamed ? named : more.length === 0 ? only : undefined;
  if (fitting.length === 0 && object.type !== 'secret')
    throw unreadable(name, 'no algorithm here has keys of this type');
  const trial = alg ?? only;
  if (trial !== undefined) assertTaken(material, trial, name);
  const id = kid ?? jwk['kid'];
  return {
    name,
    material,
    object,
    algorithms: alg === undefined ? fitting : [alg],
    metadata: {
      ...(alg === undefined ? {} : { alg }),
      ...(object.type === 'secret' || alg === undefined ? {} : { use: isAlgorithm(alg) ? 'sig' : 'enc' }),
      ...(typeof id === 'string' ? { kid: id } : {}),
    },
  };
}

function fittingAlgorithms(object: KeyObject, use: unknown): readonly AnyAlgorithm[] {
  return [
    ...(use === 'enc' ? [] : signatureAlgorithmsFor(object)),
    ...(use === 'sig' ? [] : encryptionAlgorithmsFor(object)),
  ].filter((name, at, all) => use !== undefined || isAlgorithm(name) || !all.slice(0, at).some(isAlgorithm));
}

/** @throws {CommandError} `input_unreadable` with what the library says of it. */
function assertTaken(material: AnyKey['material'], alg: AnyAlgorithm, name: string): void {
  const source = material.form === 'secret' ? material.bytes : keySourceOf(material);
  told(name, () => {
    if (isAlgorithm(alg)) importKey(source, { alg });
    else if (isEncryptionAlgorithm(alg)) importKey(source, { alg });
    else throw new JwtError('key_unsupported');
  });
}
