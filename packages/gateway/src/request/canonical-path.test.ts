import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTarget } from './canonical-path.ts';

describe('canonicalTarget refuses what two readers could take differently (ATTACKS.md G1)', () => {
  it.each([
    ['', 'not_origin_form'],
    ['*', 'not_origin_form'],
    ['http://other.test/orders', 'not_origin_form'],
    ['orders', 'not_origin_form'],
    ['//admin', 'empty_segment'],
    ['/public//admin', 'empty_segment'],
    ['/%41//b', 'empty_segment'],
    ['/public/../admin', 'dot_segment'],
    ['/public/./admin', 'dot_segment'],
    ['/..', 'dot_segment'],
    ['/public/..?x=1', 'dot_segment'],
    ['/public/%2e%2e/admin', 'dot_segment'],
    ['/public/.%2E/admin', 'dot_segment'],
    ['/public/%2e', 'dot_segment'],
    ['/public\\admin', 'forbidden_character'],
    ['/a;x=1', 'forbidden_character'],
    ['/public/..;/admin', 'forbidden_character'],
    ['/a#b', 'forbidden_character'],
    ['/a b', 'forbidden_character'],
    ['/a\u0000', 'forbidden_character'],
    ['/a\u00e9', 'forbidden_character'],
    ['/%41<', 'forbidden_character'],
    ['/a%2fb', 'forbidden_escape'],
    ['/a%5Cb', 'forbidden_escape'],
    ['/a%00', 'forbidden_escape'],
    ['/a%0d%0aX', 'forbidden_escape'],
    ['/a%3fb', 'forbidden_escape'],
    ['/a%23b', 'forbidden_escape'],
    ['/a%3bb', 'forbidden_escape'],
    ['/a%252fb', 'forbidden_escape'],
    ['/a%', 'malformed_escape'],
    ['/a%4', 'malformed_escape'],
    ['/a%zz', 'malformed_escape'],
    ['/a%u002f', 'malformed_escape'],
    ['/a%c0%af', 'invalid_utf8'],
    ['/a%ff', 'invalid_utf8'],
    ['/a%e2%82/b', 'invalid_utf8'],
    ['/a?x=#', 'forbidden_query_character'],
    ['/a?x=\u0001', 'forbidden_query_character'],
    ['/%41?x=\u00e9', 'forbidden_query_character'],
  ])('%j: %s', (target, fault) => {
    expect(canonicalTarget(target)).toEqual({ ok: false, fault });
  });
});

describe('canonicalTarget brings equal spellings to one (RFC 3986 section 6.2.2)', () => {
  it.each([
    ['/', '/', '/'],
    ['/?', '/', '/?'],
    ['/orders/1', '/orders/1', '/orders/1'],
    ['/orders/', '/orders/', '/orders/'],
    ['/orders/%31?a=%2f', '/orders/1', '/orders/1?a=%2f'],
    ['/%7Ebob/%40me', '/~bob/@me', '/~bob/@me'],
    ['/caf%c3%a9', '/caf%C3%A9', '/caf%C3%A9'],
    ['/a%20b', '/a%20b', '/a%20b'],
    ['/a...b/...', '/a...b/...', '/a...b/...'],
    ['/a%2eb', '/a.b', '/a.b'],
    ['/a?next=/../b;c', '/a', '/a?next=/../b;c'],
  ])('%s', (target, path, forwarded) => {
    expect(canonicalTarget(target)).toEqual({ ok: true, path, target: forwarded });
  });
});

describe('canonicalTarget, as properties', () => {
  const piece = fc.oneof(
    fc.constantFrom('/', '.', '..', '%2e', '%2F', '%5c', '%25', '%00', ';', '\\', '%c3%a9', '%7e', '?', '#', '%', '%4'),
    fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    fc.integer({ min: 0, max: 255 }).map((octet) => `%${octet.toString(16).padStart(2, '0')}`),
  );
  const target = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

  it('is a fixed point: canonical targets are canonical', () => {
    fc.assert(
      fc.property(target, (input) => {
        const once = canonicalTarget(input);
        if (once.ok) expect(canonicalTarget(once.target)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same path to every decoder: decoding never makes a new segment, twice decoding changes nothing', () => {
    fc.assert(
      fc.property(target, (input) => {
        const result = canonicalTarget(input);
        if (!result.ok) return;
        const decoded = decodeURIComponent(result.path);
        expect(decoded.split('/').length).toBe(result.path.split('/').length);
        expect(decoded).not.toMatch(/[\\;%?#]/u);
        expect(Array.from(decoded).every((character) => character.charCodeAt(0) >= 0x20)).toBe(true);
        expect(new URL(result.target, 'http://x.test').pathname).toBe(result.path);
      }),
      { numRuns: 2000 },
    );
  });

  it('equal after decoding means equal as canonical paths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '%61', '~', '%7e', '@', '%40', '+', '%2b', '/'), { maxLength: 8 }),
        (parts) => {
          const raw = canonicalTarget(`/x${parts.join('')}`);
          const plain = canonicalTarget(`/x${decodeURIComponent(parts.join(''))}`);
          expect(raw).toEqual(plain);
        },
      ),
    );
  });
});
