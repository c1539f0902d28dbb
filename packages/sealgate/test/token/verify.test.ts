import { exportJwk, exportPublicPem, exportSecret, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW, run, testFolder } from '../run-command.ts';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'https://api.acme.test';

const folder = testFolder();
const key = generateKey('ES256', { kid: 'k1' });
const claims = {
  iss: ISSUER,
  sub: 'alice',
  aud: AUDIENCE,
  iat: NOW,
  exp: NOW + 600,
  jti: 'j1',
  client_id: 'orders-web',
  scope: 'orders:read',
};
const token = signJwt(claims, { key, typ: 'at+jwt' });
const jwks = folder.write('jwks.json', JSON.stringify({ keys: [exportJwk(publicKey(key))] }));
const pem = folder.write('public.pem', exportPublicPem(publicKey(key)));

const rsaPem = folder.write('rsa.pem', exportPublicPem(publicKey(generateKey('RS256'))));

const verify = (options: readonly string[], text = token) =>
  run(['token', 'verify', '-', '--issuer', ISSUER, ...options], { stdin: `${text}\n` });

describe('token verify', () => {
  it.each([
    ['a key set', ['--jwks', jwks]],
    ['a JWK', ['--key', folder.write('key.jwk', JSON.stringify(exportJwk(publicKey(key))))]],
    ['a PEM', ['--key', pem]],
  ])('with %s', async (_name, keys) => {
    const { exit, stdout } = await verify([...keys, '--audience', AUDIENCE]);
    expect(stdout).toMatch(/^valid\n/u);
    expect(stdout).toContain('Not checked: revocation');
    expect(exit).toBe(0);
  });

  it('with a shared secret', async () => {
    const secret = generateKey('HS256');
    const file = folder.write('secret', exportSecret(secret));
    const signed = signJwt(claims, { key: secret, typ: 'at+jwt' });
    const secretOptions = ['--secret', file, '--secret-encoding', 'raw', '--algorithm', 'HS256'];
    expect(await verify([...secretOptions, '--no-audience'], signed)).toMatchObject({ exit: 0 });
  });

  it('takes the token also after options that may be given more than once', async () => {
    const options = ['--issuer', ISSUER, '--jwks', jwks, '--audience', 'x', '--audience', AUDIENCE];
    expect((await run(['token', 'verify', ...options, token])).exit).toBe(0);
  });

  it('gives the verified claims as JSON', async () => {
    const { stdout } = await verify(['--jwks', jwks, '--audience', AUDIENCE, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, claims, kid: 'k1', unchecked: ['revocation'] });
  });

  it('says what was left open on request', async () => {
    expect((await verify(['--jwks', jwks, '--no-audience'])).stdout).toContain('Not checked: audience, revocation');
  });

  const payload = token.split('.')[1] ?? '';
  it.each<[string, readonly string[], string, string]>([
    ['another audience', ['--audience', 'https://other.test'], token, 'audience_mismatch'],
    ['another kind', ['--no-audience', '--typ', 'JWT'], token, 'typ_mismatch'],
    [
      'another algorithm',
      ['--no-audience', '--algorithm', 'ES256', '--algorithm', 'RS256'],
      signJwt(claims, { key: generateKey('ES384'), typ: 'at+jwt' }),
      'algorithm_not_allowed',
    ],
    [
      'another key',
      ['--no-audience'],
      signJwt(claims, { key: generateKey('ES256', { kid: 'k1' }), typ: 'at+jwt' }),
      'signature_invalid',
    ],
    ['a changed payload', ['--no-audience'], token.replace(payload, payload.replace(/^e/u, 'f')), ''],
    [
      'a token of the past',
      ['--no-audience'],
      signJwt({ ...claims, iat: NOW - 900, exp: NOW }, { key, typ: 'at+jwt' }),
      'token_expired',
    ],
    [
      'a missing claim',
      ['--no-audience'],
      signJwt({ ...claims, jti: undefined }, { key, typ: 'at+jwt' }),
      'claim_missing',
    ],
    [
      'another issuer',
      ['--no-audience'],
      signJwt({ ...claims, iss: 'https://evil.test' }, { key, typ: 'at+jwt' }),
      'issuer_unknown',
    ],
  ])('refuses %s with exit code 1', async (_name, options, text, code) => {
    const { exit, stdout } = await verify(['--jwks', jwks, ...options], text);
    expect(stdout).toContain(code === '' ? 'not valid' : `[${code}]`);
    expect(exit).toBe(1);
  });

  it('bears with clocks that differ, as far as asked', async () => {
    const old = signJwt({ ...claims, iat: NOW - 900, exp: NOW + 40 }, { key, typ: 'at+jwt' });
    expect((await verify(['--jwks', jwks, '--no-audience'], old)).exit).toBe(1);
    expect((await verify(['--jwks', jwks, '--no-audience', '--clock-skew', '30s'], old)).exit).toBe(0);
  });

  it.each<[string, readonly string[], string]>([
    ['no issuer', ['token', 'verify', '-', '--jwks', jwks, '--no-audience'], '--issuer'],
    ['no audience', ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', jwks], '--audience'],
    [
      'two sources of keys',
      ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', jwks, '--key', pem, '--no-audience'],
      'give one of',
    ],
    [
      'an unknown algorithm',
      ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', jwks, '--no-audience', '--algorithm', 'ES265'],
      'did you mean "ES256"?',
    ],
    [
      'a PEM that could serve several algorithms',
      ['token', 'verify', '-', '--issuer', ISSUER, '--key', rsaPem, '--no-audience'],
      '--algorithm',
    ],
    [
      'a file that is not there',
      ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', '/absent.json', '--no-audience'],
      'there is no such file',
    ],
    ['keys over plain http', ['token', 'verify', '-', '--issuer', 'http://issuer.test', '--no-audience'], 'https'],
    [
      'a clock skew without a unit',
      ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', jwks, '--no-audience', '--clock-skew', '5'],
      '30s',
    ],
    ['an unknown option', ['token', 'verify', '-', '--isuer', ISSUER], 'Did you mean --issuer?'],
    ['an unknown command', ['token', 'encode'], "'encode'"],
    ['no token', ['token', 'decode'], 'no token given'],
  ])('takes %s for misuse: exit code 2, one line that says what to do', async (_name, args, message) => {
    const { exit, stdout, stderr } = await run(args, { stdin: token });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it('does not repeat a private key that is in the wrong file', async () => {
    const file = folder.write('broken.json', '{"keys":[{"kty":"EC","d":"canary",}]}');
    const { stdout, stderr } = await verify(['--jwks', file, '--no-audience']);
    expect(stdout + stderr).not.toContain('canary');
  });
});

describe('token verify with keys from an address', () => {
  let url = '';
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/.well-known/') === true) {
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    } else response.end(JSON.stringify({ keys: [exportJwk(publicKey(key))] }));
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('finds them by discovery', async () => {
    const signed = signJwt({ ...claims, iss: url }, { key, typ: 'at+jwt' });
    const { exit, stderr } = await run(['token', 'verify', signed, '--issuer', url, '--audience', AUDIENCE]);
    expect(stderr).toBe('');
    expect(exit).toBe(0);
  });

  it('takes them from where it is told', async () => {
    paths.length = 0;
    const { exit } = await verify(['--jwks', `${url}/jwks`, '--audience', AUDIENCE]);
    expect(exit).toBe(0);
    expect(paths).toEqual(['/jwks']);
  });

  it('answers neither yes nor no when they cannot be had', async () => {
    const nobody = 'http://127.0.0.1:1';
    const signed = signJwt({ ...claims, iss: nobody }, { key, typ: 'at+jwt' });
    const { exit, stdout, stderr } = await run(['token', 'verify', signed, '--issuer', nobody, '--no-audience']);
    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
