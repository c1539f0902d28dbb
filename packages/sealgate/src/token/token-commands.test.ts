import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJwk, exportPublicPem, exportSecret, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../cli.ts';

const NOW = 1_700_000_000;
const ISSUER = 'https://issuer.test';
const AUDIENCE = 'https://api.acme.test';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-token-'));
const inFolder = (name: string, content: string | Uint8Array) => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};
afterAll(() => rmSync(folder, { recursive: true }));

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
const jwks = inFolder('jwks.json', JSON.stringify({ keys: [exportJwk(publicKey(key))] }));
const pem = inFolder('public.pem', exportPublicPem(publicKey(key)));

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], stdin = ''): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const exit = await runCommand(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    readStdin: async () => stdin,
    nowSeconds: () => NOW + 60,
  });
  return { exit, stdout, stderr };
}

const verify = (options: readonly string[], text = token) =>
  run(['token', 'verify', '-', '--issuer', ISSUER, ...options], `${text}\n`);

describe('token decode', () => {
  it('shows header, claims and what times mean now, and says that nothing is verified', async () => {
    const { exit, stdout } = await run(['token', 'decode', token]);
    expect(exit).toBe(0);
    expect(stdout).toContain('Not verified');
    expect(stdout).toMatch(/^ {2}alg {2}ES256$/mu);
    expect(stdout).toMatch(/^ {2}exp +1700000600 {2}\(2023-11-14T22:23:20Z, in 9 minutes\)$/mu);
    expect(stdout).toContain('64 bytes, not shown');
  });

  it('reads standard input, with the line break that echo adds', async () => {
    const { exit, stdout } = await run(['token', 'decode', '-', '--json'], `${token}\r\n`);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      verified: false,
      header: { alg: 'ES256', kid: 'k1', typ: 'at+jwt' },
      claims,
      signature: { bytes: 64 },
    });
  });

  it('prints nothing from which the token could be put together again', async () => {
    const [, payload = '', signature = ''] = token.split('.');
    for (const options of [[], ['--json']]) {
      const { stdout } = await run(['token', 'decode', token, ...options]);
      expect(stdout).not.toContain(signature);
      expect(stdout).not.toContain(payload);
    }
  });

  it.each([
    ['no token at all', 'canary', 'token_malformed'],
    ['two parts', 'eyJhbGciOiJub25lIn0.e30', 'token_malformed'],
    ['padding', `${token}=`, 'base64url_invalid'],
    ['an encrypted token', 'a.b.c.d.e', 'token_malformed'],
  ])('refuses %s with exit code 1 and the reason', async (_name, text, code) => {
    const { exit, stdout, stderr } = await run(['token', 'decode', '-'], text);
    expect(exit).toBe(1);
    expect(stdout).toContain(`[${code}]`);
    expect(stdout).toContain('what to do:');
    expect(stdout).not.toContain('canary');
    expect(stderr).toBe('');
  });
});

describe('token verify', () => {
  it.each([
    ['a key set', ['--jwks', jwks]],
    ['a JWK', ['--key', inFolder('key.jwk', JSON.stringify(exportJwk(publicKey(key))))]],
    ['a PEM', ['--key', pem, '--algorithm', 'ES256']],
  ])('with %s', async (_name, keys) => {
    const { exit, stdout } = await verify([...keys, '--audience', AUDIENCE]);
    expect(stdout).toMatch(/^valid\n/u);
    expect(stdout).toContain('Not checked: revocation');
    expect(exit).toBe(0);
  });

  it('with a shared secret', async () => {
    const secret = generateKey('HS256');
    const file = inFolder('secret', exportSecret(secret));
    const signed = signJwt(claims, { key: secret, typ: 'at+jwt' });
    expect(await verify(['--key', file, '--algorithm', 'HS256', '--no-audience'], signed)).toMatchObject({ exit: 0 });
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
    expect((await verify(['--jwks', jwks, '--no-audience'])).stdout).toContain('Not checked: the audience');
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
      'not both',
    ],
    [
      'an unknown algorithm',
      ['token', 'verify', '-', '--issuer', ISSUER, '--jwks', jwks, '--no-audience', '--algorithm', 'ES265'],
      'did you mean "ES256"?',
    ],
    [
      'a PEM without an algorithm',
      ['token', 'verify', '-', '--issuer', ISSUER, '--key', pem, '--no-audience'],
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
    const { exit, stdout, stderr } = await run(args, token);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it('does not repeat a private key that is in the wrong file', async () => {
    const file = inFolder('broken.json', '{"keys":[{"kty":"EC","d":"canary",}]}');
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

describe('help', () => {
  it.each([
    ['--help'],
    ['serve', '--help'],
    ['check', '--help'],
    ['token', 'decode', '--help'],
    ['token', 'verify', '--help'],
  ])('of %s has examples and exit code 0', async (...args) => {
    const { exit, stdout } = await run(args);
    expect(stdout).toContain('Examples:');
    expect(exit).toBe(0);
  });

  it.each([[[]], [['token']]])('is shown to whoever calls %j without a command, with exit code 2', async (args) => {
    const { exit, stdout, stderr } = await run(args);
    expect(stderr).toContain('Usage:');
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });

  it('says its version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });
});
