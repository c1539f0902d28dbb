/** Several workers behind one port, as their operator and their clients see them. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, logIn, request } from '../harness/client.ts';
import { runSealgate, startServer } from '../harness/server-process.ts';
import { ask, startFleet, statusesOf, workersOf, type Fleet } from './fleet.ts';
import { statusThroughProxy } from './proxied-request.ts';
import { createSmallFolder } from './small-folder.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(2);
});
afterAll(async () => fleet.close());

const repeat = <Result>(count: number, act: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

const SERVING = 'sealgate_gateway_workers{state="serving"}';
const RESTARTS = 'sealgate_gateway_worker_restarts_total';
const REQUESTS = 'sealgate_gateway_requests_total';

describe('one view of all workers', () => {
  it('counts every request, whichever worker took it', async () => {
    expect(fleet.workers()).toHaveLength(2);
    await repeat(80, (index) => ask(`${fleet.gateway}/open/${index}`));
    expect(await fleet.metric(REQUESTS, '/open/')).toBe(80);
    expect(await fleet.metric('sealgate_gateway_request_duration_seconds_count', '/open/')).toBe(80);
    expect(await fleet.metric(SERVING)).toBe(2);
    // Each process was given some of them to do.
    const busy = fleet.workers().map((pid) => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]));
    expect(Math.min(...busy)).toBeGreaterThan(0);
  });

  it('finds each decision, explains, and shows the routes', async () => {
    const refused = await repeat(12, () => ask(`${fleet.gateway}/orders`));
    for (const { status, headers } of refused) {
      expect(status).toBe(401);
      const found = await request(`${fleet.admin}/decisions/${String(headers['x-request-id'])}`);
      expect(found.json).toMatchObject({ code: 'token_missing', trace: [{ rule: 'token', passed: false }] });
    }
    expect((await request(`${fleet.admin}/decisions/no-such-id`)).status).toBe(404);
    expect((await request(`${fleet.admin}/routes`)).text).toContain('/open/**');
    const body = JSON.stringify({ method: 'GET', url: '/orders' });
    const headers = { 'content-type': 'application/json' };
    const explained = await request(`${fleet.admin}/explain`, { method: 'POST', headers, body });
    expect(explained.json).toMatchObject({ allow: false, code: 'token_missing' });
  });

  it('writes whole lines to the log, also where they are longer than a pipe takes at once', async () => {
    const long = 'x'.repeat(6000);
    await repeat(60, (index) => ask(`${fleet.gateway}/open/line-${index}/${long}`));
    // Lines are gathered for up to 200 ms.
    await expect.poll(() => fleet.server.stdout().match(/\/open\/line-/gu)?.length, { timeout: 3000 }).toBe(60);
    const lines = fleet.server
      .stdout()
      .split('\n')
      .filter((line) => line.includes('/open/line-'));
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ status: 200, code: 'allowed' });
  });
});

describe('when a revocation is answered, no worker admits the token', () => {
  it('on any connection', async () => {
    const tokens = await logIn(fleet.issuer);
    const url = `${fleet.gateway}/orders`;
    expect(new Set(await statusesOf(12, url, bearer(tokens.access)))).toEqual(new Set([200]));
    const out = await request(`${fleet.issuer}/v1/logout`, { method: 'POST', headers: bearer(tokens.access) });
    expect(out.status).toBe(204);
    expect(new Set(await statusesOf(12, url, bearer(tokens.access)))).toEqual(new Set([401]));
  });
});

describe('what is counted together', () => {
  it('is a DPoP proof: taken once, by whichever worker (RFC 9449 section 11.1)', async () => {
    for (let round = 0; round < 4; round++) {
      const url = `${fleet.gateway}/bound/${round}`;
      const statuses = await statusesOf(8, url, fleet.boundRequest(url));
      expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 401)]);
    }
  });

  it('is a limit: exactly, also for a caller whose one connection ends in one worker', async () => {
    const statuses = await statusesOf(60, `${fleet.gateway}/window/x`);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const alone = await repeat(42, () => ask(`${fleet.gateway}/alone/x`, {}, agent));
    agent.destroy();
    expect(alone.map(({ status }) => status)).toEqual(
      Array.from({ length: 42 }, (_, index) => (index < 40 ? 200 : 429)),
    );
  });

  it('is a small limit, and a quota: exactly', async () => {
    const few = await statusesOf(20, `${fleet.gateway}/few/x`);
    expect(few.filter((status) => status === 200)).toHaveLength(5);
    const url = `${fleet.gateway}/quota/x`;
    const answers = await repeat(20, () => ask(url, fleet.boundRequest(url)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
  });

  it('is what is under way; its places come back, also those of a worker that is killed', async () => {
    const url = `${fleet.gateway}/places/held`;
    /** Takes all three places, and finds that there are no more. */
    const fill = async () => {
      const asked: Promise<number>[] = [];
      // A place that was left is free a moment later: the supervisor has to hear of it.
      while (fleet.origin.held() < 3) {
        asked.push(
          ...Array.from({ length: 3 }, () =>
            ask(url).then(
              ({ status }) => status,
              () => 0,
            ),
          ),
        );
        await Promise.race([fleet.origin.holds(3), delay(50)]);
      }
      expect(await statusesOf(6, url)).toEqual([429, 429, 429, 429, 429, 429]);
      return asked;
    };
    const passed = async (asked: Promise<number>[]) => (await Promise.all(asked)).filter((status) => status !== 429);
    const released = await fill();
    fleet.origin.release();
    expect(await passed(released)).toEqual([200, 200, 200]);
    const killed = await fill();
    const died = await fleet.metric(RESTARTS, 'died');
    process.kill(fleet.workers()[0] ?? 0, 'SIGKILL');
    await fleet.untilMetric(RESTARTS, 'died', died + 1);
    const alive = fleet.origin.held();
    fleet.origin.release();
    const answers = await passed(killed);
    expect(answers.filter((status) => status === 200)).toHaveLength(alive);
    expect(answers).toHaveLength(3);
    await fleet.untilMetric(SERVING, '', 2);
    const again = await fill();
    fleet.origin.release();
    expect(await passed(again)).toEqual([200, 200, 200]);
  });
});

describe('a worker that is killed', () => {
  it('costs no request of another, is replaced by one that knows what is revoked, and counted', async () => {
    const tokens = await logIn(fleet.issuer);
    await request(`${fleet.issuer}/v1/logout`, { method: 'POST', headers: bearer(tokens.access) });
    const died = await fleet.metric(RESTARTS, 'died');
    const before = fleet.workers();
    const counted = await fleet.metric(REQUESTS);
    const asked = repeat(24, (index) => ask(`${fleet.gateway}/open/held/${index}`).catch(() => ({ status: 0 })));
    await fleet.origin.holds(24);
    process.kill(before[0] ?? 0, 'SIGKILL');
    await fleet.untilMetric(RESTARTS, 'died', died + 1);
    const alive = fleet.origin.held();
    fleet.origin.release();
    const statuses = (await asked).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(alive);
    const seen = new Set<number>();
    const whileItStarts = async () => {
      for (const status of await statusesOf(4, `${fleet.gateway}/orders`, bearer(tokens.access))) seen.add(status);
    };
    while ((await fleet.metric(SERVING)) !== 2) await whileItStarts();
    for (let round = 0; round < 5; round++) await whileItStarts();
    // Neither admitted, nor 503 from a worker that cannot judge yet.
    expect([...seen]).toEqual([401]);
    expect(fleet.workers()).toHaveLength(2);
    expect(fleet.workers()).toContain(before[1]);
    expect(fleet.server.stderr()).toMatch(/"signal":"SIGKILL".*a worker died/u);
    // What it had counted stays counted: a sum that falls would look like a restart.
    expect(await fleet.metric(REQUESTS)).toBeGreaterThanOrEqual(counted + alive);
  });

  it('or hangs, is noticed, killed and replaced, while the other serves', { timeout: 60_000 }, async () => {
    // The shortest there is. What one waits for is turns of the supervisor: three, and seven.
    await fleet.editNoticed((yaml) => yaml.replace('  drainTimeout: 5s', '  workerSilence: 2s\n  drainTimeout: 5s'));
    const [hanging, other] = fleet.workers();
    const forked = fleet.untilForked();
    process.kill(hanging ?? 0, 'SIGSTOP');
    expect(new Set(await statusesOf(8, `${fleet.gateway}/open/x`))).toEqual(new Set([200]));
    // So does the one that comes in its place, before it could say anything.
    const successor = await forked;
    process.kill(successor, 'SIGSTOP');
    await fleet.untilMetric(RESTARTS, 'hung', 2);
    expect(fleet.server.stderr()).toMatch(/"silent_seconds":3.*a worker hangs, and is killed/u);
    expect(fleet.server.stderr()).toMatch(/"silent_seconds":7.*a worker hangs before its first word, and is killed/u);
    await fleet.untilMetric(SERVING, '', 2);
    expect(fleet.workers()).toContain(other);
    expect(fleet.workers()).not.toContain(hanging);
    expect(fleet.workers()).not.toContain(successor);
    await fleet.editNoticed((yaml) => yaml.replace('  workerSilence: 2s\n', ''));
  });

  it('is replaced first when it is asked to end (SIGTERM)', async () => {
    const [asked, other] = fleet.workers();
    const going = ask(`${fleet.gateway}/open/held/asked`);
    await fleet.origin.holds(1);
    process.kill(asked ?? 0, 'SIGTERM');
    await fleet.untilMetric(RESTARTS, 'asked', 1);
    await fleet.untilMetric('sealgate_gateway_workers{state="starting"}', '', 0);
    fleet.origin.release();
    expect((await going).status).toBe(200);
    await fleet.untilMetric('sealgate_gateway_workers{state="draining"}', '', 0);
    expect(fleet.workers()).toContain(other);
    expect(fleet.workers()).not.toContain(asked);
  });
});

describe('a reload', () => {
  const reload = () => request(`${fleet.admin}/reload`, { method: 'POST' });

  it('changes all workers in place, at once', async () => {
    const before = fleet.workers();
    fleet.edit((yaml) => yaml.replace('{ path: /open/**,', '{ path: /opened/**,'));
    expect((await reload()).json).toMatchObject({ restarted: 0, needRestart: [] });
    expect(new Set(await statusesOf(10, `${fleet.gateway}/opened/x`))).toEqual(new Set([200]));
    expect(new Set(await statusesOf(10, `${fleet.gateway}/open/x`))).toEqual(new Set([401]));
    fleet.edit((yaml) => yaml.replace('{ path: /opened/**,', '{ path: /open/**,'));
    expect((await reload()).status).toBe(200);
    expect(fleet.workers()).toEqual(before);
  });

  it.each([
    ['that is wrong', (yaml: string) => yaml.replace('workers: 2', 'worker: 2'), 'config_invalid'],
    [
      'that no worker can start with',
      // The port of the API behind is taken.
      (yaml: string) => yaml.replace(/^ {2}listen: http:\/\/127.0.0.1:\d+/mu, `  listen: ${fleet.upstream}`),
      'address_in_use',
    ],
  ])('%s changes nothing anywhere', async (_what, broken, code) => {
    const before = fleet.workers();
    const text = readFileSync(fleet.file, 'utf8');
    fleet.edit(broken);
    const refused = await reload();
    fleet.edit(() => text);
    expect(refused.json).toMatchObject({ status: 422, code });
    expect(new Set(await statusesOf(6, `${fleet.gateway}/open/x`))).toEqual(new Set([200]));
    expect((await reload()).json).toMatchObject({ changes: [] });
    expect(fleet.workers()).toEqual(before);
  });

  it('replaces workers one by one where it must, and loses no request that the origin answered', async () => {
    const before = fleet.workers();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const failed: string[] = [];
    let succeeded = 0;
    const loaded = new AbortController();
    const load = repeat(16, async (client) => {
      for (let number = 0; !loaded.signal.aborted; number++) {
        const path = `/open/${number % 4 === 0 ? 'fresh' : 'kept'}/${client}-${number}`;
        const answer = await ask(`${fleet.gateway}${path}`, {}, number % 4 === 0 ? false : agent).catch(
          () => undefined,
        );
        if (answer?.status === 200 && answer.text === path) succeeded++;
        else failed.push(path);
      }
    });
    fleet.edit((yaml) => yaml.replace('drainTimeout: 5s', 'drainTimeout: 6s\n  limits: { keepAlive: 20s }'));
    expect((await reload()).json).toMatchObject({ restarted: 2 });
    loaded.abort();
    await load;
    agent.destroy();
    expect(failed.filter((path) => fleet.origin.answered.has(path))).toEqual([]);
    expect(succeeded).toBeGreaterThan(50);
    await fleet.untilMetric('sealgate_gateway_workers{state="draining"}', '', 0);
    expect(fleet.workers().filter((pid) => before.includes(pid))).toEqual([]);
    expect(fleet.workers()).toHaveLength(2);
  });
});

describe('the end', () => {
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it('by SIGTERM answers what is under way, and leaves no process', async () => {
    const workers = fleet.workers();
    const asked = repeat(8, (index) => ask(`${fleet.gateway}/open/held/${index}`));
    await fleet.origin.holds(8);
    const ended = fleet.server.stop();
    await expect.poll(() => ask(`${fleet.gateway}/open/x`).catch(() => 'refused')).toBe('refused');
    fleet.origin.release();
    expect((await asked).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('by SIGKILL of the supervisor leaves no process either, TLS and PROXY protocol or not; and a port that is taken is named at the start', async () => {
    const small = await createSmallFolder(fleet.origin.url);
    const other = await startServer(['-c', small.file]);
    const workers = workersOf(other.pid);
    expect(workers).toHaveLength(2);
    // Both ends of TLS and of what stands before it are in the workers, whichever takes the connection.
    const called = (last: number) => repeat(6, () => statusThroughProxy(small, last));
    expect(await called(7)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(await called(8)).toEqual(Array.from({ length: 6 }, () => 403));
    const second = await runSealgate(['serve', '-c', small.sameListen]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/port \d+ of 127\.0\.0\.1 \(gateway\.listen\) is in use/u);
    await other.stop('SIGKILL');
    await expect.poll(() => workers.filter(isAlive), { timeout: 5000 }).toEqual([]);
    small.remove();
  });

  it('and the beginning: a number of workers that is none is refused, and its line named', async () => {
    const small = await createSmallFolder(fleet.origin.url, 'many');
    const refused = await runSealgate(['check', '-c', small.file]);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toMatch(/:5:\d+.*workers/u);
    small.remove();
  });
});
