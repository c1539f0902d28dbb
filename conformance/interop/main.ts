/**
 * `npm run interop [-- name...]`: does `@sealgate/jwt` agree with the JWT libraries of other languages, and the gateway with servers that no Debian
 * package has (`peers/`)? Installs what is missing, tries every pair, writes `docs/interop.md`, runs the rules of each server, and fails when a pair or
 * a rule no longer works. With languages or servers named, only those are tried and nothing is written.
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
import { PEERS, installPeer, keepsRules } from './peers/peers.ts';
import { type Program, librariesOf, startProgram } from './protocol.ts';
import { renderMatrix } from './report.ts';

/** Tokens for each direction and algorithm with a program that stays running. */
const TOKENS = 16;

/** The names of `npm run interop -- NAME`: a language, or `node`, or `c`, or a server. */
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = (name: string) => wanted.length === 0 || wanted.includes(name.toLowerCase());
const names = [...LANGUAGES, ...PEERS].map(({ name }) => name.toLowerCase()).concat('node', 'c');
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no language or server ${unknown.join(', ')}; there are ${names.join(', ')}`);
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
  const peers = PEERS.filter(({ name }) => chosen(name));
  for (const peer of peers) {
    await installPeer(peer);
    if (!keepsRules(peer)) regressions.push(`${peer.name}: a rule of ${peer.rules} does not hold`);
  }
  for (const regression of regressions) console.error(`FAILED ${regression}`);
  const working = rows.flatMap((row) => row.cells).filter(({ expected, result }) => expected && works(result));
  const held = peers.filter(({ name }) => !regressions.some((regression) => regression.startsWith(`${name}: `)));
  console.log(`${working.length + held.length} passed, ${regressions.length} failed`);
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
