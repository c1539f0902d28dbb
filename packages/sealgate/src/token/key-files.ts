/** Keys from files, for `sealgate token verify`: a JWK set, a JWK, a PEM, or the bytes of a shared secret. */
import { readFileSync } from 'node:fs';
import { importKey, isAlgorithm, isJwtError, parseJwks } from '@sealgate/jwt';
import type { Algorithm, Key } from '@sealgate/jwt';
import { CommandError } from '../command-error.ts';

const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * The keys of a JWK set.
 *
 * @throws {CommandError} `input_unreadable` if it cannot be read, is no key set, or has no usable key.
 */
export function readJwksFile(file: string, algorithms: readonly Algorithm[] | undefined): readonly Key[] {
  const value = parseJson(readBytes(file), file);
  const { keys, rejected } = told(file, () => parseJwks(value, algorithms === undefined ? {} : { algorithms }));
  if (keys.length > 0) return keys;
  const [first] = rejected;
  const reason = first === undefined ? 'it is empty' : `key ${first.index}: ${first.error.message}`;
  throw unreadable(file, `no usable key in it (${reason})`);
}

/**
 * One key. Its algorithm is that of the JWK, or the one that is named.
 *
 * @throws {CommandError} `input_unreadable`, `argument_invalid` if the algorithm is not known.
 */
export function readKeyFile(file: string, algorithms: readonly Algorithm[] | undefined): Key {
  const bytes = readBytes(file);
  const start = bytes.subarray(0, 64).toString('latin1').trimStart();
  if (start.startsWith('{')) {
    const jwk = parseJson(bytes, file);
    if (typeof jwk !== 'object' || jwk === null) throw unreadable(file, 'it is no JWK');
    const alg = 'alg' in jwk ? jwk.alg : undefined;
    return told(file, () => importKey({ ...jwk }, { alg: isAlgorithm(alg) ? alg : oneAlgorithm(algorithms) }));
  }
  const alg = oneAlgorithm(algorithms);
  return told(file, () => importKey(start.startsWith('-----BEGIN') ? bytes.toString('utf8').trim() : bytes, { alg }));
}

function oneAlgorithm(algorithms: readonly Algorithm[] | undefined): Algorithm {
  const [first, ...more] = algorithms ?? [];
  if (first !== undefined && more.length === 0) return first;
  throw new CommandError('argument_invalid', 'the key does not say its algorithm: name exactly one with --algorithm');
}

function readBytes(file: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw unreadable(file, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  }
  if (bytes.length > LARGEST_FILE_BYTES) throw unreadable(file, 'it is larger than 1mb');
  return bytes;
}

function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text, which may be a private key.
    throw unreadable(file, 'it is not JSON');
  }
}

function told<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isJwtError(error)) throw unreadable(file, `${error.message}; ${error.remedy}`);
    throw error;
  }
}

function unreadable(file: string, reason: string): CommandError {
  return new CommandError('input_unreadable', `${file}: ${reason}`);
}
