import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseConfig } from './load.ts';
import { Secret, secret } from './secret.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-secret-'));
afterAll(() => rmSync(folder, { recursive: true }));

const schema = z.strictObject({ key: secret() });
const load = (reference: string, environment: Record<string, string> = {}) =>
  parseConfig({ key: reference }, schema, { folder, environment }).key;

describe('secrets by reference', () => {
  it('reads a file beside the configuration, without the line break at its end', () => {
    writeFileSync(path.join(folder, 'key'), 'canary value \n');
    const key = load('file:key');
    expect(key.reveal()).toBe('canary value ');
    expect(key.source).toEqual({ kind: 'file', path: path.join(folder, 'key') });
  });

  it('reads an environment variable', () => {
    const key = load('env:KEY', { KEY: 'canary' });
    expect(key.reveal()).toBe('canary');
    expect(key.source).toEqual({ kind: 'env', name: 'KEY' });
  });

  it.each([
    ['a literal', 'canary', 'a secret never stands in the file itself'],
    ['an empty name', 'env:', 'a secret never stands'],
    ['a name that is none', 'env:A-B', 'name of an environment variable'],
    ['a variable that is not set', 'env:NOT_SET', 'NOT_SET is not set'],
    ['a file that is not there', 'file:absent', 'does not exist'],
    ['a folder', 'file:.', 'cannot be read (EISDIR)'],
  ])('refuses %s', (_name, reference, message) => {
    expect(() => load(reference)).toThrow(message);
  });

  it.each([
    ['empty', ''],
    ['not UTF-8', Buffer.from([0xff, 0xfe])],
    ['too large', 'x'.repeat(64 * 1024 + 1)],
  ])('refuses a file that is %s', (name, content) => {
    writeFileSync(path.join(folder, 'bad'), content);
    expect(() => load('file:bad')).toThrow(name === 'too large' ? 'larger than 64kb' : name);
  });

  it('does not repeat a literal secret in its error', () => {
    expect(() => load('canary-in-the-wrong-place')).toThrow(/^(?!.*canary)/su);
  });

  it('leaves a missing file to the part that creates it', () => {
    const created = z.strictObject({ key: secret({ mayBeCreated: true }) });
    const { key } = parseConfig({ key: 'file:data/new.key' }, created, { folder });
    expect(key.present).toBe(false);
    expect(key.source).toEqual({ kind: 'file', path: path.join(folder, 'data/new.key') });
    expect(() => key.reveal()).toThrow(TypeError);
  });
});

describe('a Secret', () => {
  const key = Secret.of('canary');

  it('shows itself to nobody by accident', () => {
    const seen = [
      String(key),
      key[Symbol.toPrimitive](),
      JSON.stringify({ key }),
      inspect({ key }, { depth: 9, showHidden: true }),
      JSON.stringify(structuredClone(key)),
    ];
    for (const text of seen) expect(text).not.toContain('canary');
    expect(seen[0]).toBe('[redacted]');
  });

  it('reveals itself when asked to', () => {
    expect(key.reveal()).toBe('canary');
    expect(key.present).toBe(true);
  });
});
