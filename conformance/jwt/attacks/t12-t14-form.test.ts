/** ATTACKS.md T12 to T14 and T17: one token, one spelling, one reading. */
import { describe, expect, it } from 'vitest';
import { generateKey, importKey, verifyJws } from '@sealgate/jwt';
import { signDetachedJws, verifyDetachedJws } from '@sealgate/jwt/jws-detached';
import { check, claims, encode, forge, header, NOW, signingKey, verificationKey } from './forge.ts';

const body = (extra: string): string =>
  `{"iss":"${claims.iss}","aud":"${claims.aud}","sub":"alice","exp":${claims.exp}${extra}}`;

describe('T12: repeated members', () => {
  it('the base token is accepted', () => {
    expect(check(forge(header, body('')))).toBe('accepted');
  });

  it.each([
    ['the same claim', body(',"sub":"root"')],
    ['the same claim, same value', body(',"sub":"alice"')],
    ['escaped', body(',"s\\u0075b":"root"')],
    ['escaped another way', body(',"\\u0073\\u0075\\u0062":"root"')],
    ['first and last', `{"exp":1,${body('').slice(1)}`],
    ['inside an object', body(',"a":{"b":1,"b":2}')],
    ['inside an array', body(',"a":[[{"b":1,"c":2,"b":3}]]')],
    ['an empty name', body(',"":1,"":2')],
    ['whose values hold names', body(',"x":"\\"y\\":1","x":1')],
  ])('%s in the payload is refused', (_name, payload) => {
    expect(check(forge(header, payload))).toBe('json_duplicate_member');
  });

  it.each([
    ['alg', '{"alg":"none","alg":"ES256","kid":"k1"}'],
    ['alg, escaped', '{"alg":"ES256","kid":"k1","\\u0061lg":"none"}'],
    ['kid', '{"alg":"ES256","kid":"k1","kid":"k2"}'],
    ['inside jwk', '{"alg":"ES256","kid":"k1","jwk":{"kty":"EC","kty":"RSA"}}'],
  ])('%s in the header is refused', (_name, text) => {
    expect(check(forge(text, body('')))).toBe('json_duplicate_member');
  });

  it('the same name in different objects is no repetition', () => {
    expect(check(forge(header, body(',"a":{"sub":1},"b":[{"sub":1},{"sub":2}]')))).toBe('accepted');
  });
});

describe('T13: base64url', () => {
  const token = forge(header, claims);
  const [head, payload, signature] = token.split('.') as [string, string, string];

  it.each([
    ['padding on the header', `${head}=.${payload}.${signature}`],
    ['padding on the payload', `${head}.${payload}==.${signature}`],
    ['padding on the signature', `${token}==`],
    ['a space', `${head}.${payload} .${signature}`],
    ['a line break in the middle', `${head}.${payload.slice(0, 4)}\n${payload.slice(4)}.${signature}`],
    ['a tab before', `\t${token}`],
    ['a line break after', `${token}\n`],
    ['NUL', `${token}\u0000`],
    ['+', `${head}.${payload}.+${signature.slice(1)}`],
    ['/', `${head}.${payload}./${signature.slice(1)}`],
    [
      'beyond Latin-1, low byte in the alphabet',
      `${head}.${payload}.${String.fromCharCode(0x100 + signature.charCodeAt(0))}${signature.slice(1)}`,
    ],
    ['full-width letters', `${head}.${payload}.\uFF21${signature.slice(1)}`],
    ['a lone surrogate', `${head}.${payload}.\uD800${signature.slice(1)}`],
    ['percent encoding', `${head}.${payload}.%41${signature.slice(1)}`],
    ['a length that no bytes have', `${head}.${payload}.${signature}A`.slice(0, -1).concat('AAA')],
  ])('%s is refused', (_name, text) => {
    expect(check(text)).toMatch(/^(?:base64url_invalid|signature_invalid)$/u);
    expect(check(text)).not.toBe('accepted');
  });

  it('non-zero trailing bits are refused in each part, though the bytes are the same', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let tried = 0;
    // Payloads of each length modulo three, so that each part ends in each way.
    for (const filler of ['', 'x', 'xx']) {
      const parts = forge({ ...header, x: filler }, { ...claims, x: filler }).split('.');
      for (const [index, part] of parts.entries()) {
        const spare = part.length % 4 === 2 ? 4 : part.length % 4 === 3 ? 2 : 0;
        for (let bits = 1; bits < 1 << spare; bits++) {
          const twin = part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)!) | bits]!;
          if (twin === part) continue;
          const text = parts.with(index, twin).join('.');
          expect(check(text)).toBe('base64url_invalid');
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(20);
  });
});

describe('T14: crit and b64', () => {
  it.each([
    ['unknown', { crit: ['urn:x'], 'urn:x': 1 }],
    ['unknown beside known', { crit: ['b64', 'urn:x'], b64: true, 'urn:x': 1 }],
    ['empty', { crit: [] }],
    ['a string', { crit: 'b64' }],
    ['an object', { crit: {} }],
    ['null', { crit: null }],
    ['of numbers', { crit: [1] }],
    ['naming a registered parameter', { crit: ['alg'] }],
    ['naming an absent one', { crit: ['b64'] }],
    ['repeated', { crit: ['b64', 'b64'], b64: true }],
    ['b64 false', { crit: ['b64'], b64: false }],
    ['b64 true', { crit: ['b64'], b64: true }],
    ['b64 false without crit', { b64: false }],
    ['exp as critical', { crit: ['exp'], exp: NOW }],
  ])('%s is refused in a JWT', (_name, extra) => {
    expect(check(forge({ ...header, ...extra }, claims))).toMatch(/critical_unsupported/u);
    expect(() => verifyJws(forge({ ...header, ...extra }, claims), verificationKey)).toThrow(
      expect.objectContaining({ code: 'critical_unsupported' }),
    );
  });

  it('the entry point for detached payloads takes b64, and no other extension', () => {
    const payload = Buffer.from('$.02');
    const jws = signDetachedJws(payload, { key: signingKey, unencoded: true });
    expect(verifyDetachedJws(jws, payload, verificationKey).header['b64']).toBe(false);
    expect(() => verifyDetachedJws(jws, Buffer.from('$.03'), verificationKey)).toThrow(
      expect.objectContaining({ code: 'signature_invalid' }),
    );
    expect(() => verifyDetachedJws(forge(header, claims), payload, verificationKey)).toThrow(
      expect.objectContaining({ code: 'token_malformed' }),
    );
    expect(check(jws)).not.toBe('accepted');
    const [, , signature] = jws.split('.');
    const head = encode(JSON.stringify({ ...header, b64: false }));
    expect(() => verifyDetachedJws(`${head}..${signature}`, payload, verificationKey)).toThrow(
      expect.objectContaining({ code: 'critical_unsupported' }),
    );
  });
});

describe('T17: the payload', () => {
  it.each([
    ['an array', '[]', 'claims_not_object'],
    ['a string', '"x"', 'claims_not_object'],
    ['null', 'null', 'claims_not_object'],
    ['a number', '1', 'claims_not_object'],
    ['empty', '', 'json_invalid'],
    ['a byte order mark', `\uFEFF${body('')}`, 'json_invalid'],
    ['raw NUL', body(',"x":"\u0000"'), 'json_invalid'],
    ['NUL after', `${body('')}\u0000`, 'json_invalid'],
    ['escaped NUL', body(',"x":"\\u0000"'), 'json_invalid'],
    ['a lone high surrogate', body(',"x":"\\ud800"'), 'json_invalid'],
    ['a lone low surrogate', body(',"x":"\\udc00"'), 'json_invalid'],
    ['surrogates the wrong way round', body(',"x":"\\udc00\\ud800"'), 'json_invalid'],
    ['a high surrogate twice', body(',"x":"\\ud800\\ud800"'), 'json_invalid'],
    ['a trailing comma', body(',').replace(',}', ',}'), 'json_invalid'],
    ['a comment', `/* */${body('')}`, 'json_invalid'],
    ['single quotes', body(",'x':1"), 'json_invalid'],
    ['NaN', body(',"x":NaN'), 'json_invalid'],
    ['Infinity', body(',"x":Infinity'), 'json_invalid'],
    ['1e400', body(',"x":1e400'), 'json_invalid'],
    ['a number of 400 digits', body(`,"x":${'9'.repeat(400)}`), 'json_invalid'],
    ['a leading zero', body(',"x":01'), 'json_invalid'],
    ['a leading plus', body(',"x":+1'), 'json_invalid'],
    ['hexadecimal', body(',"x":0x1'), 'json_invalid'],
    ['a bare point', body(',"x":1.'), 'json_invalid'],
    ['a raw tab in a string', body(',"x":"\t"'), 'json_invalid'],
    ['two values', `${body('')}${body('')}`, 'json_invalid'],
    ['a no-break space', `\u00A0${body('')}`, 'json_invalid'],
    ['UTF-16', Buffer.from(body(''), 'utf16le'), 'json_invalid'],
    [
      'invalid UTF-8',
      Buffer.concat([
        Buffer.from(body('').slice(0, -1)),
        Buffer.from([0x2c, 0x22, 0x78, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
      ]),
      'json_invalid',
    ],
    [
      'overlong UTF-8',
      Buffer.concat([Buffer.from(body(',"x":"').slice(0, -1)), Buffer.from([0xc0, 0xaf, 0x22, 0x7d])]),
      'json_invalid',
    ],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from(body(',"x":"').slice(0, -1)), Buffer.from([0xed, 0xa0, 0x80, 0x22, 0x7d])]),
      'json_invalid',
    ],
    [
      'beyond U+10FFFF',
      Buffer.concat([Buffer.from(body(',"x":"').slice(0, -1)), Buffer.from([0xf4, 0x90, 0x80, 0x80, 0x22, 0x7d])]),
      'json_invalid',
    ],
  ])('%s is refused', (_name, payload, code) => {
    expect(check(forge(header, payload))).toBe(code);
  });

  it.each([
    ['a pair of surrogates, escaped', body(',"x":"\\ud83d\\ude00"')],
    ['four bytes of UTF-8', body(',"x":"😀"')],
    ['white space anywhere', ` \n${body(' , "x" : [ 1 , 2 ] ').replace('{', '{\t')}\r `],
  ])('%s is accepted', (_name, payload) => {
    expect(check(forge(header, payload))).toBe('accepted');
  });

  it('a payload that is no JSON is for verifyJws alone', () => {
    const key = importKey(Buffer.from(generateKey('HS256').alg.padEnd(40, 'k1x')), { alg: 'HS256', kid: 'h' });
    expect(Buffer.from(verifyJws(forge({ alg: 'HS256', kid: 'h' }, 'plain text', key), key).payload).toString()).toBe(
      'plain text',
    );
  });
});
