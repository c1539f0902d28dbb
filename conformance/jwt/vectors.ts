/** Reads the published vectors beside this folder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../vectors');

/** The examples of an RFC, as written down in `vectors/rfc`. The caller states their shape. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the shape of a data file is the caller's to state
export function rfcVectors<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(path.join(folder, 'rfc', `${name}.json`), 'utf8')) as Shape;
}

/** A file of Project Wycheproof. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
export function wycheproof<Group>(name: string): {
  readonly testGroups: readonly Group[];
  readonly numberOfTests: number;
} {
  return JSON.parse(readFileSync(path.join(folder, 'wycheproof', `${name}_test.json`), 'utf8')) as {
    testGroups: Group[];
    numberOfTests: number;
  };
}
