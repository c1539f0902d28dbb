import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

describe('CRC-32C', () => {
  it.each<[string, Uint8Array, number]>([
    ['nothing', new Uint8Array(0), 0],
    ['the check value of the Castagnoli polynomial', Buffer.from('123456789'), 0xe3069283],
    ['32 zero bytes (RFC 3720 appendix B.4)', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones (RFC 3720 appendix B.4)', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes counting up (RFC 3720 appendix B.4)', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ])('%s', (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
