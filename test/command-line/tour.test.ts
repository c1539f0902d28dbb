/** docs/command-line.md: run as it stands, from top to bottom, and compared with what it shows. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LAUNCHER = path.join(ROOT, 'packages/sealgate/bin/sealgate.js');

interface Step {
  readonly command: string;
  /** `...` stands for anything: in a line, or as one for any lines. */
  readonly shown: string;
}

function readSteps(markdown: string): Step[] {
  return Array.from(markdown.matchAll(/```console\n(?<text>.*?)```/gsu), ({ groups }) => groups?.['text'] ?? '')
    .flatMap((text) => text.split(/^\$ /mu).slice(1))
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), shown: step.slice(end + 1) };
    });
}

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);

function pattern(shown: string): RegExp {
  const lines = shown
    .split(/(?<=\n)/u)
    .map((line) => (line === '...\n' ? String.raw`(?:.*\n)*` : line.split('...').map(escape).join('.*')));
  return new RegExp(`^${lines.join('')}$`, 'u');
}

const steps = readSteps(readFileSync(path.join(ROOT, 'docs/command-line.md'), 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-tour-'));
const program = path.join(folder, 'sealgate');
writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${LAUNCHER}' "$@"\n`);
chmodSync(program, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string): Promise<string> {
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder };
  return new Promise((resolve) => {
    execFile('sh', ['-c', `exec 2>&1\n${command}`], { cwd: folder, env }, (_error, output) => resolve(output));
  });
}

describe('the tour of the command line', () => {
  it('has steps', () => expect(steps.length).toBeGreaterThan(12));

  it.each(steps.map((step) => [step.command, step.shown]))('%s', async (command, shown) => {
    expect(await run(command)).toMatch(pattern(shown));
  });
});
