import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { run, testFolder } from './run-command.ts';

const folder = testFolder();

/** Signed as a careless issuer would: the library refuses such secrets. */
function tokenOf(secret: string | Buffer): string {
  const part = (text: string) => Buffer.from(text).toString('base64url');
  const input = `${part('{"alg":"HS256"}')}.${part('{"sub":"a"}')}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

describe('crack', () => {
  const words = folder.write('words.txt', 'one\r\ntwo\nCorrectHorse9\n');
  it.each<[string, string, readonly string[], string]>([
    ['of a tutorial', 'your-256-bit-secret', [], 'the built-in list'],
    ['that was changed as people do', 'Changeme2024', [], 'the built-in list'],
    ['of a word list', 'CorrectHorse9', ['--words', words], 'the word list'],
    ['that is short', 'z9', ['--max-length', '2'], 'short secrets'],
  ])('finds a secret %s, and shows it only when asked', async (_name, secret, options, where) => {
    const { exit, stdout, stderr } = await run(['crack', '-', ...options], { stdin: tokenOf(secret) });
    expect(stdout).toContain(`found: it is in ${where}, ${secret.length} characters`);
    expect(stdout + stderr).not.toContain(secret);
    expect(exit).toBe(0);
    const shown = await run(['crack', '-', '--show', '--json', ...options], { stdin: tokenOf(secret) });
    expect(JSON.parse(shown.stdout)).toMatchObject({ found: true, in: where, secret });
  });

  it('finds no random secret, and says what was tried', async () => {
    const token = tokenOf(randomBytes(32));
    const { exit, stdout } = await run(['crack', '-', '--max-length', '1', '--json'], { stdin: token });
    expect(JSON.parse(stdout)).toMatchObject({ found: false, complete: true });
    expect(exit).toBe(1);
    const bounded = await run(['crack', '-', '--tries', '100'], { stdin: token });
    expect(bounded).toMatchObject({ exit: 1, stdout: expect.stringContaining('the bound was reached') });
  });

  it.each<[string, readonly string[], string]>([
    ['an alphabet that there is not', ['--alphabet', 'latin'], '--alphabet'],
    ['a length that is none', ['--max-length', 'x'], '--max-length'],
    ['a time without a unit', ['--time', '5'], '--time'],
    ['a number of tries that is none', ['--tries', '0'], '--tries'],
    ['a list that is not there', ['--words', '/absent'], 'there is no such file'],
  ])('takes %s for misuse', async (_name, options, message) => {
    const { exit, stdout, stderr } = await run(['crack', '-', ...options], { stdin: tokenOf('x') });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(exit).toBe(2);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('for %s knows every command and its options', async (shell) => {
    const { exit, stdout } = await run(['completion', shell]);
    for (const word of ['serve', 'decode', 'thumbprint', 'signature-only', 'ECDH-ES+A256KW'])
      expect(stdout).toContain(word);
    expect(exit).toBe(0);
  });

  it('works in bash', async () => {
    const script = folder.write('sealgate.bash', (await run(['completion', 'bash'])).stdout);
    const ask = (...words: readonly string[]) => {
      const program = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sealgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', program, script, 'sealgate', ...words], { encoding: 'utf8' })
        .trim()
        .split('\n');
    };
    expect(ask('token', 'de')).toEqual(['decode', 'decrypt']);
    expect(ask('token', 'sign', '--algorithm', 'ES')).toEqual(['ES256', 'ES384', 'ES512', 'ES256K']);
    expect(ask('token', 'decode', '--j')).toEqual(['--json']);
    expect(ask('keys', 'convert', 'x', '--to', 'pk')).toEqual(['pkcs1']);
    expect(ask('completion', 'f')).toEqual(['fish']);
  });

  it('is for shells that there are', async () => {
    expect((await run(['completion', 'tcsh'])).exit).toBe(2);
  });
});
