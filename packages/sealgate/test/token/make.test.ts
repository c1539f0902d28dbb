import {
  decodeUnverified,
  exportJwk,
  exportPrivateJwk,
  exportPrivatePem,
  exportPublicPem,
  generateKey,
  publicKey,
} from '@sealgate/jwt';
import { exportEncryptionJwk, exportPrivateEncryptionJwk } from '@sealgate/jwt/jwe';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, run, testFolder } from '../run-command.ts';

const folder = testFolder();
const now = NOW + 60;
const key = generateKey('ES256', { kid: 'k1' });
const jwk = folder.write('private.jwk', JSON.stringify(exportPrivateJwk(key)));
const pem = folder.write('private.pem', exportPrivatePem(key));
const publicPem = folder.write('public.pem', exportPublicPem(publicKey(key)));
const SECRET = 'a shared secret that is long enough for the hash';

const sign = async (...args: readonly string[]) => {
  const { exit, stdout, stderr } = await run(['token', 'sign', '--key', jwk, ...args]);
  expect(stderr).toBe('');
  expect(exit).toBe(0);
  return decodeUnverified(stdout.trim());
};

describe('token sign', () => {
  it('sets the claims that options name, and an end', async () => {
    const { header, claims } = await sign(
      '--iss',
      'me',
      '--sub',
      'alice',
      '--aud',
      'a',
      '--aud',
      'b',
      '--scope',
      'x y',
      '--jti',
    );
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
    expect(claims).toEqual({
      iss: 'me',
      sub: 'alice',
      aud: ['a', 'b'],
      scope: 'x y',
      jti: 'fresh-id',
      iat: now,
      exp: now + 900,
    });
  });

  it.each<[string, readonly string[], object]>([
    ['a duration', ['--exp', '10m'], { exp: now + 600 }],
    ['the past', ['--exp', '-5m'], { exp: now - 300 }],
    ['a date', ['--exp', '2030-01-31T12:00:00Z'], { exp: 1_896_091_200 }],
    ['a day', ['--exp', '2030-01-31'], { exp: 1_896_048_000 }],
    ['seconds since 1970', ['--exp', '1896091200'], { exp: 1_896_091_200 }],
    ['a beginning', ['--nbf', '1h'], { nbf: now + 3600 }],
  ])('takes %s', async (_name, args, expected) => {
    expect((await sign(...args)).claims).toMatchObject(expected);
  });

  it('leaves out what is not wanted', async () => {
    expect((await sign('--no-exp', '--no-iat', '--sub', 'a')).claims).toEqual({ sub: 'a' });
  });

  it('takes claims as JSON, from a file, and from standard input; options win', async () => {
    const json = '{"sub":"alice","exp":1896091200,"roles":["a"]}';
    const expected = { sub: 'alice', exp: 1_896_091_200, roles: ['a'], iat: now };
    expect((await sign(json)).claims).toEqual(expected);
    expect((await sign(folder.write('claims.json', json))).claims).toEqual(expected);
    const { stdout } = await run(['token', 'sign', '-', '--key', jwk, '--sub', 'bob'], { stdin: json });
    expect(decodeUnverified(stdout.trim()).claims).toEqual({ ...expected, sub: 'bob' });
  });

  it('takes claims and header parameters of any kind', async () => {
    const { header, claims } = await sign(
      '--claim',
      'tenant=acme',
      '--claim',
      'roles:=["editor"]',
      '--claim',
      'https://x.test/n:=3',
      '--header',
      'x=y',
    );
    expect(claims).toMatchObject({ tenant: 'acme', roles: ['editor'], 'https://x.test/n': 3 });
    expect(header['x']).toBe('y');
  });

  it.each<[string, readonly string[], object]>([
    ['a variable', ['--key', 'env:KEY'], { variables: { KEY: JSON.stringify(exportPrivateJwk(key)) } }],
    ['PEM', ['--key', pem, '--kid', 'k1'], {}],
    ['a secret in a variable', ['--secret', 'env:S', '--algorithm', 'HS256'], { variables: { S: SECRET } }],
    ['a secret in a file', ['--secret', folder.write('s', `${SECRET}\n`), '--algorithm', 'HS256'], {}],
    ['a secret that is asked for', ['--secret', 'prompt', '--algorithm', 'HS256'], { askSecret: async () => SECRET }],
    [
      'a secret in hexadecimal',
      ['--secret', 'env:S', '--secret-encoding', 'hex', '--algorithm', 'HS256'],
      { variables: { S: Buffer.from(SECRET).toString('hex') } },
    ],
  ])('signs with %s, and the same verifies', async (_name, options, world) => {
    const made = await run(['token', 'sign', '--sub', 'a', ...options], world);
    expect(made.stderr).toBe('');
    const check = options.includes(pem)
      ? ['--key', publicPem]
      : options.filter((option) => option !== '--kid' && option !== 'k1');
    const checked = await run(['token', 'verify', '-', '--signature-only', ...check], { ...world, stdin: made.stdout });
    expect(checked).toMatchObject({ exit: 0, stdout: expect.stringContaining('the signature is right') });
    expect(made.stdout + checked.stdout).not.toContain(SECRET);
  });

  it.each<[string, readonly string[], string]>([
    ['no key', [], '--key or --secret'],
    ['two keys', ['--key', jwk, '--secret', 'prompt'], '--key or --secret'],
    ['a public key', ['--key', publicPem], 'the private one'],
    ['a short secret', ['--secret', 'env:SHORT', '--algorithm', 'HS256'], 'the limit is 32'],
    ['a secret without an algorithm', ['--secret', 'env:S'], 'HS256'],
    [
      'a secret of another encoding',
      ['--secret', 'env:S', '--secret-encoding', 'hex', '--algorithm', 'HS256'],
      'not hex',
    ],
    ['an encoding that there is not', ['--secret', 'env:S', '--secret-encoding', 'rot13'], '--secret-encoding'],
    ['a variable that is not set', ['--secret', 'env:NONE', '--algorithm', 'HS256'], 'NONE: it is not set'],
    ['a time that is none', ['--key', jwk, '--exp', 'soon'], '--exp takes a time'],
    ['claims that are no JSON', ['{sub', '--key', jwk], 'is not JSON'],
    ['claims that are no object', ['-', '--key', jwk], 'no JSON object'],
    ['a claim without a value', ['--key', jwk, '--claim', 'x'], 'name=text'],
    ['a claim that is no JSON', ['--key', jwk, '--claim', 'x:=y'], 'is not JSON'],
    ['a time claim of text', ['--key', jwk, '--claim', 'nbf=x'], 'nbf'],
    ['a header parameter of its own', ['--key', jwk, '--header', 'alg=none'], '"alg" cannot be set'],
    ['a key id that is none', ['--key', jwk, '--kid', 'a b'], '`kid` must be'],
    ['an algorithm of another key', ['--key', jwk, '--algorithm', 'RS256'], 'RS256'],
  ])('takes %s for misuse', async (_name, args, message) => {
    const { exit, stdout, stderr } = await run(['token', 'sign', ...args], {
      stdin: '[1]',
      variables: { S: SECRET, SHORT: 'short' },
    });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('internal error');
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it('takes every whole duration, and nothing that is like one', async () => {
    const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
    const unit = fc.constantFrom('s', 'm', 'h', 'd');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9999 }), unit, fc.boolean(), async (amount, unit, past) => {
        const { claims } = await sign('--exp', `${past ? '-' : ''}${amount}${unit}`);
        expect(claims.exp).toBe(now + (past ? -1 : 1) * amount * units[unit]);
      }),
      { numRuns: 15 },
    );
    const wrong = fc
      .oneof(
        fc.double({ noInteger: true }).map((number) => `${number}m`),
        fc.string(),
      )
      .filter((text) => !/^[+-]?\d+(?:ms|[smhd])?$/u.test(text));
    await fc.assert(
      fc.asyncProperty(wrong, async (text) => {
        expect((await run(['token', 'sign', '--key', jwk, `--exp=${text}`])).exit).toBe(2);
      }),
      { numRuns: 15 },
    );
  });
});

describe('token lint', () => {
  it('gives advice, and 1 where something is wrong', async () => {
    const bad = (await run(['token', 'sign', '--key', jwk, '--no-exp', '--claim', 'password=x'])).stdout;
    const { exit, stdout } = await run(['token', 'lint', '-'], { stdin: bad });
    expect(stdout).toContain('[life-unbounded]');
    expect(stdout).toContain('[credential]');
    expect(stdout).toMatch(/\n2 errors, \d warnings?/u);
    expect(exit).toBe(1);
  });

  it('gives 1 for warnings only when strict', async () => {
    const token = (await run(['token', 'sign', '--key', jwk, '--exp', '2h'])).stdout;
    expect((await run(['token', 'lint', '-'], { stdin: token })).exit).toBe(0);
    expect((await run(['token', 'lint', '-', '--strict'], { stdin: token })).exit).toBe(1);
    const { stdout } = await run(['token', 'lint', '-', '--json', '--max-life', '3h'], { stdin: token });
    expect(JSON.parse(stdout).map(({ rule }: { rule: string }) => rule)).not.toContain('life-long');
    expect((await run(['token', 'lint', '-', '--max-life', '3'], { stdin: token })).exit).toBe(2);
  });
});

describe('token diff', () => {
  const make = async (name: string, ...args: readonly string[]) =>
    folder.write(name, (await run(['token', 'sign', '--key', jwk, ...args])).stdout);

  it('says what differs, and what was added to a set', async () => {
    const a = await make('a.jwt', '--sub', 'alice', '--aud', 'x', '--scope', 'read write');
    const b = await make(
      'b.jwt',
      '--sub',
      'alice',
      '--aud',
      'y',
      '--scope',
      'read admin',
      '--exp',
      '1h',
      '--typ',
      'at+jwt',
    );
    const { exit, stdout } = await run(['token', 'diff', a, b]);
    expect(stdout).toMatch(/^~ {2}header\.typ +JWT +at\+jwt$/mu);
    expect(stdout).toMatch(/^~ {2}claims\.aud +x +y$/mu);
    expect(stdout).toContain('scope: -write +admin');
    expect(stdout).toContain('The second expires 45 minutes later.');
    expect(stdout).not.toContain('claims.sub');
    expect(exit).toBe(1);
    const { same, differences } = JSON.parse((await run(['token', 'diff', a, b, '--json'])).stdout);
    expect(same).toBe(false);
    expect(differences).toContainEqual({ part: 'claims', path: '/aud', change: 'changed', left: 'x', right: 'y' });
  });

  it('says that two tokens say the same', async () => {
    const a = await make('c.jwt', '--sub', 'alice');
    expect(await run(['token', 'diff', a, a])).toMatchObject({ exit: 0, stdout: expect.stringContaining('the same') });
  });

  it.each([[[]], [['-', '-']], [['x', 'y']]])('takes %j for misuse', async (args) => {
    expect((await run(['token', 'diff', ...args])).exit).toBe(2);
  });
});

describe('token encrypt and decrypt', () => {
  const recipient = generateKey('ECDH-ES+A256KW', { kid: 'r1' });
  const theirs = folder.write('recipient.jwk', JSON.stringify(exportEncryptionJwk(recipient)));
  const own = folder.write('own.jwk', JSON.stringify(exportPrivateEncryptionJwk(recipient)));

  it('nests a signed token, and shows it again', async () => {
    const signed = (await run(['token', 'sign', '--key', jwk, '--sub', 'alice'])).stdout;
    const made = await run(['token', 'encrypt', '-', '--key', theirs], { stdin: signed });
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const { exit, stdout } = await run(['token', 'decrypt', '-', '--key', own], { stdin: made.stdout });
    expect(stdout).toMatch(/^ {2}cty {2}JWT$/mu);
    expect(stdout).toContain('Signed token');
    expect(stdout).toMatch(/^ {2}sub {2}alice/mu);
    expect(exit).toBe(0);
    const raw = await run(['token', 'decrypt', '-', '--key', own, '--raw'], { stdin: made.stdout });
    expect(raw.stdout).toBe(signed);
    const json = await run(['token', 'decrypt', '-', '--key', own, '--json'], { stdin: made.stdout });
    expect(JSON.parse(json.stdout)).toMatchObject({
      decrypted: true,
      header: { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'r1' },
      content: signed.trim(),
    });
  });

  it('encrypts claims under a shared key', async () => {
    const world = { variables: { S: Buffer.alloc(32, 7).toString('hex') } };
    const secret = ['--secret', 'env:S', '--secret-encoding', 'hex', '--algorithm', 'A256KW'];
    const made = await run(['token', 'encrypt', '-', ...secret, '--enc', 'A128CBC-HS256'], {
      ...world,
      stdin: '{"sub":"alice"}',
    });
    const read = await run(['token', 'decrypt', '-', ...secret], { ...world, stdin: made.stdout });
    expect(read.stdout).toMatch(/Claims\n {2}sub {2}alice/u);
  });

  it('says no to a token for somebody else', async () => {
    const other = folder.write('other.jwk', JSON.stringify(exportEncryptionJwk(generateKey('ECDH-ES+A256KW'))));
    const made = await run(['token', 'encrypt', '-', '--key', other], { stdin: '{}' });
    const { exit, stdout } = await run(['token', 'decrypt', '-', '--key', own], { stdin: made.stdout });
    expect(stdout).toContain('[decryption_failed]');
    expect(exit).toBe(1);
  });

  it.each<[string, readonly string[], string]>([
    ['no key', ['encrypt', '-'], '--key or --secret'],
    ['a key that signs', ['encrypt', '-', '--key', jwk], 'is a key for ES256, which does not encrypt'],
    ['an algorithm that there is not', ['encrypt', '-', '--key', theirs, '--algorithm', 'RSA1_5'], 'is not known'],
    ['an encryption that there is not', ['encrypt', '-', '--key', theirs, '--enc', 'A256GM'], 'did you mean "A256GCM"'],
    ['a public key to decrypt', ['decrypt', '-', '--key', theirs], 'the private one'],
    ['nothing', ['encrypt', '--key', theirs], 'no token given'],
  ])('takes %s for misuse', async (_name, args, message) => {
    const { exit, stderr, stdout } = await run(['token', ...args], { stdin: '{}' });
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(exit).toBe(2);
  });

  it('does not print the key that it could not read', async () => {
    const broken = folder.write('broken.jwk', '{"kty":"EC","d":"canary",}');
    const { stdout, stderr } = await run(['token', 'decrypt', '-', '--key', broken], { stdin: 'x' });
    expect(stdout + stderr).not.toContain('canary');
    expect(exportJwk(publicKey(key)).kty).toBe('EC');
  });
});
