/** One refresh token has one spelling, and a scanner knows it by its checksum (DESIGN.md section 3). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRefreshToken, hashRefreshSecret, parseRefreshToken, successorKey } from './refresh-token.ts';

const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('the text of a refresh token', () => {
  it('is read back as the bytes it was made from', () => {
    fc.assert(
      fc.property(secret, (bytes) => {
        expect(parseRefreshToken(formatRefreshToken(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is stable: a known value', () => {
    expect(formatRefreshToken(new Uint8Array(32))).toBe(`sgr_${'A'.repeat(43)}${tail()}`);
  });

  it('is refused with any one character changed', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ';
    fc.assert(
      fc.property(secret, fc.nat(52), fc.constantFrom(...alphabet.split('')), (bytes, at, character) => {
        const text = formatRefreshToken(bytes);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        if (changed !== text) expect(parseRefreshToken(changed)).toBeUndefined();
      }),
    );
  });

  it.each(['', 'sgr_', 'sgr', `sgr_${'A'.repeat(48)}`, `sgr_${'A'.repeat(50)}`, `SGR_${'A'.repeat(49)}`])(
    'is not %j',
    (text) => {
      expect(parseRefreshToken(text)).toBeUndefined();
    },
  );
});

describe('what is derived from a refresh token', () => {
  it('says nothing of each other: hash and key differ, and differ from the bytes', () => {
    fc.assert(
      fc.property(secret, (bytes) => {
        const values = [bytes, hashRefreshSecret(bytes), successorKey(bytes)].map((value) =>
          Buffer.from(value).toString('hex'),
        );
        expect(new Set(values).size).toBe(3);
      }),
    );
  });
});

/** The checksum as RFC 1952 section 8 defines CRC-32, computed bit by bit. */
function tail(): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(`sgr_${'A'.repeat(43)}`)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return bytes.toString('base64url');
}
