import type { Command } from 'commander';
import { buildProgram } from 'sealgate';
import { describe, expect, it } from 'vitest';
import { run } from './run-command.ts';

const quiet = { stdout: () => undefined, stderr: () => undefined, color: false };
const program = buildProgram(quiet, () => Promise.resolve());

const pathsOf = (command: Command, before: readonly string[] = []): string[][] =>
  command.commands.flatMap((each) => [[...before, each.name()], ...pathsOf(each, [...before, each.name()])]);
const all = pathsOf(program);
const groups = all.filter((path) => all.some((other) => other.length > path.length && other[0] === path[0]));
const leaves = all.filter((path) => !groups.includes(path));

describe('help', () => {
  it.each([[], ...leaves].map((path) => [path]))('of %j has examples and exit code 0', async (path) => {
    const { exit, stdout, stderr } = await run([...path, '--help']);
    expect(stdout).toContain('Examples:');
    expect(stderr).toBe('');
    expect(exit).toBe(0);
  });

  it.each([[[]], ...groups.map((path) => [path])])(
    'is shown to whoever calls %j alone, with exit code 2',
    async (path) => {
      const { exit, stdout, stderr } = await run(path);
      expect(stderr).toContain('Usage:');
      expect(stdout).toBe('');
      expect(exit).toBe(2);
    },
  );

  it.each(leaves.map((path) => [path]))('is pointed at by %j with an option that there is not', async (path) => {
    const { exit, stdout, stderr } = await run([...path, '--no-such-option']);
    expect(stderr).toMatch(/^sealgate: .*--no-such-option.*see --help\n$/u);
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it.each(leaves.map((path) => [path]))('of %j offers --json, or says why not', async (path) => {
    const { stdout } = await run([...path, '--help']);
    expect(stdout.replaceAll(/\s+/gu, ' ')).toMatch(/ --json the answer as JSON|No --json: \w/u);
  });

  it('says its version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });
});
