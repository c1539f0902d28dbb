/** docs/administration.md: its commands as they stand, from top to bottom, against a running demonstration. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { logIn } from '../harness/client.ts';
import { startDemo, type Demo } from '../harness/demo.ts';
import { run } from '../../packages/sealgate/test/run-command.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/administration.md');
const URL_IN_DOCUMENT = 'https://id.acme.test';

interface Line {
  readonly command: string;
  /** `# ... what is printed`. */
  readonly says: string | undefined;
}

/** The lines of its blocks; those that end in a backslash go on in the next. */
function readLines(markdown: string): Line[] {
  const blocks = Array.from(markdown.matchAll(/```sh\n(?<text>.*?)```/gsu), ({ groups }) => groups?.['text'] ?? '');
  return blocks
    .flatMap((text) =>
      text
        .replaceAll(/\\\n\s*/gu, '')
        .trim()
        .split('\n'),
    )
    .map((line) => {
      const [, command = '', comment] = /^(.*?)(?:(?:^|\s+)# (.*))?$/u.exec(line) ?? [];
      return { command, says: comment?.startsWith('... ') === true ? comment.slice(4) : undefined };
    })
    .filter(({ command }) => command !== '' && !command.startsWith('alias '));
}

const lines = readLines(readFileSync(DOCUMENT, 'utf8'));
let demo: Demo;
let accessToken = '';

beforeAll(async () => {
  demo = await startDemo();
  const { access } = await logIn(demo.issuer);
  writeFileSync(path.join(demo.folder, 'leaked.txt'), access);
});
afterAll(async () => demo.close());

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run([...args, '--json', '-c', demo.file]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** What the document leaves for its reader to fill in. */
const BLANKS: Readonly<Record<string, () => Promise<unknown>>> = {
  KID: async () =>
    Object.values(await json('keys', 'list')).find((key) => (key as { state: string }).state === 'active'),
  'sec_4f1c...': async () => ((await json('client', 'show', 'orders-worker'))['secrets'] as object[])[0],
  'usr_...': () => json('user', 'show', 'ben@acme.test'),
};

async function filledIn(command: string): Promise<string> {
  let filled = command.replaceAll(URL_IN_DOCUMENT, demo.issuer);
  for (const [blank, find] of Object.entries(BLANKS)) {
    if (!filled.includes(blank)) continue;
    const found = (await find()) as { id?: string; kid?: string };
    filled = filled.replaceAll(blank, found.id ?? found.kid ?? '');
  }
  return filled;
}

async function sealgate(command: string): Promise<string> {
  const args = command.split(/\s+/u).slice(1);
  const at = args.indexOf('-c');
  if (at !== -1) args.splice(at, 2);
  const files = args.map((word) => (word.endsWith('.txt') ? path.join(demo.folder, word) : word));
  const world = { askSecret: async () => 'a long password for whoever it is' };
  const { exit, stdout, stderr } = await run([...files, '-c', demo.file], world);
  expect([exit, stderr], command).toEqual([0, expect.any(String)]);
  return stdout;
}

function shell(command: string): string {
  const env = { PATH: process.env['PATH'] ?? '', TOKEN: accessToken };
  return execFileSync('sh', ['-c', command], { cwd: demo.folder, encoding: 'utf8', env });
}

function overHttp(command: string): string {
  if (command.startsWith('TOKEN=')) {
    accessToken = shell(`${command}\nprintf %s "$TOKEN"`);
    return accessToken;
  }
  // The version that the reader was shown, in place of the one in the document.
  const [, resource = ''] = /-X PATCH (\S+)/u.exec(command) ?? [];
  const shown = resource === '' ? '' : shell(`curl -si ${resource} -H "authorization: Bearer $TOKEN"`);
  const [, etag = ''] = /^etag: (\S+)/imu.exec(shown) ?? [];
  const answer = shell(`${command.replace('"4JYkM..."', etag)} -w '\\n%{http_code}'`);
  expect(answer, command).toMatch(/\n20[01]$/u);
  return answer;
}

it('holds, line by line', async () => {
  expect(lines.length).toBeGreaterThan(20);
  for (const { command, says } of lines) {
    const filled = await filledIn(command);
    const output = filled.startsWith('sealgate ') ? await sealgate(filled) : overHttp(filled);
    if (says !== undefined) expect(output, command).toContain(says);
  }
}, 60_000);
