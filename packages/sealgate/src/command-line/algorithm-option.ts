/** Names of algorithms in options: exact, and a slip of the finger is told what was probably meant. */
import { ALGORITHMS, isAlgorithm } from '@sealgate/jwt/parse';
import type { Algorithm } from '@sealgate/jwt/parse';
import {
  CONTENT_ENCRYPTIONS,
  ENCRYPTION_ALGORITHMS,
  isContentEncryption,
  isEncryptionAlgorithm,
} from '@sealgate/jwt/jwe';
import type { ContentEncryption, EncryptionAlgorithm } from '@sealgate/jwt/jwe';
import { misuse } from '../command-error.ts';
import { suggestFrom } from './suggest-from.ts';

export const SIGNATURE_ALGORITHM_NAMES: readonly string[] = Object.keys(ALGORITHMS);
export const ENCRYPTION_ALGORITHM_NAMES: readonly string[] = Object.keys(ENCRYPTION_ALGORITHMS);
export const CONTENT_ENCRYPTION_NAMES: readonly string[] = Object.keys(CONTENT_ENCRYPTIONS);

/** @throws {CommandError} `argument_invalid`. */
export function parseAlgorithm(name: string): Algorithm {
  if (isAlgorithm(name)) return name;
  throw unknown('--algorithm', name, SIGNATURE_ALGORITHM_NAMES);
}

/** @throws {CommandError} `argument_invalid`. */
export function parseEncryptionAlgorithm(name: string): EncryptionAlgorithm {
  if (isEncryptionAlgorithm(name)) return name;
  throw unknown('--algorithm', name, ENCRYPTION_ALGORITHM_NAMES);
}

/** Either kind. @throws {CommandError} `argument_invalid`. */
export function parseAnyAlgorithm(name: string): Algorithm | EncryptionAlgorithm {
  if (isAlgorithm(name) || isEncryptionAlgorithm(name)) return name;
  throw unknown('the algorithm', name, [...SIGNATURE_ALGORITHM_NAMES, ...ENCRYPTION_ALGORITHM_NAMES]);
}

/** @throws {CommandError} `argument_invalid`. */
export function parseContentEncryption(name: string): ContentEncryption {
  if (isContentEncryption(name)) return name;
  throw unknown('--enc', name, CONTENT_ENCRYPTION_NAMES);
}

function unknown(option: string, name: string, known: readonly string[]): Error {
  return misuse(`${option} ${JSON.stringify(name)} is not known${suggestFrom(name, known)}`);
}
