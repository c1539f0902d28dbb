/** What a new password must be (NIST SP 800-63B-4 section 3.1.1.2). */
import { describe, expect, it } from 'vitest';
import { PasswordPolicy } from './password-policy.ts';

const policy = new PasswordPolicy({ minLength: 15, filter: undefined });
const check = (password: string) => policy.assertAcceptable(password, 'annabel@example.com');

describe('a new password', () => {
  it.each([
    ['correct horse battery staple'],
    ['fifteen letters'],
    ['пароль из слов.'],
    ['🐎🔋📎🐎🔋📎🧷🧵🧶🪡🧺🧹🪣🧽🧼'],
    ['a'.repeat(14) + 'bcdefgh!xyz'],
  ])('may be %j', async (password) => {
    await expect(check(password)).resolves.toBeUndefined();
  });

  it.each([
    ['fourteen lette', 'at least 15 characters'],
    // Counted in characters, not in bytes (section 3.1.1.2: each code point is one).
    ['ääääääääbbbbbb', 'at least 15 characters'],
    ['x'.repeat(1025), 'at most 1024 bytes'],
    ['Password-Password-2026!', 'first that are guessed'],
    ['aaaaaaaaaaaaaaaaaaaa', 'first that are guessed'],
    ['abcabcabcabcabcabc', 'first that are guessed'],
    ['abcdefghijklmnopqrstuvw', 'first that are guessed'],
    ['987654321098765432', 'first that are guessed'],
    ['!!!!!!!!!!!!!!!!!!!!', 'first that are guessed'],
    ['Annabel.Annabel.2026', 'made of the user name'],
  ])('may not be %j', async (password, reason) => {
    return expect(check(password)).rejects.toMatchObject({
      code: 'password_unacceptable',
      message: expect.stringContaining(reason),
    });
  });
});
