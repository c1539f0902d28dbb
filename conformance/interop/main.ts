/**
 * `npm run interop [-- name...]`: does `@sealgate/jwt` agree with the JWT libraries of other languages, and the gateway with servers that no Debian
 * package has (`peers/`)? Installs what is missing, tries every pair, writes `docs/interop.md` when each library was tried, runs the rules of each
 * server, and fails when a pair or a rule no longer works or a part could not be had. With languages or servers named, only those are tried;
 * `libraries` names all languages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE, LANGUAGES, type Language, installLanguage } from './installs.ts';
import { LATCHSET, latchsetJose } from './latchset.ts';
import type { Library } from './library.ts';
import { type Row, findMissing, findRegressions, makeKeys, tryLibrary } from './matrix.ts';
import { NODE, NODE_LIBRARIES } from './node-libraries.ts';
import { works } from './pair.ts';
import { type Part, provideFor } from './parts.ts';
import { PEERS, assertRules, installPeer } from './peers/peers.ts';
import { type Program, librariesOf, startProgram } from './protocol.ts';
import { renderMatrix } from './report.ts';

/** Tokens for each direction and algorithm with a program that stays running. */
const TOKENS = 16;

/** The names of `npm run interop -- NAME`; `libraries` stands for every language. */
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const isNamed = ({ name }: Part) => wanted.includes(name.toLowerCase());
const names = [...LANGUAGES, LATCHSET, NODE, ...PEERS].map(({ name }) => name.toLowerCase()).concat('libraries');
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no language or server ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}
const everyLibrary = wanted.length === 0 || wanted.includes('libraries');
const languages = LANGUAGES.filter((language) => everyLibrary || isNamed(language));
const others = [NODE, LATCHSET].filter((part) => everyLibrary || isNamed(part));
const peers = PEERS.filter((peer) => wanted.length === 0 || isNamed(peer));

const { failures, attempt } = provideFor([...languages, ...others, ...peers]);
mkdirSync(CACHE, { recursive: true });
const scratch = mkdtempSync(path.join(CACHE, 'run-'));
const programs: Program[] = [];
try {
  const started = [
    others.includes(NODE) ? NODE_LIBRARIES : [],
    ...(await Promise.all(languages.map((language) => attempt(language, () => startLanguage(language))))),
    others.includes(LATCHSET) ? await attempt(LATCHSET, async () => [latchsetJose(scratch)]) : [],
  ];
  const libraries = started.flatMap((those) => those ?? []);
  const keys = makeKeys();
  const rows = await Promise.all(libraries.map((library) => tryAndSay(library, keys)));
  failures.push(...rows.flatMap(findRegressions));
  const missing = everyLibrary ? findMissing(rows) : [];
  failures.push(...missing);
  if (everyLibrary && missing.length === 0) {
    writeFileSync(path.join(import.meta.dirname, '../../docs/interop.md'), renderMatrix(rows));
  }
  let held = 0;
  for (const peer of peers) {
    const holds = await attempt(peer, async () => {
      await installPeer(peer);
      assertRules(peer);
      return true;
    });
    if (holds === true) held++;
  }
  for (const failure of failures) console.error(`FAILED ${failure}`);
  const working = rows.flatMap((row) => row.cells).filter(({ expected, result }) => expected && works(result));
  console.log(`${working.length + held} passed, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
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
