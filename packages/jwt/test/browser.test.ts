/** The modules for browsers use no Node API: neither by import, however far, nor by a global. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';

const source = path.resolve(import.meta.dirname, '../src');
const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+'([^']+)'/gu;

/** All modules that an entry point imports, types aside. */
function closure(entry: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(entry)) return seen;
  const code = stripTypeScriptTypes(readFileSync(entry, 'utf8'));
  seen.set(entry, code);
  for (const [statement, specifier = ''] of code.matchAll(IMPORT)) {
    if (/^\s*(?:import|export)\s+type\b/u.test(statement)) continue;
    expect([path.relative(source, entry), specifier]).toEqual([
      path.relative(source, entry),
      expect.stringMatching(/^\.\.?\//u),
    ]);
    closure(path.resolve(path.dirname(entry), specifier), seen);
  }
  return seen;
}

describe.each(['parse', 'claims', 'lint'])('@sealgate/jwt/%s', (name) => {
  const modules = closure(path.join(source, 'entry', `${name}.ts`));

  it('imports nothing but modules that import nothing of Node', () => {
    expect(modules.size).toBeGreaterThan(2);
  });

  it('names no global of Node', () => {
    for (const [file, code] of modules) {
      const names = code
        .replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gsu, '')
        .replaceAll(/'[^'\n]*'/gu, "''")
        .match(/\b(?:Buffer|process|require|global|setImmediate|__dirname)\b/gu);
      expect([path.basename(file), names]).toEqual([path.basename(file), null]);
    }
  });
});

it('passes a type check without the types of Node', { timeout: 60_000 }, () => {
  const tsc = path.resolve(import.meta.dirname, '../../../node_modules/.bin/tsc');
  expect(
    execFileSync(tsc, ['-p', path.resolve(import.meta.dirname, '../tsconfig.browser.json')], { encoding: 'utf8' }),
  ).toBe('');
});

it('runs where there is nothing but the language, TextEncoder and TextDecoder', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA';
  // The child takes the globals of Node away before it loads the modules.
  const program = `
    const write = process.stdout.write.bind(process.stdout);
    for (const name of ['Buffer', 'process', 'require', 'global', 'setImmediate', 'crypto', 'fetch']) Reflect.deleteProperty(globalThis, name);
    const { decodeUnverified } = await import(${JSON.stringify(path.join(source, 'entry/parse.ts'))});
    const { lintToken } = await import(${JSON.stringify(path.join(source, 'entry/lint.ts'))});
    write(JSON.stringify([typeof Buffer, decodeUnverified(${JSON.stringify(token)}).claims.sub, lintToken(${JSON.stringify(token)})[0].rule]));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual(['undefined', 'alice', 'life-unbounded']);
});
