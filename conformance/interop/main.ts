/**
 * `npm run interop [-- language...]`: does `@sealgate/jwt` agree with the JWT libraries of other languages? Installs what is
 * missing, tries every pair, writes `docs/interop.md`, and fails when a pair no longer works. With languages named, only
 * those are tried and nothing is written.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { provisionFor } from '../../scripts/provision.ts';
import { CACHE, LANGUAGES, type Language, installLanguage } from './installs.ts';
import { latchsetJose } from './latchset.ts';
import type { Library } from './library.ts';
import { type Row, findMissing, findRegressions, makeKeys, tryLibrary } from './matrix.ts';
import { NODE_LIBRARIES } from './node-libraries.ts';
import { works } from './pair.ts';
import { type Program, librariesOf, startProgram } from './protocol.ts';
import { renderMatrix } from './report.ts';

/** Tokens for each direction and algorithm with a program that stays running. */
const TOKENS = 16;

/** The names of `npm run interop -- NAME`: a language, or `node`, or `c`. */
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = (name: string) => wanted.length === 0 || wanted.includes(name.toLowerCase());
const unknown = wanted.filter(
  (name) => ![...LANGUAGES.map((one) => one.name.toLowerCase()), 'node', 'c'].includes(name),
);
if (unknown.length > 0) {
  console.error(`no language ${unknown.join(', ')}`);
  process.exit(2);
}
const languages = LANGUAGES.filter(({ name }) => chosen(name));

provisionFor('interop');
mkdirSync(CACHE, { recursive: true });
const scratch = mkdtempSync(path.join(CACHE, 'run-'));
const programs: Program[] = [];
try {
  const libraries = (await Promise.all(languages.map(startLanguage))).flat();
  if (chosen('c')) libraries.push(latchsetJose(scratch));
  if (chosen('node')) libraries.unshift(...NODE_LIBRARIES);
  const keys = makeKeys();
  const rows = await Promise.all(libraries.map((library) => tryAndSay(library, keys)));
  const regressions = rows.flatMap(findRegressions);
  if (wanted.length === 0) regressions.push(...findMissing(rows));
  if (wanted.length === 0) {
    writeFileSync(path.join(import.meta.dirname, '../../docs/interop.md'), renderMatrix(rows));
  }
  for (const regression of regressions) console.error(`FAILED ${regression}`);
  const cells = rows.flatMap((row) => row.cells);
  console.log(
    `${cells.filter(({ expected, result }) => expected && works(result)).length} passed, ${regressions.length} failed`,
  );
  if (regressions.length > 0) process.exitCode = 1;
} finally {
  for (const program of programs) program.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function startLanguage(language: Language): Promise<Library[]> {
  const started = performance.now();
  const folder = await installLanguage(language);
  const { command, args } = language.start;
  const program = startProgram(command.includes('/') ? path.join(folder, command) : command, args, folder);
  programs.push(program);
  const libraries = await librariesOf(program, language.source, TOKENS);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${language.name}: ${libraries.map(({ name, version }) => `${name} ${version}`).join(', ')} (ready in ${seconds} s)`,
  );
  return libraries;
}

async function tryAndSay(library: Library, keys: ReturnType<typeof makeKeys>): Promise<Row> {
  const started = performance.now();
  const row = await tryLibrary(library, keys);
  const working = row.cells.filter(({ result }) => works(result)).map(({ alg }) => alg);
  console.log(`${library.name}: ${working.join(' ')} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return row;
}
