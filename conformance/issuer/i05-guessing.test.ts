/**
 * ATTACKS.md I5: user enumeration by text, status or time; password spraying; credential stuffing; lock-out used against a user. Uniform
 * answers; limits by account and by address that cannot lock a user out of a known device.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startWorld, type IssuerWorld } from './fixture.ts';

const MINUTES_MS = 60_000;
const USERS = ['bob', 'carl', 'dora', 'eve', 'fay', 'gus'];
let world: IssuerWorld;

beforeAll(async () => {
  world = await startWorld(
    {
      // A proxy on this machine says where a request comes from.
      trustProxies: ['127.0.0.1'],
      loginLimits: { account: { attempts: 5 }, address: { attempts: 12 }, device: { attempts: 3 } },
    },
    USERS,
  );
});
afterAll(() => world.close());

let addresses = 0;
const newAddress = () => `198.51.100.${++addresses}`;

const attempt = (username: string, password: string, more: { address?: string; device?: unknown } = {}) =>
  world.post(
    '/v1/login',
    { username, password, client_id: 'app', ...(more.device === undefined ? {} : { device_token: more.device }) },
    { 'x-forwarded-for': more.address ?? newAddress() },
  );

describe('I5: what an answer says of an account', () => {
  const shape = ({ status, headers, body }: Awaited<ReturnType<typeof attempt>>) => ({
    status,
    names: [...headers.keys()].toSorted(),
    body: { ...body, request_id: '' },
  });

  it('is the same for one that exists, one that does not, one that is disabled, and a name that nobody can have', async () => {
    const user = await world.issuer.admin.createUser({ username: 'gone', password: PASSWORD });
    await world.issuer.admin.changeUser(user.id, { disabled: true });
    const known = shape(await attempt('ann', 'wrong'));
    expect(known.status).toBe(401);
    expect(shape(await attempt('nobody', 'wrong'))).toEqual(known);
    expect(shape(await attempt('no body', 'wrong'))).toEqual(known);
    expect(shape(await attempt('gone', PASSWORD))).toEqual(known);
  });

  it('is the same when attempts are used up, and comes after as many', async () => {
    const answers = async (name: string) => {
      const seen: object[] = [];
      for (let index = 0; index < 7; index++) seen.push(shape(await attempt(name, 'wrong')));
      return seen;
    };
    const known = await answers('bob');
    expect(known.map((each) => (each as { status: number }).status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(await answers('nobody-at-all')).toEqual(known);
  });

  it('takes as long whether or not the account exists', async () => {
    const timed = async (name: string) => {
      const started = performance.now();
      await attempt(name, 'wrong');
      return performance.now() - started;
    };
    const names = Array.from({ length: 30 }, (_, index) => `timed-${index}`);
    for (const username of names) await world.issuer.admin.createUser({ username, password: PASSWORD });
    const known: number[] = [];
    const unknown: number[] = [];
    // In turns, so that what else the machine does falls on both.
    for (const name of names) {
      known.push(await timed(name));
      unknown.push(await timed(`un${name}`));
    }
    const lowerQuartile = (times: number[]) => times.toSorted((a, b) => a - b)[7] ?? 0;
    // Without the hash an answer takes a tenth.
    const ratio = lowerQuartile(unknown) / lowerQuartile(known);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1 / 0.6);
  });
});

describe('I5: guessing at one account', () => {
  it('is refused after the limit, also with the right password, until the time is over', async () => {
    for (let index = 0; index < 5; index++) expect((await attempt('carl', 'wrong')).status).toBe(401);
    const refused = await attempt('carl', PASSWORD);
    expect([refused.status, refused.body['code']]).toEqual([429, 'too_many_attempts']);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(14 * 60);
    expect(wait).toBeLessThanOrEqual(15 * 60);
    world.pass(wait * 1000);
    expect((await attempt('carl', PASSWORD)).status).toBe(200);
  });

  it('all at once is refused after the limit too', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt('eve', 'wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it('refuses no right login for others that are under way, from many addresses or from one', async () => {
    const statuses = async (count: number, login: (index: number) => ReturnType<typeof attempt>) => {
      const answers = await Promise.all(Array.from({ length: count }, (_, index) => login(index)));
      return answers.map(({ status }) => status);
    };
    const all = (count: number) => Array.from({ length: count }, () => 200);
    expect(await statuses(30, () => attempt('gus', PASSWORD))).toEqual(all(30));
    const address = newAddress();
    expect(await statuses(30, () => attempt('gus', PASSWORD, { address }))).toEqual(all(30));
    // Other accounts than the one before, all behind one address.
    for (let index = 0; index < 16; index++) {
      await world.issuer.admin.createUser({ username: `office-${index}`, password: PASSWORD });
    }
    expect(await statuses(16, (index) => attempt(`office-${index}`, PASSWORD, { address }))).toEqual(all(16));
    // And a guess costs as before: no more than the limit are looked at, however many come at once.
    const guesses = await statuses(30, () => attempt('gus', 'wrong', { address }));
    expect(guesses.filter((status) => status === 401)).toHaveLength(5);
    expect(guesses.filter((status) => status === 429)).toHaveLength(25);
  });

  it('finds other spellings of the name counted with it', async () => {
    const spellings = ['fay', 'FAY', 'ｆａｙ', 'Fay', 'faY', 'fay'];
    const answers: number[] = [];
    for (const spelling of spellings) answers.push((await attempt(spelling, 'wrong')).status);
    expect(answers).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('never locks the user out of a device that is known', async () => {
    const { body } = await attempt('dora', PASSWORD);
    const device = body['device_token'];
    for (let index = 0; index < 8; index++) await attempt('dora', 'wrong');
    expect((await attempt('dora', PASSWORD)).status).toBe(429);
    const address = newAddress();
    for (let index = 0; index < 14; index++) await attempt(`spray-${index}`, 'wrong', { address });
    expect((await attempt('ann', PASSWORD, { address })).status).toBe(429);
    // From the very address that is refused to everybody else.
    expect((await attempt('dora', PASSWORD, { device, address })).status).toBe(200);
    // A device has a limit of its own, in case it is not the user who holds it.
    for (let index = 0; index < 3; index++) expect((await attempt('dora', 'wrong', { device })).status).toBe(401);
    expect((await attempt('dora', PASSWORD, { device })).status).toBe(429);
    world.pass(15 * MINUTES_MS);
    // And it is known to this user alone, for a time.
    for (let index = 0; index < 6; index++) await attempt('ann', 'wrong', { device });
    expect((await attempt('ann', PASSWORD, { device })).status).toBe(429);
    world.pass(366 * 24 * 60 * MINUTES_MS);
    for (let index = 0; index < 6; index++) await attempt('dora', 'wrong');
    expect((await attempt('dora', PASSWORD, { device })).status).toBe(429);
    world.pass(15 * MINUTES_MS);
  });
});

describe('I5: one password tried on many accounts', () => {
  it('is refused for the address, whatever the account; the right ones are not counted', async () => {
    const address = newAddress();
    for (let index = 0; index < 15; index++) expect((await attempt('ann', PASSWORD, { address })).status).toBe(200);
    for (let index = 0; index < 12; index++) {
      expect((await attempt(`someone-${index}`, 'Winter2026!', { address })).status).toBe(401);
    }
    expect((await attempt('ann', PASSWORD, { address })).status).toBe(429);
    expect((await attempt('ann', PASSWORD)).status).toBe(200);
  });

  it('counts the addresses of one IPv6 network together', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 13; index++) {
      statuses.push((await attempt(`six-${index}`, 'wrong', { address: `2001:db8:7:7::${index + 1}` })).status);
    }
    expect(statuses.slice(-2)).toEqual([401, 429]);
  });

  it('cannot be hidden behind an address that nobody vouches for', async () => {
    const direct = await startWorld({ loginLimits: { address: { attempts: 3 } } });
    try {
      const statuses: number[] = [];
      for (let index = 0; index < 4; index++) {
        const body = { username: `name-${index}`, password: 'wrong', client_id: 'app' };
        statuses.push((await direct.post('/v1/login', body, { 'x-forwarded-for': newAddress() })).status);
      }
      expect(statuses).toEqual([401, 401, 401, 429]);
    } finally {
      await direct.close();
    }
  });

  it('is seen by operators: in a metric, and once for each limit in the audit', async () => {
    const { body } = await world.metrics.render();
    expect(body).toMatch(/sealgate_issuer_login_limited_total\{by="account"\} [1-9]/u);
    expect(body).toMatch(/sealgate_issuer_login_limited_total\{by="address"\} [1-9]/u);
    const told = await world.issuer.admin.audit.list({ event: 'login', limit: 1000 });
    const limited = told.filter((row) => row['reason'] === 'limited_by_account');
    expect(limited.length).toBeGreaterThan(3);
    expect(limited.length).toBeLessThan(12);
  });
});
