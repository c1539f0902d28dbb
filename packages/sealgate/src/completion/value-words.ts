/** The words that completion offers for a value; undefined for names of files. */
import {
  CONTENT_ENCRYPTION_NAMES,
  ENCRYPTION_ALGORITHM_NAMES,
  SIGNATURE_ALGORITHM_NAMES,
} from '../command-line/algorithm-option.ts';
import type { TreeValue } from '../command-line/command-tree.ts';

export function wordsFor({ kind, choices }: TreeValue): readonly string[] | undefined {
  if (choices.length > 0) return choices;
  switch (kind) {
    case 'signature algorithm':
      return SIGNATURE_ALGORITHM_NAMES;
    case 'encryption algorithm':
      return ENCRYPTION_ALGORITHM_NAMES;
    case 'any algorithm':
      return [...SIGNATURE_ALGORITHM_NAMES, ...ENCRYPTION_ALGORITHM_NAMES];
    case 'content encryption':
      return CONTENT_ENCRYPTION_NAMES;
    case 'nothing':
      return [];
    case undefined:
    default:
      return undefined;
  }
}
