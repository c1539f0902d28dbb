/**
 * Keys for the token commands: from a file or a variable, imported by `@sealgate/jwt` for one algorithm. What it refuses is told with what to
 * do, and never with anything of the key.
 */
import { importKey, isAlgorithm, isJwtError, parseJwks } from '@sealgate/jwt';
import type { Algorithm, Key, KeySource } from '@sealgate/jwt';
import { isEncryptionAlgorithm } from '@sealgate/jwt/jwe';
import type { EncryptionAlgorithm, EncryptionKey } from '@sealgate/jwt/jwe';
import { misuse, unreadable } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import type { Source } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { readKeyMaterial } from './key-material.ts';
import type { KeyMaterial } from './key-material.ts';
import { encryptionAlgorithmsFor, keyObjectOf, signatureAlgorithmsFor } from './key-object.ts';
import { readSecretBytes } from './secret-bytes.ts';

/** As the command line gives them: `--key`, or `--secret` with its encoding. */
export interface KeyOptions {
  readonly key?: string;
  readonly secret?: string;
  readonly secretEncoding?: string;
}

type SingleMaterial = Exclude<KeyMaterial, { form: 'jwks' }>;

/**
 * The key that signs or verifies. Its algorithm is the one named, else that of the JWK, else the only one that a key of its type serves.
 *
 * @throws {CommandError} `input_unreadable`, `argument_invalid`.
 */
export async function importSignatureKey(
  options: KeyOptions,
  algorithm: Algorithm | undefined,
  io: CommandIo,
  kid?: string,
): Promise<Key> {
  const { source, name } = await readKeySource(options, io);
  const id = kid === undefined ? {} : { kid };
  if (source instanceof Uint8Array) {
    const alg = algorithm ?? demandAlgorithm('a shared secret', ['HS256', 'HS384', 'HS512']);
    return told(name, () => importKey(source, { alg, ...id }));
  }
  const named = source.form === 'jwk' && isAlgorithm(source.jwk['alg']) ? source.jwk['alg'] : undefined;
  const alg = algorithm ?? named ?? onlyOne(name, source, 'sign', signatureAlgorithmsFor);
  return told(name, () => importKey(keySourceOf(source), { alg, ...id }));
}

/** The key that encrypts or decrypts, by the same rules. @throws {CommandError} `input_unreadable`, `argument_invalid`. */
export async function importEncryptionKey(
  options: KeyOptions,
  algorithm: EncryptionAlgorithm | undefined,
  io: CommandIo,
): Promise<EncryptionKey> {
  const { source, name } = await readKeySource(options, io);
  if (source instanceof Uint8Array) {
    const alg = algorithm ?? demandAlgorithm('a shared secret', ['A256KW', 'A256GCMKW', 'dir']);
    return told(name, () => importKey(source, { alg }));
  }
  const named = source.form === 'jwk' && isEncryptionAlgorithm(source.jwk['alg']) ? source.jwk['alg'] : undefined;
  const alg = algorithm ?? named ?? onlyOne(name, source, 'encrypt', encryptionAlgorithmsFor);
  return told(name, () => importKey(keySourceOf(source), { alg }));
}

/** The keys of a JWK set. @throws {CommandError} `input_unreadable` if it is no key set, or has no usable key. */
export async function importJwks(
  file: string,
  algorithms: readonly Algorithm[] | undefined,
  io: CommandIo,
): Promise<readonly Key[]> {
  const source = await readSource(file, io);
  const material = readKeyMaterial(source);
  if (material.form !== 'jwks') throw unreadable(source.name, 'it is no JWK set; a single key goes with --key');
  const { keys, rejected } = told(source.name, () =>
    parseJwks(material.set, algorithms === undefined ? {} : { algorithms }),
  );
  if (keys.length > 0) return keys;
  const [first] = rejected;
  const reason = first === undefined ? 'it is empty' : `key ${first.index}: ${first.error.message}`;
  throw unreadable(source.name, `no usable key in it (${reason})`);
}

interface ReadKey {
  /** Bytes are those of a shared secret. */
  readonly source: SingleMaterial | Uint8Array;
  readonly name: string;
}

async function readKeySource({ key, secret, secretEncoding }: KeyOptions, io: CommandIo): Promise<ReadKey> {
  if ((key === undefined) === (secret === undefined)) throw misuse('give the key: either --key or --secret');
  if (secret !== undefined) {
    const { bytes, name } = await readSecretBytes(secret, secretEncoding, io);
    return { source: bytes, name };
  }
  const source = await readSource(key ?? '', io);
  return { source: singleKey(readKeyMaterial(source), source), name: source.name };
}

/** @throws {CommandError} `input_unreadable` for a set. */
export function singleKey(material: KeyMaterial, { name }: Source): SingleMaterial {
  if (material.form === 'jwks') throw unreadable(name, 'it is a JWK set; one key is needed here');
  return material;
}

export function keySourceOf(material: SingleMaterial): KeySource {
  if (material.form === 'jwk') return material.jwk;
  return material.form === 'pem' ? material.text : material.bytes;
}

function onlyOne<Name extends string>(
  name: string,
  material: SingleMaterial,
  purpose: 'sign' | 'encrypt',
  fitting: (object: NonNullable<ReturnType<typeof keyObjectOf>>) => readonly Name[],
): Name {
  const named = material.form === 'jwk' ? material.jwk['alg'] : undefined;
  if (isAlgorithm(named) || isEncryptionAlgorithm(named))
    throw misuse(`${name} is a key for ${named}, which does not ${purpose}: no key does both`);
  if (material.form === 'pem' && material.text.includes('ENCRYPTED'))
    throw unreadable(name, 'the key is protected by a passphrase; take it off first: openssl pkey -in FILE -out OTHER');
  const object = keyObjectOf(material);
  if (object === undefined) throw unreadable(name, 'no key can be read from it');
  const names = fitting(object);
  const [first, ...more] = names;
  if (first === undefined) throw unreadable(name, 'no algorithm here has keys of this type');
  return more.length === 0 ? first : demandAlgorithm(`${name} does not say its algorithm; the key`, names);
}

function demandAlgorithm(what: string, names: readonly string[]): never {
  throw misuse(`${what} could serve ${names.join(', ')}: name one with --algorithm`);
}

/** What the library refuses, as a complaint about the file. */
export function told<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isJwtError(error)) throw unreadable(name, `${error.message}; ${error.remedy}`);
    // The key id of an option, or the bytes of a secret of a size that the algorithm does not take.
    if (error instanceof TypeError) throw misuse(error.message.replace(/^importKey: /u, ''));
    throw error;
  }
}
