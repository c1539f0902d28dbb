import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSet, ipv6Groups, parseAddressRange, plainAddress } from './address-set.ts';
import { addressGroup } from './client-address.ts';

describe('ranges (RFC 4632, RFC 4291 section 2.3)', () => {
  it.each(['10.0.0.0/8', '192.0.2.1', '0.0.0.0/0', '2001:db8::/32', '::/0', '::1', '::ffff:10.0.0.0/104'])(
    '%s is one',
    (text) => {
      expect(parseAddressRange(text)).toBeDefined();
    },
  );

  it.each([
    '',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    '010.0.0.0',
    '2001:db8::1/32',
    '::/129',
    'fe80::1%eth0',
    '::ffff:0.0.0.0/64',
    'localhost',
  ])('%s is none', (text) => {
    expect(parseAddressRange(text)).toBeUndefined();
  });
});

describe('AddressSet', () => {
  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '192.0.2.1', false],
    ['0.0.0.0/0', 'unix', false],
  ])('%s and %s: %s', (range, ip, has) => {
    expect(new AddressSet([range]).has(plainAddress(ip))).toBe(has);
  });

  it('knows an IPv4 address in every spelling as a mapped one (RFC 4291 section 2.5.5.2)', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const plain = `${a}.${b}.${c}.${d}`;
        const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
        const spellings = [
          `::ffff:${plain}`,
          `::FFFF:${high}:${low}`,
          `0:0:0:0:0:ffff:${high}:${low}`,
          `0000:0000:0000:0000:0000:ffff:${plain}`,
        ];
        for (const spelling of spellings) expect(plainAddress(spelling)).toBe(plain);
      }),
    );
  });
});

describe('the group that an address is counted in', () => {
  it.each([
    ['192.0.2.1', 64, '192.0.2.1'],
    ['2001:db8:1:2::1', 64, '2001:db8:1:2/64'],
    ['2001:db8:1:2:ffff::9', 64, '2001:db8:1:2/64'],
    ['2001:db8:1:2::1', 56, '2001:db8:1:0/56'],
    ['2001:db8:1:1ff::1', 56, '2001:db8:1:100/56'],
    ['2001:DB8::1', 48, '2001:db8:0/48'],
    ['::1', 128, '0:0:0:0:0:0:0:1/128'],
  ])('%s by /%i is %s', (ip, bits, group) => {
    expect(addressGroup(ip, bits)).toBe(group);
  });

  it('is one for all spellings', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const long = ipv6Groups(ip)
          .map((part) => part.toString(16).padStart(4, '0'))
          .join(':');
        expect(addressGroup(long)).toBe(addressGroup(ip));
      }),
    );
  });
});
