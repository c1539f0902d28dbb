import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxyHeader } from './proxy-protocol.ts';

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

function header(command: number, family: number, payload: readonly number[]): Buffer {
  return Buffer.from([...SIGNATURE, command, family, payload.length >> 8, payload.length & 0xff, ...payload]);
}

const V4 = [192, 0, 2, 7, 127, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb];
const V6 = [0x20, 0x01, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), 1, ...V4, ...V4, ...V4].slice(0, 36);
const TLV = [0x04, 0x00, 0x02, 0xaa, 0xbb];

describe('PROXY protocol version 2', () => {
  it.each<[string, Buffer, string | undefined]>([
    ['TCP over IPv4', header(0x21, 0x11, V4), '192.0.2.7'],
    ['TCP over IPv6', header(0x21, 0x21, V6), '2001:db8::1'],
    ['with an extension', header(0x21, 0x11, [...V4, ...TLV]), '192.0.2.7'],
    ['of the balancer itself', header(0x20, 0x00, []), undefined],
    ['of the balancer itself, with what is to be ignored', header(0x20, 0x11, V4), undefined],
    ['for a family that it does not say', header(0x21, 0x00, TLV), undefined],
  ])('a header %s', (_what, octets, source) => {
    expect(parseProxyHeader(Buffer.concat([octets, Buffer.from('GET /')]))).toEqual({ source, length: octets.length });
  });

  it.each<[string, Buffer]>([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n')],
    ['no header', Buffer.from('GET / HTTP/1.1\r\n')],
    ['another version', header(0x31, 0x11, V4)],
    ['another command', header(0x22, 0x11, V4)],
    ['UDP', header(0x21, 0x12, V4)],
    [
      'a Unix socket',
      header(
        0x21,
        0x31,
        Array.from({ length: 216 }, () => 0),
      ),
    ],
    ['too few octets for its addresses', header(0x21, 0x11, V4.slice(1))],
    ['an extension that is cut off', header(0x21, 0x11, [...V4, ...TLV.slice(0, 4)])],
    ['half an extension head', header(0x21, 0x11, [...V4, 4, 0])],
    [
      'more than anybody sends',
      header(
        0x21,
        0x11,
        Array.from({ length: 2049 }, () => 0),
      ),
    ],
  ])('refuses %s', (_what, octets) => {
    expect(parseProxyHeader(octets)).toBe('malformed');
  });

  it('says the same however the octets arrive', () => {
    const whole = fc.constantFrom(header(0x21, 0x11, [...V4, ...TLV]), header(0x21, 0x21, V6), header(0x20, 0, []));
    fc.assert(
      fc.property(whole, fc.nat(80), fc.uint8Array({ maxLength: 20 }), (octets, cut, after) => {
        const part = octets.subarray(0, cut);
        if (cut < octets.length) expect(parseProxyHeader(part)).toBe('incomplete');
        expect(parseProxyHeader(Buffer.concat([octets, after]))).toMatchObject({ length: octets.length });
      }),
    );
  });

  it('never throws, never takes more than there is, never names what is no address', () => {
    const start = fc.uint8Array({ maxLength: 80 }).map((rest) => Buffer.from([...SIGNATURE, ...rest]));
    const bent = fc
      .tuple(fc.constant(header(0x21, 0x11, [...V4, ...TLV])), fc.nat(40), fc.nat(255))
      .map(([octets, at, value]) => {
        const copy = Buffer.from(octets);
        copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          start,
          bent,
          fc.uint8Array().map((octets) => Buffer.from(octets)),
        ),
        (octets) => {
          const found = parseProxyHeader(octets);
          if (typeof found === 'string') return;
          expect(found.length).toBeLessThanOrEqual(octets.length);
          if (found.source !== undefined) expect(found.source).toMatch(/^[0-9.]+$|^[0-9a-f:]+$/u);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
