import { generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derToConcatenated } from './der-signature.ts';

const CURVES = [
  { namedCurve: 'P-256', bytes: 64 },
  { namedCurve: 'P-384', bytes: 96 },
  { namedCurve: 'P-521', bytes: 132 },
] as const;

describe('ECDSA signatures from DER (RFC 3279 section 2.2.3) to JOSE (RFC 7518 section 3.4)', () => {
  it.each(CURVES)('$namedCurve: what OpenSSL signs in one form it verifies in the other', ({ namedCurve, bytes }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    // Often enough to meet numbers with a sign bit, without, and short ones.
    for (let index = 0; index < 300; index += 1) {
      const message = Buffer.from(`message ${index}`);
      const converted = derToConcatenated(sign('sha256', message, privateKey), bytes);
      expect(converted).toHaveLength(bytes);
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, converted)).toBe(true);
    }
  });

  const integer = (value: bigint): number[] => {
    const hex = value.toString(16);
    const bytes = [...Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')];
    const content = (bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes;
    return [0x02, content.length, ...content];
  };
  const sequence = (body: number[]): Uint8Array =>
    Uint8Array.from(body.length < 0x80 ? [0x30, body.length, ...body] : [0x30, 0x81, body.length, ...body]);

  it('keeps every pair of numbers that fits', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 528n - 1n });
    fc.assert(
      fc.property(number, number, (r, s) => {
        const result = Buffer.from(derToConcatenated(sequence([...integer(r), ...integer(s)]), 132)).toString('hex');
        expect(BigInt(`0x${result.slice(0, 132)}`)).toBe(r);
        expect(BigInt(`0x${result.slice(132)}`)).toBe(s);
      }),
    );
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['no sequence', [0x31, 0x06, 0x02, 1, 1, 0x02, 1, 1]],
    ['a byte after the end', [0x30, 0x06, 0x02, 1, 1, 0x02, 1, 1, 0]],
    ['a byte after s', [0x30, 0x07, 0x02, 1, 1, 0x02, 1, 1, 0]],
    ['a sequence longer than what is there', [0x30, 0x07, 0x02, 1, 1, 0x02, 1, 1]],
    ['one number', [0x30, 0x03, 0x02, 1, 1]],
    ['a length in long form that fits the short one', [0x30, 0x81, 0x06, 0x02, 1, 1, 0x02, 1, 1]],
    ['an indefinite length', [0x30, 0x80, 0x02, 1, 1, 0x02, 1, 1, 0, 0]],
    ['a negative number', [0x30, 0x06, 0x02, 1, 0x81, 0x02, 1, 1]],
    ['a number with a zero byte too many', [0x30, 0x07, 0x02, 2, 0, 1, 0x02, 1, 1]],
    ['an empty number', [0x30, 0x05, 0x02, 0, 0x02, 1, 1]],
    ['a number longer than the curve’s', [0x30, 38, 0x02, 33, ...Array<number>(33).fill(1), 0x02, 1, 1]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => derToConcatenated(Uint8Array.from(bytes), 64)).toThrow(
      expect.objectContaining({ name: 'SignerError', code: 'answer_malformed' }),
    );
  });

  it('never does anything but convert or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), fc.constantFrom(64, 96, 132), (bytes, length) => {
        try {
          expect(derToConcatenated(bytes, length)).toHaveLength(length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'answer_malformed' });
        }
      }),
    );
  });
});
