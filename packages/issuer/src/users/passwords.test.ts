/** Passwords: argon2id (RFC 9106), bounded, and as slow for users that do not exist. */
import { describe, expect, it } from 'vitest';
import { PasswordQueueFull, Passwords } from './passwords.ts';

const cost = { memoryKib: 8192, iterations: 1, parallelism: 1 };
const create = (difference: object = {}) => new Passwords({ cost, concurrency: 2, queueLimit: 100, ...difference });

describe('passwords', () => {
  it('match what was hashed, and nothing else', async () => {
    const passwords = create();
    const stored = await passwords.hash('correct horse');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$/u);
    expect(await passwords.verify('correct horse', stored)).toBe(true);
    expect(await passwords.verify('correct horsf', stored)).toBe(false);
  });

  it('match however the keyboard composes a letter (RFC 8265 section 4.2)', async () => {
    const passwords = create();
    expect(await passwords.verify('cafe\u0301 au lait', await passwords.hash('caf\u00e9 au lait'))).toBe(true);
  });

  it('of nobody are hashed all the same, and never match', async () => {
    const passwords = create();
    expect(await passwords.verify('no user has this password', undefined)).toBe(false);
  });

  it('are hashed no more at a time than allowed; more than may wait are refused', async () => {
    const passwords = create({ concurrency: 1, queueLimit: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash('password')));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes.at(-1)).toMatchObject({ reason: expect.any(PasswordQueueFull) });
    await expect(passwords.hash('password')).resolves.toMatch(/^\$argon2id/u);
  });

  it('hashed at another cost are known as outdated', async () => {
    const stored = await create().hash('password');
    expect(create().isOutdated(stored)).toBe(false);
    expect(create({ cost: { ...cost, iterations: 2 } }).isOutdated(stored)).toBe(true);
  });
});
