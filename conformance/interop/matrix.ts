/** The whole matrix: every library with every algorithm of ours, held against the table of what must work. */
import { ALGORITHMS, type Algorithm, isAlgorithm } from '@sealgate/jwt';
import { EXPECTED } from './expected.ts';
import type { KeyMaterial, Library } from './library.ts';
import { makeKeyMaterial } from './ours.ts';
import { type PairResult, isAbsent, tryPair, works } from './pair.ts';

export interface Row {
  readonly library: Pick<Library, 'name' | 'version' | 'source'>;
  /** In the order of {@link EVERY_ALGORITHM}. */
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly alg: Algorithm;
  readonly expected: boolean;
  readonly result: PairResult;
}

export const EVERY_ALGORITHM: readonly Algorithm[] = Object.keys(ALGORITHMS).filter((name) => isAlgorithm(name));

/** One key for each algorithm, for all libraries. */
export function makeKeys(): ReadonlyMap<Algorithm, KeyMaterial> {
  return new Map(EVERY_ALGORITHM.map((alg) => [alg, makeKeyMaterial(alg)]));
}

/** Tries one library with every key. */
export async function tryLibrary(library: Library, keys: ReadonlyMap<Algorithm, KeyMaterial>): Promise<Row> {
  const cells: Cell[] = [];
  for (const [alg, key] of keys) {
    const expected = EXPECTED[library.name]?.includes(alg) ?? false;
    cells.push({ alg, expected, result: await tryPair(library, key) });
  }
  const { name, version, source } = library;
  return { library: { name, version, source }, cells };
}

/** What differs from the table, one sentence each; none when all is as it must be. */
export function findRegressions({ library, cells }: Row): string[] {
  return cells.flatMap(({ alg, expected, result }) => {
    if (expected ? works(result) : isAbsent(result)) return [];
    const said = Object.entries(result).map(explain).join('');
    return [`${library.name} ${library.version}, ${alg}${expected ? '' : ' (not in expected.ts)'}${said}`];
  });
}

/** Libraries of the table that no row is about: a program that did not say it has them. */
export function findMissing(rows: readonly Row[]): string[] {
  const tried = new Set(rows.map(({ library }) => library.name));
  return Object.keys(EXPECTED)
    .filter((name) => !tried.has(name))
    .map((name) => `${name} was not tried`);
}

function explain([direction, verdict]: [string, PairResult[keyof PairResult]]): string {
  return verdict === undefined || verdict === 'ok' ? '' : `; ${direction}: ${verdict.wrong}`;
}
