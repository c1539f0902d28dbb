import { exportSecret, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { encryptJwe, publicEncryptionKey } from '@sealgate/jwt/jwe';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, run, testFolder } from '../run-command.ts';

const folder = testFolder();
const key = generateKey('ES256', { kid: 'k1' });
const claims = { iss: 'https://issuer.test', sub: 'alice', aud: 'https://api.acme.test', iat: NOW, exp: NOW + 600 };
const token = signJwt(claims, { key, typ: 'at+jwt' });
const [head = '', payload = '', signature = ''] = token.split('.');

const decode = (text: string, ...options: readonly string[]) =>
  run(['token', 'decode', '-', ...options], { stdin: `${text}\r\n` });
const json = async (text: string) => JSON.parse((await decode(text, '--json')).stdout);

describe('token decode', () => {
  it('shows header and claims, what they mean, what times are now, and says that nothing is verified', async () => {
    const { exit, stdout } = await run(['token', 'decode', token]);
    expect(exit).toBe(0);
    expect(stdout).toContain('Not verified');
    expect(stdout).toContain('Signed token · Access token (RFC 9068) · 9 minutes left of a life of 10 minutes');
    expect(stdout).toMatch(/^ {2}alg {2}ES256 {3}Algorithm that signed/mu);
    expect(stdout).toMatch(/^ {2}exp {2}1700000600 {2}\(2023-11-14T22:23:20Z, in 9 minutes\) +Expires:/mu);
    expect(stdout).toContain('Signature  64 bytes, not shown');
  });

  it('gives the same as JSON', async () => {
    expect(await json(token)).toEqual({
      verified: false,
      form: 'jws',
      kind: 'access-token',
      header: { alg: 'ES256', kid: 'k1', typ: 'at+jwt' },
      claims,
      signature: { bytes: 64 },
      characters: token.length,
      faults: [],
    });
  });

  it('prints nothing from which the token could be put together again', async () => {
    for (const options of [[], ['--json']]) {
      const { stdout } = await decode(token, ...options);
      expect(stdout).not.toContain(signature);
      expect(stdout).not.toContain(payload);
    }
  });

  it('is coloured on a terminal, and not with --no-color', async () => {
    expect((await run(['token', 'decode', token], { color: true })).stdout).toContain('\u001b[');
    expect((await run(['token', 'decode', token, '--no-color'], { color: true })).stdout).not.toContain('\u001b');
    expect((await run(['--no-color', 'token', 'decode', token], { color: true })).stdout).not.toContain('\u001b');
  });

  it('reads a file, and says when there is none', async () => {
    expect((await run(['token', 'decode', folder.write('a.jwt', `${token}\n`)])).exit).toBe(0);
    const { exit, stderr } = await run(['token', 'decode', folder.at('absent.jwt')]);
    expect(stderr).toContain('there is no such file');
    expect(exit).toBe(2);
  });

  it('says what is inside an encrypted token only as far as anybody can tell', async () => {
    const recipient = generateKey('ECDH-ES+A256KW');
    const jwe = await encryptJwe(token, { key: publicEncryptionKey(recipient), cty: 'JWT' });
    const { exit, stdout } = await decode(jwe);
    expect(stdout).toContain('Encrypted token');
    expect(stdout).toMatch(/^ {2}enc {2}A256GCM/mu);
    expect(stdout).toContain('sealgate token decrypt');
    expect(exit).toBe(0);
  });

  it('shows a token inside a token', async () => {
    const bytes = (text: string) => Buffer.from(text).toString('base64url');
    const outer = `${bytes('{"alg":"ES256","cty":"JWT"}')}.${bytes(token)}.${signature}`;
    const { stdout } = await decode(outer);
    expect(stdout).toContain('The token inside\n    Signed token');
    expect(stdout).toMatch(/^ {6}sub {2}alice/mu);
  });
});

describe('a token that is broken', () => {
  it.each<[string, string, string, string]>([
    ['cut off in the payload', `${head}.${payload.slice(0, 60)}`, 'json-ends-early', 'sub'],
    ['without its signature', `${head}.${payload}`, 'parts-two', 'alice'],
    ['with another alphabet', `${head}.${payload.slice(0, 40)}+${payload.slice(41)}.${signature}`, 'base64-', 'alice'],
    ['padded', `${head}=.${payload}.${signature}`, 'base64-padding', 'alice'],
    ['unsigned', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.', 'alg-none', 'alice'],
  ])('%s is shown as far as it goes, with the place and the reason', async (_name, text, code, shown) => {
    const { exit, stdout } = await decode(text);
    expect(stdout).toContain(`[${code}`);
    expect(stdout).toContain(shown);
    expect(stdout).not.toContain(signature);
    expect(exit).toBe(1);
  });

  it('points at the character', async () => {
    const { stdout } = await decode(`${head}.${payload.slice(0, 40)}+${payload.slice(41)}.${signature}`);
    expect(stdout).toContain(`at character ${head.length + 1 + 40 + 1}, in the payload:`);
    const lines = stdout.split('\n');
    const mark = lines.findIndex((line) => /^ +\^+$/u.test(line) && lines[lines.indexOf(line) - 1]?.includes('+'));
    expect(lines[mark - 1]?.[lines[mark]?.indexOf('^') ?? 0]).toBe('+');
  });

  it.each([
    ['a word', 'canary', 'opaque'],
    ['a key', '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----', 'pem-key'],
    ['prose', 'the canary is not here', 'prose'],
  ])('is not seen in %s, which is named and not repeated', async (_name, text, kind) => {
    const { exit, stdout, stderr } = await decode(text);
    expect(stdout).toContain(`[${kind}]`);
    expect(stdout).not.toContain('canary');
    expect(stderr).toBe('');
    expect(exit).toBe(1);
  });

  it('says something of whatever it is given, and lets nothing speak to the terminal', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.string(),
    );
    const text = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.')),
      fc
        .string({ unit: 'binary' })
        .map(
          (claim) => `${head}.${Buffer.from(JSON.stringify({ [claim]: claim })).toString('base64url')}.${signature}`,
        ),
      fc.nat(token.length).map((at) => token.slice(0, at)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const { exit, stdout, stderr } = await decode(given);
        expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        if (given.trim() === '') expect(exit).toBe(2);
        else {
          expect(stdout.length).toBeGreaterThan(10);
          expect(stderr).toBe('');
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('tokens in other text', () => {
  const other = signJwt({ ...claims, sub: 'bob' }, { key: generateKey('HS256'), typ: 'at+jwt' });

  it('are found in a log, each once, with the line', async () => {
    const log = [
      '2026-01-01T00:00:00Z INFO start',
      `2026-01-01T00:00:01Z GET /orders authorization="Bearer ${token}" 401`,
      `{"level":"info","headers":{"authorization":"Bearer ${other}"}}`,
      `2026-01-01T00:00:02Z GET /orders?access_token=${token}&x=1`,
    ].join('\n');
    const { exit, stdout } = await decode(log);
    expect(stdout).toContain('Token 1 of 2 at line 2, column 56, authorization, and 1 more time');
    expect(stdout).toContain('Token 2 of 2 at line 3, column 52, authorization');
    expect(exit).toBe(0);
    expect((await json(log)).map((each: { claims: object }) => each.claims)).toMatchObject([
      { sub: 'alice' },
      { sub: 'bob' },
    ]);
  });

  it('are found in a HAR file, with the request', async () => {
    const entry = {
      request: {
        method: 'GET',
        url: 'https://api.acme.test/orders?page=1',
        headers: [{ name: 'Authorization', value: `Bearer ${token}` }],
        cookies: [],
      },
      response: {
        content: { text: Buffer.from(JSON.stringify({ access_token: other })).toString('base64'), encoding: 'base64' },
      },
    };
    const file = folder.write('a.har', JSON.stringify({ log: { entries: [entry, null, { request: 3 }] } }));
    const { stdout } = await run(['token', 'decode', file]);
    expect(stdout).toContain('Token 1 of 2 at GET https://api.acme.test/orders, request header Authorization');
    expect(stdout).toContain('Token 2 of 2 at GET https://api.acme.test/orders, response body');
  });

  it('are found wherever they stand', async () => {
    const around = fc
      .string({ maxLength: 40 })
      .filter((text) => !/[\w.~%+/=-]$|e[yw]/u.test(text) && !text.includes('"'));
    const line = fc.tuple(
      around,
      fc.constantFrom(token, other),
      fc.constantFrom('', ' ', '"', ',', ';', '&a=b', ' HTTP/1.1'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 6 }), async (lines) => {
        const text = lines.map(([before, found, after]) => `x ${before} ${found}${after}`).join('\n');
        const told = [await json(text)].flat();
        expect(new Set(told.map(({ characters }: { characters: number }) => characters))).toEqual(
          new Set(lines.map(([, found]) => found.length)),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('must be one where a command takes one', async () => {
    const { exit, stderr } = await run(['token', 'lint', '-'], { stdin: `${token}\n${other}\n` });
    expect(stderr).toContain('there are 2 tokens here');
    expect(exit).toBe(2);
  });
});

describe('what others can see', () => {
  it('is never a secret', async () => {
    const secret = generateKey('HS256');
    const text = Buffer.from(exportSecret(secret)).toString('base64url');
    const file = folder.write('secret.txt', text);
    const signed = await run([
      'token',
      'sign',
      '--secret',
      file,
      '--secret-encoding',
      'base64url',
      '--algorithm',
      'HS256',
      '--json',
    ]);
    expect(signed.exit).toBe(0);
    expect(signed.stdout + signed.stderr).not.toContain(text);
    const wrong = await run(['token', 'sign', '--secret', 'hunter2-hunter2', '--algorithm', 'HS256']);
    expect(wrong.stderr).toContain('never the secret itself');
    expect(wrong.stderr).not.toContain('hunter2');
    expect(publicKey(key).type).toBe('public');
  });
});
