/** What becomes of a run of `npm run interop` on a machine that lacks something; the machine is only pretended. */
import { expect, it } from 'vitest';
import type { Machine } from '../../scripts/provision.ts';
import { type Part, provideFor } from './parts.ts';

const GO: Part = { name: 'Go', programs: ['go'] };
const JAVA: Part = { name: 'Java', programs: ['javac', 'mvn'] };
const PYTHON: Part = { name: 'Python', programs: ['python3'] };

const machine = (present: readonly string[], failure?: string): Machine & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    has: (program) => present.includes(program),
    mayInstall: () => failure !== undefined,
    install: (packages) => {
      asked.push(...packages);
      return failure;
    },
  };
};

it('a part that lacks a program is not begun, says which and how to get it; the others are tried', async () => {
  const { attempt, failures } = provideFor([GO, JAVA, PYTHON], machine(['python3']));
  const begun: string[] = [];
  const results = [GO, JAVA, PYTHON].map((part) => attempt(part, async () => begun.push(part.name)));
  expect(await Promise.all(results)).toEqual([undefined, undefined, 1]);
  expect(begun).toEqual(['Python']);
  expect(failures).toEqual([
    'Go: missing on this machine: go (install Go 1.25 or later)',
    'Java: missing on this machine: javac (apt-get install openjdk-17-jdk-headless), mvn (apt-get install maven)',
  ]);
});

it('a step that fails, as without its registry, is told as it was', async () => {
  const { attempt, failures } = provideFor([PYTHON], machine(['python3']));
  const told = 'Python: "venv/bin/pip install" ended with 1:\nno matching distribution';
  expect(await attempt(PYTHON, () => Promise.reject(new Error(told)))).toBeUndefined();
  expect(failures).toEqual([told]);
});

it('only what the parts need is installed, and why that failed is told', () => {
  const pretended = machine([], 'apt-get update failed: no network');
  expect(provideFor([JAVA], pretended).failures).toEqual(['apt-get update failed: no network']);
  expect(pretended.asked).toEqual(['maven', 'openjdk-17-jdk-headless']);
});
