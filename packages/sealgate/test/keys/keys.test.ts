import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import {
  ALGORITHMS,
  exportJwk,
  exportPrivateJwk,
  generateKey,
  importKey,
  isAlgorithm,
  publicKey,
  thumbprint,
} from '@sealgate/jwt';
import { ENCRYPTION_ALGORITHMS } from '@sealgate/jwt/jwe';
import { describe, expect, it } from 'vitest';
import { run, testFolder } from '../run-command.ts';

const folder = testFolder();
const key = generateKey('ES256', { kid: 'k1' });
const privateJwk = folder.write('private.jwk', JSON.stringify(exportPrivateJwk(key)));
const { d: privateMember } = exportPrivateJwk(key) as { d?: string };

const keys = async (...args: readonly string[]) => {
  const ran = await run(['keys', ...args]);
  expect(ran.stderr).not.toContain('sealgate:');
  expect(ran.exit).toBe(0);
  return ran.stdout;
};

describe('keys generate', () => {
  it.each([...Object.keys(ALGORITHMS), ...Object.keys(ENCRYPTION_ALGORITHMS)])('makes a key for %s', async (name) => {
    const jwk = JSON.parse(await keys('generate', name, '--out', '-'));
    expect(jwk.alg).toBe(name);
    if (isAlgorithm(name)) expect(importKey(jwk, { alg: name }).type).not.toBe('public');
    const inspected = JSON.parse(
      (await run(['keys', 'inspect', '-', '--json'], { stdin: JSON.stringify(jwk) })).stdout,
    );
    expect(inspected.algorithms).toEqual([name]);
    expect(JSON.stringify(inspected)).not.toContain(jwk.d ?? jwk.k ?? jwk.priv);
  });

  it('writes files: the private one for its owner alone, and replaces none unless told', async () => {
    const [out, half] = [folder.at('new.jwk'), folder.at('new-public.jwk')];
    const told = await keys('generate', 'ES256', '--out', out, '--public-out', half);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const before = readFileSync(out, 'utf8');
    expect(told).not.toContain(JSON.parse(before).d);
    expect(JSON.parse(readFileSync(half, 'utf8'))).not.toHaveProperty('d');
    const again = await run(['keys', 'generate', 'ES256', '--out', out]);
    expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining('--force replaces it') });
    expect(readFileSync(out, 'utf8')).toBe(before);
    await keys('generate', 'ES256', '--out', out, '--force');
    expect(readFileSync(out, 'utf8')).not.toBe(before);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it('takes the size of an RSA key', async () => {
    const pem = await keys('generate', 'RS256', '--bits', '3072', '--format', 'pem', '--out', '-');
    expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(3072);
  });

  it.each<[string, readonly string[], string]>([
    ['an algorithm that there is not', ['ES265', '--out', '-'], 'did you mean "ES256"'],
    ['no place to write to', ['ES256'], '--out'],
    ['a size for what has none', ['ES256', '--bits', '2048', '--out', '-'], '--bits'],
    ['a size that is too small', ['RS256', '--bits', '1024', '--out', '-'], '2048'],
    ['a public half of a secret', ['HS256', '--out', '-', '--public-out', 'x'], 'no public half'],
    ['a form that the key has not', ['ES256', '--format', 'pkcs1', '--out', '-'], 'pkcs1'],
    ['a form that is no text, on the terminal', ['ES256', '--format', 'der', '--out', '-'], '--out FILE'],
    ['a key id that is none', ['ES256', '--kid', 'a b', '--out', '-'], '`kid`'],
    ['a folder that is not there', ['ES256', '--out', '/absent/key.jwk'], 'cannot be written'],
  ])('takes %s for misuse', async (_name, args, message) => {
    const { exit, stdout, stderr } = await run(['keys', 'generate', ...args]);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });
});

describe('keys convert', () => {
  it.each(['pem', 'sec1', 'der'])('brings a key to %s and back', async (format) => {
    const out = folder.at(`key.${format}`);
    await keys('convert', privateJwk, '--to', format, '--out', out);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const back = JSON.parse(await keys('convert', out, '--to', 'jwk', '--kid', 'k1', '--out', '-'));
    expect(back).toEqual(exportPrivateJwk(key));
  });

  it('writes the public half alone where told', async () => {
    const pem = await keys('convert', privateJwk, '--to', 'pem', '--public');
    expect(createPublicKey(pem).export({ format: 'jwk' })).toEqual(
      expect.objectContaining({ kty: 'EC', crv: 'P-256' }),
    );
    const refused = await run(['keys', 'convert', privateJwk, '--to', 'pem']);
    expect(refused).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining('--public') });
  });

  it('reads PKCS#1, and asks what an RSA key is for', async () => {
    const rsa = folder.at('rsa.pem');
    await keys('generate', 'PS256', '--format', 'pkcs1', '--out', rsa);
    expect(await run(['keys', 'convert', rsa, '--to', 'jwk', '--public'])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('PS256'),
    });
    const jwk = JSON.parse(await keys('convert', rsa, '--to', 'jwk', '--public', '--algorithm', 'PS256'));
    expect(jwk).toMatchObject({ kty: 'RSA', alg: 'PS256', use: 'sig' });
    expect(jwk).not.toHaveProperty('d');
  });

  it('reads and writes shared secrets', async () => {
    const secret = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 73 + 11) % 251));
    const file = folder.write('secret.hex', `${secret.toString('hex')}\n`);
    const from = ['--secret', file, '--secret-encoding', 'hex', '--out', '-'];
    expect(await keys('convert', ...from, '--to', 'base64url')).toBe(`${secret.toString('base64url')}\n`);
    expect(JSON.parse(await keys('convert', ...from, '--to', 'jwk', '--algorithm', 'A256KW'))).toMatchObject({
      kty: 'oct',
      alg: 'A256KW',
    });
  });
});

describe('keys of others', () => {
  const pem = folder.at('openssl.pem');
  const certificate = folder.at('certificate.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
      '-nodes',
      '-keyout',
      pem,
      '-out',
      certificate,
      '-days',
      '30',
      '-subj',
      '/CN=issuer.test',
    ],
    { stdio: 'ignore' },
  );

  it('are read from a certificate', async () => {
    const facts = JSON.parse(await keys('inspect', certificate, '--json'));
    expect(facts).toMatchObject({
      kind: 'public key',
      key: 'EC, P-384',
      form: 'PEM (certificate)',
      algorithms: ['ES384'],
      subject: 'CN=issuer.test',
    });
    expect(JSON.parse(await keys('convert', certificate, '--to', 'jwk'))).toMatchObject({ crv: 'P-384', alg: 'ES384' });
  });

  it('have one thumbprint in all their forms (RFC 7638)', async () => {
    expect(await keys('thumbprint', pem)).toBe(await keys('thumbprint', certificate));
    expect(await keys('thumbprint', privateJwk)).toBe(`${thumbprint(key)}\n`);
    expect(await keys('thumbprint', privateJwk, '--uri')).toContain('urn:ietf:params:oauth:jwk-thumbprint:sha-256:');
  });

  it('make a set to publish, without anything private', async () => {
    const out = folder.at('jwks.json');
    await keys('jwks', privateJwk, pem, '--out', out);
    const set = JSON.parse(readFileSync(out, 'utf8'));
    expect(set.keys.map(({ alg, kid }: { alg: string; kid: string }) => [alg, kid])).toEqual([
      ['ES256', 'k1'],
      ['ES384', expect.any(String)],
    ]);
    expect(JSON.stringify(set)).not.toContain(privateMember);
    const table = await keys('inspect', out);
    expect(table).toMatch(/public key +EC, P-256 +ES256 +sig +k1/u);
    expect(JSON.parse(await keys('jwks', out)).keys).toEqual(set.keys);
  });

  it('are refused from a set where they must not stand', async () => {
    const secret = folder.write('secret.jwk', JSON.stringify(exportPrivateJwk(generateKey('HS256'))));
    expect(await run(['keys', 'jwks', secret])).toMatchObject({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('must not be published'),
    });
    expect(await run(['keys', 'thumbprint', secret])).toMatchObject({ exit: 2, stdout: '' });
    expect(await run(['keys', 'jwks', privateJwk, privateJwk])).toMatchObject({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('a verifier would refuse it'),
    });
  });
});

describe('keys lint', () => {
  it('finds a weak secret, and does not repeat it', async () => {
    const { exit, stdout } = await run(['keys', 'lint', '--secret', 'env:S'], {
      variables: { S: 'your-256-bit-secret' },
    });
    expect(stdout).toContain('[secret-known]');
    expect(stdout).not.toContain('your-256-bit-secret');
    expect(exit).toBe(1);
  });

  it('says which key of a set is weak', async () => {
    const set = folder.write(
      'weak.json',
      JSON.stringify({
        keys: [
          exportJwk(publicKey(key)),
          {
            kty: 'RSA',
            alg: 'RS256',
            kid: 'r',
            use: 'sig',
            n: Buffer.alloc(128, 255).toString('base64url'),
            e: 'AQAB',
          },
        ],
      }),
    );
    const { exit, stdout } = await run(['keys', 'lint', set, '--json']);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ rule: 'rsa-short', what: expect.stringContaining('Key 1:') }),
    );
    expect(exit).toBe(1);
    expect(await run(['keys', 'inspect', set])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('not usable: key 1'),
    });
  });
});

describe('what is no key', () => {
  const broken = folder.write('broken.json', '{"kty":"EC","d":"canary",}');
  const text = folder.write('text.txt', 'canary canary');
  const cases = [
    broken,
    text,
    folder.write('empty', ''),
    folder.write('half.pem', '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'),
    folder.write('list.json', '{"keys":"canary"}'),
    folder.at('absent'),
  ];
  it.each(
    ['inspect', 'convert', 'thumbprint', 'jwks', 'lint'].flatMap((command) => cases.map((file) => [command, file])),
  )('is told by %s of %s, and not repeated', async (command, file) => {
    const { exit, stdout, stderr } = await run([
      'keys',
      command,
      file,
      ...(command === 'convert' ? ['--to', 'pem', '--out', '-'] : []),
    ]);
    expect(exit).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain('canary');
    expect(stderr).not.toContain('internal error');
    expect(stderr.trim().split('\n').length).toBeLessThan(2);
  });
});
