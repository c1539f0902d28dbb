import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod';
import { ConfigError } from './config-error.ts';
import { duration } from './duration.ts';
import { filePath } from './file-path.ts';
import { loadConfigFile, parseConfig, parseConfigText } from './load.ts';
import { httpUrl } from './urls.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schema = z.strictObject({
  version: z.literal(1),
  gateway: z.strictObject({
    timeout: duration({ max: '1h' }).prefault('5s'),
    workers: z.union([z.literal('auto'), z.int().min(1).max(64)]).default(1),
    issuers: z.record(
      z.string().regex(/^[a-z]+$/u),
      z.strictObject({ url: httpUrl(), onStale: z.enum(['deny', 'introspect', 'allow']).default('deny') }),
    ),
    routes: z
      .array(z.strictObject({ path: z.string(), methods: z.array(z.string()).optional() }))
      .min(1)
      .optional(),
  }),
  data: filePath().optional(),
});

function issuesOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const faults = (text: string) => issuesOf(() => parseConfigText(text, schema, { file: 'x.yaml' }));

describe('a configuration file', () => {
  it('gives the typed values, defaults filled in, paths from its own folder', () => {
    const file = path.join(folder, 'good.yaml');
    writeFileSync(
      file,
      'version: 1\ndata: state/db\ngateway:\n  issuers: { main: { url: "http://127.0.0.1:4000" } }\n',
    );
    expect(loadConfigFile(file, schema)).toEqual({
      version: 1,
      data: path.join(folder, 'state/db'),
      gateway: { timeout: 5000, workers: 1, issuers: { main: { url: 'http://127.0.0.1:4000', onStale: 'deny' } } },
    });
  });

  it('is frozen all the way down', () => {
    const config = parseConfigText(
      'version: 1\ngateway: { issuers: {}, routes: [{ path: /a, methods: [GET] }] }',
      schema,
    );
    expect(() => config.gateway.routes?.[0]?.methods?.push('PUT')).toThrow(TypeError);
    expect(() => Object.assign(config.gateway.issuers, { main: {} })).toThrow(TypeError);
  });

  it.each([
    ['absent', path.join(folder, 'absent.yaml'), 'file_unreadable', 'there is no such file; name one with -c FILE'],
    ['a folder', folder, 'file_unreadable', 'this is a folder; name a file with -c FILE'],
  ])('that is %s', (_name, file, code, message) => {
    const error = catchConfigError(() => loadConfigFile(file, schema));
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${file}: ${message}`);
  });

  it('of more than the size limit is not parsed', () => {
    const file = path.join(folder, 'large.yaml');
    writeFileSync(file, `#${'x'.repeat(1024)}`);
    expect(catchConfigError(() => loadConfigFile(file, schema, { maxBytes: 1024 })).code).toBe('file_too_large');
  });

  it('must be UTF-8', () => {
    const file = path.join(folder, 'latin1.yaml');
    writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    expect(catchConfigError(() => loadConfigFile(file, schema)).message).toContain('not UTF-8');
  });

  it('reports every fault at once, in the order of its lines', () => {
    expect(
      faults(
        'version: 2\ngateway:\n  timout: 5s\n  issuers: { main: { url: ftp://x, onStale: dney } }\n  workers: 0.5\n',
      ),
    ).toEqual([
      'x.yaml:1:10: /version: expected 1, got a whole number',
      'x.yaml:3:3: /gateway/timout: unknown key "timout"; did you mean "timeout"?',
      'x.yaml:4:27: /gateway/issuers/main/url: expected an "http://" or "https://" URL without user info, query or fragment',
      'x.yaml:4:45: /gateway/issuers/main/onStale: expected one of "deny", "introspect", "allow"; did you mean "deny"?',
      'x.yaml:5:12: /gateway/workers: expected "auto" or a whole number, got a number with a fraction',
    ]);
  });

  it.each([
    [
      'a missing key',
      'version: 1\ngateway: {}',
      '2:10: /gateway/issuers: the key "issuers" is missing; it takes a mapping',
    ],
    ['an empty value', 'version: 1\ngateway:', '2:9: /gateway: expected a mapping, got nothing'],
    [
      'a bare number',
      'version: 1\ngateway: { issuers: {}, timeout: 5 }',
      'expected a duration, got a whole number; add the unit, as in "10s"',
    ],
    [
      'a name that may not be',
      'version: 1\ngateway: { issuers: { A: {} } }',
      'this name may not be used: it must match ^[a-z]+$',
    ],
    [
      'a key far from any',
      'version: 1\ngateway: { issuers: {}, zzz: 1 }',
      'the keys here are timeout, workers, issuers, routes',
    ],
    [
      'a list too short',
      'version: 1\ngateway: { issuers: {}, routes: [] }',
      '/gateway/routes: must have at least 1 entry',
    ],
    [
      'a list of the wrong things',
      'version: 1\ngateway: { issuers: {}, routes: [a] }',
      '/gateway/routes/0: expected a mapping, got a text',
    ],
    ['a list for a mapping', '[]', '1:1: expected a mapping, got a list'],
  ])('names %s', (_name, text, message) => {
    expect(faults(text).join('\n')).toContain(message);
  });

  it('never repeats a value, which may be a secret in the wrong place', () => {
    const text =
      'version: canary\ngateway: { timeout: canary, workers: canary, issuers: { main: { url: canary, onStale: canary } } }';
    expect(faults(text)).toHaveLength(5);
    expect(faults(text).join('\n')).not.toContain('canary');
  });
});

describe('YAML that could mean something other than it seems to (ATTACKS.md G13)', () => {
  it.each([
    ['duplicate keys', 'version: 1\nversion: 1', '2:1: this key stands twice'],
    ['duplicate keys far down', 'version: 1\ngateway: { issuers: { a: { url: x, url: y } } }', 'this key stands twice'],
    ['anchors and aliases', 'a: &x [1]\nb: [*x, *x]', 'anchors ("&...") are not accepted'],
    ['merge keys', '<<: { version: 1 }', 'merge keys ("<<") are not accepted'],
    ['tags', 'version: !!int "1"', 'tags ("!...") are not accepted'],
    ['own tags', 'version: !include other.yaml', 'tags ("!...") are not accepted'],
    ['directives', '%YAML 1.1\n---\nversion: 1', 'directives ("%...") are not accepted'],
    ['a second document', 'version: 1\n---\nversion: 1', 'a configuration is one document'],
    ['keys that are lists', '? [a]\n: 1', 'all keys must be strings'],
    ['__proto__', '__proto__: { version: 1 }', 'this key is not accepted'],
    ['tabs', 'version: 1\ngateway:\n\ttimeout: 5s', 'tabs'],
    ['nothing', '', 'the file is empty'],
    ['comments alone', '# version: 1', 'the file is empty'],
    ['nesting', '['.repeat(100_000), 'nested too deeply'],
  ])('%s', (_name, text, message) => {
    expect(faults(text).join('\n')).toContain(message);
    expect(faults(text).length).toBeLessThan(5);
  });

  it('is refused as a whole: nothing of a bad file is used', () => {
    expect(() => parseConfigText('version: 1\nextra: 1', schema)).toThrow(ConfigError);
  });

  it('is never anything but a value or a ConfigError, whatever the text', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.json(),
      fc.stringMatching(/^[a-c:[\]{}&*!%<>|,'"\n -]{1,60}$/u),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(() => issuesOf(() => parseConfigText(text, z.unknown()))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what a YAML writer writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
        (value) => {
          fc.pre(Object.keys(value).length > 0 && !('<<' in value) && !Object.hasOwn(value, '__proto__'));
          expect(parseConfigText(stringify(value), z.unknown())).toEqual({ ...value });
        },
      ),
    );
  });
});

describe('the same from an object', () => {
  it('takes the terms of the file, and has no positions', () => {
    expect(parseConfig({ version: 1, gateway: { issuers: {}, timeout: '1s' } }, schema).gateway.timeout).toBe(1000);
    expect(issuesOf(() => parseConfig({ version: 1, gatewy: {} }, schema))).toEqual([
      'configuration: /gateway: the key "gateway" is missing; it takes a mapping',
      'configuration: /gatewy: unknown key "gatewy"; did you mean "gateway"?',
    ]);
  });
});

function catchConfigError(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
