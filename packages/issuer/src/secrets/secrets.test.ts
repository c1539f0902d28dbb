/** The master key's file, and what is sealed under keys derived from it. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig, secret, Secret } from '@sealgate/service';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime.ts';
import { MasterKey, openMasterKey } from './master-key.ts';
import { open, seal } from './seal.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sealgate-key-'));
  file = path.join(folder, 'new', 'master.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openFile = () => openMasterKey(parseConfig(`file:${file}`, secret({ mayBeCreated: true })), systemRuntime);

describe('the master key file', () => {
  it('is made on first use, for its owner only, and is the same afterwards', () => {
    const first = openFile();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]{43}\n$/u);
    expect(openFile().derive('x')).toEqual(first.derive('x'));
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %o', (mode) => {
    openFile();
    chmodSync(file, mode);
    expect(openFile).toThrow(expect.objectContaining({ code: 'master_key_exposed' }));
  });

  it.each(['abc', 'A'.repeat(44), `${'A'.repeat(42)}B`, 'A'.repeat(42), `${'A'.repeat(42)}=`])(
    'is refused if it holds %j',
    (text) => {
      openFile();
      writeFileSync(file, text);
      expect(openFile).toThrow(expect.objectContaining({ code: 'master_key_malformed' }));
    },
  );

  it('may be a value instead, as an environment variable gives it', () => {
    const text = Buffer.alloc(32, 7).toString('base64url');
    expect(openMasterKey(Secret.of(text), systemRuntime).derive('x')).toEqual(
      new MasterKey(Buffer.alloc(32, 7)).derive('x'),
    );
  });
});

describe('the master key', () => {
  it('gives unrelated keys for different purposes, and prints none of itself', () => {
    const key = new MasterKey(Buffer.alloc(32, 7));
    expect(key.derive('a')).not.toEqual(key.derive('b'));
    expect(JSON.stringify({ key })).toBe('{"key":"[redacted]"}');
  });
});

describe('sealing (NIST SP 800-38D)', () => {
  const key = Buffer.alloc(32, 1);

  it('opens to what was sealed, in the same context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (plain, context) => {
        expect(open(seal(plain, key, context, systemRuntime), key, context)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it('never seals the same twice alike', () => {
    const plain = Buffer.from('plain');
    expect(seal(plain, key, 'a', systemRuntime)).not.toEqual(seal(plain, key, 'a', systemRuntime));
  });

  it('does not open with another key, in another context, or with any bit changed', () => {
    const sealed = seal(Buffer.from('plain'), key, 'row 1', systemRuntime);
    const rejected = expect.objectContaining({ code: 'sealed_data_rejected' });
    expect(() => open(sealed, Buffer.alloc(32, 2), 'row 1')).toThrow(rejected);
    expect(() => open(sealed, key, 'row 2')).toThrow(rejected);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(changed, key, 'row 1')).toThrow(rejected);
    }
  });

  it.each([0, 5, 12, 27])('does not open what is %i bytes long', (length) => {
    expect(() => open(new Uint8Array(length), key, '')).toThrow(
      expect.objectContaining({ code: 'sealed_data_rejected' }),
    );
  });
});
