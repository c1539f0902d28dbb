/**
 * Every command as a process: output, colour, exit code; no secret on the screen or in the list of processes. Those that start quickly also in all that
 * they can answer, and under a terminal; the others in this process, where the same code decides about colour and exit code.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildProgram, describeTree, flattenTree } from 'sealgate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, logIn, postForm } from '../harness/client.ts';
import { startDemo, type Demo } from '../harness/demo.ts';
import { run } from '../../packages/sealgate/test/run-command.ts';
import { CASES, ELSEWHERE, PROMPTED, type Case, type Place, type Prompted } from './cases.ts';
import { writeFiles, type Secrets } from './files.ts';
import { runProcess, type Ran, type Running } from './run-process.ts';

const ESCAPE = '\u001b[';
const ESCAPES = new RegExp(`${ESCAPE.replace('[', String.raw`\[`)}[0-9;]*m`, 'gu');

const quiet = { stdout: () => undefined, stderr: () => undefined, color: false };
const leaves = flattenTree(describeTree(buildProgram(quiet, () => Promise.resolve()))).filter(
  ({ commands }) => commands.length === 0,
);

/** One a command. */
const ANSWERS = CASES.filter((each, index) => CASES.findIndex(({ command }) => command === each.command) === index);

let demo: Demo;
let secrets: Secrets;
let place: Place;
beforeAll(async () => {
  demo = await startDemo();
  const { access } = await logIn(demo.issuer);
  secrets = await writeFiles(demo.folder, access);
  const { file: config, issuer, gateway } = demo;
  place = { config, issuer, gateway, spare: await makeSpare() };
  process.chdir(demo.folder);
}, 60_000);
afterAll(async () => {
  process.chdir(import.meta.dirname);
  await demo.close();
});

/** Enough for each case that takes one, on a pipe and under a terminal. */
async function makeSpare(): Promise<Place['spare']> {
  const pool = { name: [] as string[], user: [] as string[], client: [] as string[], session: [] as string[] };
  const password = path.join(demo.folder, 'password.txt');
  writeFileSync(path.join(demo.folder, 'admin.jwt'), await adminToken(), { mode: 0o600 });
  for (let number = 0; number < 16; number += 1) {
    pool.name.push(`fresh-${number}`);
    const user = `spare-${number}@acme.test`;
    const client = `spare-${number}`;
    const made = [
      await run(['user', 'create', user, '--password', password, '-c', demo.file]),
      await run(['client', 'create', client, '--confidential', '--grant', 'client_credentials', '-c', demo.file]),
    ];
    expect(made.map(({ exit }) => exit)).toEqual([0, 0]);
    pool.user.push(user);
    pool.client.push(client);
    if (number < 4) pool.session.push((await logIn(demo.issuer)).session);
  }
  const take = (kind: keyof typeof pool) => () => {
    const taken = pool[kind].pop();
    if (taken === undefined) throw new Error(`no ${kind} is left: make more`);
    return taken;
  };
  return { name: take('name'), user: take('user'), client: take('client'), session: take('session') };
}

/** Of a program that may administrate: the command makes its client. */
async function adminToken(): Promise<string> {
  const out = path.join(demo.folder, 'secret.txt');
  const members = [
    '--grant',
    'client_credentials',
    '--scope',
    'sealgate:admin',
    '--audience',
    `${demo.issuer}/admin/v1`,
  ];
  await run(['client', 'create', 'administrator', '--confidential', ...members, '--out', out, '-c', demo.file]);
  const client = { id: 'administrator', secret: readFileSync(out, 'utf8').trim() };
  const { json } = await postForm(`${demo.issuer}/oauth/token`, { grant_type: 'client_credentials' }, basic(client));
  return String(json?.['access_token']);
}

type Manner = Pick<Running, 'terminal' | 'variables' | 'answer'>;

const runCase = ({ command, args }: Pick<Case, 'command' | 'args'>, manner: Manner): Promise<Ran> => {
  return runProcess({ args: [...command.split(' '), ...args(place)], cwd: demo.folder, ...manner });
};

function expectNoSecret({ stdout, stderr, processes }: Ran): void {
  for (const hidden of secrets.hidden) {
    expect(stdout + stderr).not.toContain(hidden);
    expect(processes).not.toContain(hidden);
  }
}

function expectAsSaid(given: Case, ran: Ran): void {
  expect(given.exit === 2 ? ran.stderr : ran.stdout + ran.stderr).toMatch(given.says);
  expect(ran.stdout + ran.stderr).not.toContain(ESCAPE);
  if (given.exit === 2) expect(ran.stdout).toBe('');
  expectNoSecret(ran);
  expect(ran.exit).toBe(given.exit);
}

/** Commands that start in a tenth of the time of the others: they load neither issuer nor gateway. */
const isLight = ({ command }: Case): boolean =>
  /^(?:token |keys (?!list|rotate)|completion|crack|attack)/u.test(command);

const named = <T extends Case | Prompted>(cases: readonly T[]) =>
  cases.map((each) => [`${each.command} (${each.exit}, ${each.says.source})`, each] as const);

describe('the table', () => {
  it('has every command, with an answer', () => {
    const known = new Set([...ANSWERS.map(({ command }) => command), ...Object.keys(ELSEWHERE)]);
    expect(ANSWERS.map(({ exit }) => exit)).toEqual(ANSWERS.map(() => 0));
    expect(leaves.map(({ path: words }) => words.join(' ')).filter((name) => !known.has(name))).toEqual([]);
    for (const file of Object.values(ELSEWHERE))
      expect(existsSync(path.join(import.meta.dirname, '../..', file))).toBe(true);
  });

  it('asks for every secret', () => {
    const taking = leaves.filter(({ options }) =>
      options.some(({ names }) => names.includes('--secret') || names.includes('--password')),
    );
    expect(PROMPTED.map(({ command }) => command).toSorted()).toEqual(
      taking.map(({ path: words }) => words.join(' ')).toSorted(),
    );
  });
});

/** The same command in this process, as `cli.ts` runs it for any: for what neither the pipe nor the terminal has a part in. */
async function runHere({ command, args }: Case, color: boolean): Promise<Ran> {
  const nowSeconds = (): number => Date.now() / 1000;
  return { ...(await run([...command.split(' '), ...args(place)], { color, nowSeconds })), processes: '' };
}

const OTHERS = CASES.filter((each) => !ANSWERS.includes(each));

describe.concurrent('on a pipe', () => {
  it.each(named(ANSWERS))('%s', async (_name, given) => {
    expectAsSaid(given, await runCase(given, { terminal: false }));
  });

  // How a process fails is the same for every command: those that load no server show it.
  it.each(named(OTHERS))('%s', async (_name, given) => {
    expectAsSaid(given, await (isLight(given) ? runCase(given, { terminal: false }) : runHere(given, false)));
  });
});

describe.concurrent('under a terminal', () => {
  it.each(named(ANSWERS))('%s', async (_name, given) => {
    const ran = await (isLight(given) ? runCase(given, { terminal: true }) : runHere(given, true));
    expect(ran.stdout.replaceAll(ESCAPES, '').replaceAll(/\r[^\n]*\r/gu, '')).toMatch(given.says);
    expect(ran.stdout.includes(ESCAPE)).toBe(given.isColored === true);
    expectNoSecret(ran);
    expect(ran.exit).toBe(given.exit);
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['NO_COLOR', { NO_COLOR: '1' }, []],
    ['a terminal that can do nothing', { TERM: 'dumb' }, []],
    ['--no-color', {}, ['--no-color']],
  ])('has no colour with %s', async (_name, variables, options) => {
    const decode = { command: 'token decode', args: () => ['access.jwt', ...options] };
    const { stdout, exit } = await runCase(decode, { terminal: true, variables });
    expect(stdout).toContain('Not verified');
    expect(stdout).not.toContain(ESCAPE);
    expect(exit).toBe(0);
  });
});

describe.concurrent('a secret that is asked for', () => {
  it.each(named(PROMPTED))('is not shown by %s', async (_name, given) => {
    const ran = await runCase(given, {
      terminal: true,
      answer: { question: given.question ?? 'secret: ', typed: secrets.shared },
    });
    expect(ran.stdout.replaceAll(ESCAPES, '')).toMatch(given.says);
    expectNoSecret(ran);
    expect(ran.exit).toBe(given.exit);
  });

  it('is refused where there is no terminal', async () => {
    const ran = await runProcess({
      args: ['keys', 'inspect', '--secret', 'prompt'],
      cwd: demo.folder,
      terminal: false,
      detached: true,
    });
    expect(ran.stderr).toContain('there is no terminal to ask at');
    expect(ran.exit).toBe(2);
  });
});
