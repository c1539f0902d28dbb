/** What is said of a pasted text without a key: form, faults, and their places. */
import * as fc from 'fast-check';
import { decodeUnverified } from '@sealgate/jwt/parse';
import { describe, expect, it } from 'vitest';
import type { FaultCode } from '../../src/debugger/model/fault.ts';
import { inspect } from '../../src/debugger/model/inspect.ts';
import { recogniseProfile } from '../../src/debugger/model/profile.ts';
import { faultText } from '../../src/debugger/strings/faults.ts';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signature = Buffer.alloc(64, 7).toString('base64url');
const token = (header: unknown, payload: unknown, third = signature) => `${encode(header)}.${encode(payload)}.${third}`;
const good = token({ alg: 'ES256' }, { sub: 'alice' });

/** The faults of a text, each with the characters that it points at. */
function faults(text: string): [FaultCode, string | undefined][] {
  const inspection = inspect(text);
  return inspection.faults.map(({ code, span }) => [code, span && text.slice(span.start, span.end)]);
}

describe('faults of a token and their places', () => {
  it('has none for a good token', () => {
    expect(inspect(good)).toMatchObject({ form: 'jws', faults: [] });
  });

  it.each<[string, string, FaultCode]>([
    ['two parts (RFC 7515 section 7.1)', `${encode({ alg: 'ES256' })}.${encode({ sub: 'a' })}`, 'parts-two'],
    ['four parts (RFC 7516 section 9)', `${good}.AAAA`, 'parts-four'],
    ['six parts', `${good}.a.b.c`, 'parts-many'],
    ['a header alone', encode({ alg: 'ES256' }), 'parts-one'],
    ['an empty header', `.${encode({ sub: 'a' })}.${signature}`, 'header-empty'],
    ['no signature (ATTACKS T1)', token({ alg: 'ES256' }, {}, ''), 'signature-missing'],
    ['alg none (ATTACKS T1)', token({ alg: 'nOnE' }, {}), 'alg-none'],
    ['alg in another case', token({ alg: 'es256' }, {}), 'alg-case'],
    ['alg that is no string', token({ alg: ['ES256'] }, {}), 'alg-not-string'],
    ['alg missing', token({ typ: 'JWT' }, {}), 'alg-missing'],
    ['alg unknown', token({ alg: 'ES999' }, {}), 'alg-unknown'],
    ['a header that is an array', token(['ES256'], {}), 'header-not-object'],
    ['a payload that is an array (ATTACKS T17)', token({ alg: 'ES256' }, [1]), 'payload-not-object'],
    ['a payload that is text', token({ alg: 'ES256' }, 'hello'), 'payload-not-json'],
    ['a byte order mark (RFC 8259 section 8.1)', token({ alg: 'ES256' }, '\uFEFF{}'), 'utf8-bom'],
    ['a number beyond range (ATTACKS T16)', token({ alg: 'ES256' }, '{"exp":1e400}'), 'json-number-range'],
    ['exp as text (ATTACKS T16)', token({ alg: 'ES256' }, { exp: '1' }), 'time-not-number'],
    ['exp in milliseconds', token({ alg: 'ES256' }, { exp: 1_700_000_000_000 }), 'time-milliseconds'],
    ['exp before iat', token({ alg: 'ES256' }, { iat: 20, exp: 10 }), 'time-order'],
    ['aud of mixed types (ATTACKS T18)', token({ alg: 'ES256' }, { aud: ['a', 1] }), 'claim-type'],
    ['crit empty (ATTACKS T14)', token({ alg: 'ES256', crit: [] }, {}), 'crit-invalid'],
    ['crit naming an absent parameter (ATTACKS T14)', token({ alg: 'ES256', crit: ['x'] }, {}), 'crit-invalid'],
    ['jku (ATTACKS T6)', token({ alg: 'ES256', jku: 'https://evil.test' }, {}), 'header-key-address'],
    ['a path as kid (ATTACKS T7)', token({ alg: 'ES256', kid: '../../etc/passwd' }, {}), 'kid-suspicious'],
    ['a short signature (ATTACKS T5)', token({ alg: 'ES256' }, {}, 'AAAA'), 'signature-length'],
    [
      'a signature in DER (RFC 7518 section 3.4)',
      token({ alg: 'ES256' }, {}, Buffer.from([0x30, 4, 2, 0, 2, 0]).toString('base64url')),
      'signature-der',
    ],
    ['a member __proto__ (ATTACKS T22)', token({ alg: 'ES256' }, '{"a":{"__proto__":{}}}'), 'json-proto-member'],
    ['a member __proto__ (ATTACKS T22)', token({ alg: 'ES256' }, '{"a":{"__proto__":{}}}'), 'json-proto-member'],
    ['U+0000 in a string', token({ alg: 'ES256' }, '{"sub":"a\\u0000b"}'), 'json-nul'],
    [
      'depth past the limit (ATTACKS T22)',
      token({ alg: 'ES256' }, `{"a":${'['.repeat(40)}${']'.repeat(40)}}`),
      'json-past-limits',
    ],
    ['nesting without end (ATTACKS T22)', token({ alg: 'ES256' }, '['.repeat(5000)), 'json-too-complex'],
  ])('%s', (_name, text, code) => {
    expect(faults(text).map(([each]) => each)).toContain(code);
  });

  it.each<[string, string, FaultCode, string]>([
    ['a strange character', good.replace('.', '!.'), 'base64-character', '!'],
    ['standard base64', `${good.slice(0, -4)}+AAA`, 'base64-standard-alphabet', '+'],
    ['padding', `${good}==`, 'base64-padding', '=='],
    ['a lost character', good.slice(0, -1), 'base64-length', good.at(-2) ?? ''],
    [
      'bits that mean nothing (ATTACKS T13)',
      `${good.slice(0, -1)}${good.endsWith('w') ? 'x' : 'z'}`,
      'base64-trailing-bits',
      good.endsWith('w') ? 'x' : 'z',
    ],
  ])('points at %s', (_name, text, code, at) => {
    expect(faults(text)).toContainEqual([code, at]);
  });

  it('points at the very characters of a repeated member, of a fault of syntax, and of a byte that is not UTF-8', () => {
    const twice = '{"sub":"alice","x":"é","sub":"bob"}';
    const [repeated] = inspect(token({ alg: 'ES256' }, twice)).faults;
    const text = token({ alg: 'ES256' }, twice);
    const pointed = text.slice(repeated?.span?.start, repeated?.span?.end);
    const start = (repeated?.span?.start ?? 0) - text.indexOf('.') - 1;
    // The span begins within the group of four characters that carries the second "sub".
    expect(Math.floor((Buffer.from(twice.slice(0, twice.lastIndexOf('"sub"'))).length * 4) / 3)).toBe(start);
    expect(Buffer.from(`${'A'.repeat(start % 4)}${pointed}`, 'base64url').toString()).toContain('sub"');
    expect(inspect(token({ alg: 'ES256' }, '{"a":1,}')).faults[0]?.data).toMatchObject({
      line: 1,
      column: 8,
      expected: 'name',
    });
    expect(
      faultText('json-syntax', inspect(token({ alg: 'ES256' }, '{"a":1,}')).faults[0]?.data ?? {}).detail,
    ).toContain('column 8');
    const bytes = `${encode({ alg: 'ES256' })}.${Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]).toString('base64url')}.${signature}`;
    expect(inspect(bytes).faults.find(({ code }) => code === 'utf8-invalid')?.data).toMatchObject({
      byte: 'C3',
      position: 3,
    });
  });

  it.each([
    ['-----BEGIN PUBLIC KEY-----\nMIIB', 'pem-key'],
    ['{"kty":"EC"}', 'jwk'],
    ['{"keys":[]}', 'jwks'],
    [`sgr_${'a'.repeat(48)}`, 'sealgate-refresh'],
    ['v4.public.eyJzdWIiOiJhIn0', 'paseto'],
    ['2b7d3a52-93f1-4c1c-8f3b-0d6a0b6f2f11', 'uuid'],
    ['https://example.test/callback?code=abc', 'url'],
    ['<html><body>Sign in</body></html>', 'html'],
    ['Basic YTpi', 'basic-credentials'],
    ['c2VjcmV0LXNlc3Npb24', 'opaque'],
    ['there is nothing here', 'prose'],
  ])('says what %s is instead', (text, foreign) => {
    expect(inspect(text)).toMatchObject({ form: 'foreign', foreign });
  });

  it.each([
    [{ typ: 'at+jwt' }, {}, 'access-token', true],
    [{ typ: 'application/at+jwt' }, {}, 'access-token', true],
    [{ typ: 'dpop+jwt' }, {}, 'dpop-proof', true],
    [{}, { nonce: 'n', iss: 'i', sub: 's', aud: 'a' }, 'id-token', false],
    [{}, { iss: 'c', sub: 'c', aud: 'a', exp: 1 }, 'client-assertion', false],
    [{}, { hello: 1 }, 'jwt', false],
  ] as const)('recognises the kind of %j %j', (header, payload, name, certain) => {
    expect(recogniseProfile(inspect(token({ alg: 'ES256', ...header }, payload)))).toEqual({ name, certain });
  });

  it('shows a token in JSON serialization as the compact token it amounts to (RFC 7515 section 7.2)', () => {
    const [first, second] = good.split('.');
    const general = {
      payload: second,
      signatures: [
        { protected: first, header: { kid: 'x' }, signature },
        { protected: first, signature },
      ],
    };
    const inspection = inspect(JSON.stringify(general));
    expect(inspection).toMatchObject({ form: 'jws-json', signatures: 2 });
    expect(inspection.faults.map(({ code }) => code)).toEqual(['unprotected-header']);
    expect(inspection.signed?.signingInput).toBe(`${first}.${second}`);
  });
});

const names = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 8 }) },
  fc.constantFrom('__proto__', 'constructor', 'a\0b', '\uD800'),
);
const nested = fc.nat(60).map((depth) => JSON.parse(`${'['.repeat(depth)}0${']'.repeat(depth)}`) as unknown);
const values = fc.oneof(
  { weight: 8, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  nested,
  fc.dictionary(names, fc.constant(null), { noNullPrototype: true }),
);
const claims = fc.dictionary(names, values, { maxKeys: 5, noNullPrototype: true });
const tokens = fc.tuple(claims, fc.nat(4096), fc.integer({ min: 0, max: 127 })).map(([payload, at, code]) => {
  const text = token({ alg: 'ES256' }, payload);
  const place = at % (text.length + 1);
  return [text, text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1)] as const;
});

/** Faults of how a token is written; the others are about what it says. */
const OF_FORM = /^(?:parts-|part-|base64-|utf8-|json-|payload-not|header-(?:empty|not))/u;

describe('beside the strict parser of @sealgate/jwt', () => {
  it('finds an error wherever that refuses, and none of form wherever it accepts', () => {
    fc.assert(
      fc.property(tokens, ([whole, changed]) => {
        for (const text of [whole, changed]) {
          const inspection = inspect(text);
          const hasErrors = inspection.form !== 'jws' || inspection.faults.some(({ severity }) => severity === 'error');
          const isPasted = inspection.located?.token === text;
          let refusal: unknown;
          try {
            decodeUnverified(text);
          } catch (error) {
            refusal = error;
          }
          if (refusal !== undefined && isPasted)
            expect(hasErrors, `${text}: ${refusal instanceof Error ? refusal.message : ''}`).toBe(true);
          if (refusal === undefined && isPasted) {
            const ofForm = inspection.faults.filter(({ code, severity }) => severity === 'error' && OF_FORM.test(code));
            expect(ofForm, text).toEqual([]);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws and always has something to say', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200, unit: 'binary' }), fc.base64String(), fc.json()), (text) => {
        const { form, faults: found, foreign, header } = inspect(text);
        expect(form === 'empty' || found.length > 0 || foreign !== undefined || header !== undefined).toBe(true);
        for (const { code, data, span } of found) {
          expect(faultText(code, data).title.length).toBeGreaterThan(5);
          expect(span === undefined || (span.start >= 0 && span.end <= text.length && span.start <= span.end)).toBe(
            true,
          );
        }
      }),
      { numRuns: 2000 },
    );
  });
});
