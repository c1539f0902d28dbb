/** Rotation under load, with verifiers that really verify (DESIGN.md section 1, "rotation on autopilot"). */
import { createGuard, type Guard } from '@sealgate/guard';
import { decodeUnverified } from '@sealgate/jwt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFeed } from '../feed/feed-reader.ts';
import { AUDIENCE, WORKER, basic, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases } from '../stores.ts';

const MINUTE = 60_000;
const GENERATIONS = 20;

describe.each(STORE_KINDS)('rotation on $name', (storeKind) => {
  let databases: Databases;
  let address: string;
  let issuer: IssuerUnderTest;
  let guard: Guard;
  let aheadMs: number;
  const nowMs = () => Date.now() + aheadMs;

  beforeAll(async () => {
    databases = await storeKind.start();
  });
  afterAll(() => databases.stop());
  beforeEach(async () => {
    aheadMs = 0;
    ({ address } = await databases.create());
    issuer = await startIssuer({ database: address, nowMs });
    const { clientId: id, clientSecret: secret } = issuer.issuer.verifierCredential;
    guard = createGuard({
      url: issuer.url,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      client: { id, secret },
      // Time is moved by minutes here; heartbeats come in real seconds.
      revocation: { feed: 'push', staleAfterSeconds: 86_400 },
      now: () => nowMs() / 1000,
    });
    await guard.ready;
  });
  afterEach(async () => {
    await guard.close();
    await issuer.close();
  });

  const token = async (at = issuer) => {
    const form = { grant_type: 'client_credentials' };
    const { body } = await at.post('/oauth/token', form, { authorization: basic(WORKER) });
    return String(body['access_token']);
  };
  const allows = async (text: string) => {
    const policy = guard.compile({ auth: 'required' });
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${text}`], nowSeconds: nowMs() / 1000 };
    return (await guard.check(facts, policy)).allow;
  };
  const kidOf = (text: string) => decodeUnverified(text).header.kid;
  const keys = () => issuer.issuer.admin.keys;
  const states = async () => (await keys().list()).map(({ state }) => state);
  /** The verifiers have confirmed everything that there is. */
  const confirmed = async () => {
    const probe = await openFeed(issuer, { name: 'probe' });
    const { data } = await probe.next('hello');
    probe.close();
    const behind = () =>
      issuer.issuer.admin
        .verifiers()
        .some(({ name, confirmedSeq }) => name === 'probe' || confirmedSeq < Number(data['seq']));
    while (behind()) await new Promise((resolve) => setImmediate(resolve));
  };

  it(`through ${GENERATIONS} generations refuses no valid token, and leaves one active key`, async () => {
    const seen = new Set<string | undefined>();
    let alive: { text: string; untilMs: number }[] = [];
    for (let generation = 0; generation < GENERATIONS; generation++) {
      await keys().rotate('ES256');
      await confirmed();
      const before = await token();
      aheadMs += 5 * MINUTE;
      await keys().takeDueSteps();
      const after = await token();
      expect(kidOf(after)).not.toBe(kidOf(before));
      seen.add(kidOf(after));
      const untilMs = nowMs() + 9 * MINUTE;
      alive = [
        ...alive.filter((each) => each.untilMs > nowMs() + 5000),
        { text: before, untilMs: untilMs - 5 * MINUTE },
        { text: after, untilMs },
      ];
      for (const { text } of alive) expect(await allows(text)).toBe(true);
      expect((await states()).filter((state) => state === 'active')).toHaveLength(1);
    }
    expect(seen.size).toBe(GENERATIONS);
    aheadMs += 62 * MINUTE;
    await keys().takeDueSteps();
    expect((await states()).filter((state) => state !== 'retired')).toEqual(['active']);
    expect((await issuer.get('/.well-known/jwks.json')).body['keys']).toHaveLength(1);
  });

  it('rotates by age without being told', async () => {
    const first = kidOf(await token());
    aheadMs += 29 * 24 * 60 * MINUTE;
    await keys().takeDueSteps();
    expect(await states()).toEqual(['active', 'announced']);
    expect(kidOf(await token())).toBe(first);
    await confirmed();
    aheadMs += 24 * 60 * MINUTE;
    await keys().takeDueSteps();
    expect(await states()).toEqual(['retiring', 'active']);
    expect(kidOf(await token())).not.toBe(first);
  });

  it('promotes no key that a connected verifier has not confirmed', async () => {
    const silent = await openFeed(issuer, { name: 'silent' });
    const { data: hello } = await silent.next('hello');
    await silent.next('snapshot');
    await keys().rotate('ES256');
    // The key set comes before the number that confirms it.
    const announcement = await silent.next('keys');
    expect(announcement.data['keys']).toHaveLength(2);
    const marker = await silent.next('change');
    aheadMs += 6 * MINUTE;
    await keys().takeDueSteps();
    expect(await states()).toEqual(['active', 'announced']);
    await silent.confirm(hello['connection'], marker.data['seq']);
    await confirmed();
    await keys().takeDueSteps();
    expect(await states()).toEqual(['retiring', 'active']);
    silent.close();
  });

  it('promotes no key before the key set’s cache age has passed', async () => {
    await keys().rotate('ES256');
    await confirmed();
    aheadMs += 4 * MINUTE;
    await keys().takeDueSteps();
    expect(await states()).toEqual(['active', 'announced']);
  });

  it('a compromised key is worth nothing once the command has returned, and is replaced', async () => {
    const before = await token();
    expect(await allows(before)).toBe(true);
    await keys().compromise(kidOf(before) ?? '');
    expect(await allows(before)).toBe(false);
    expect(await issuer.introspect(before)).toEqual({ active: false });
    const after = await token();
    expect(await allows(after)).toBe(true);
    expect(await states()).toEqual(['compromised', 'active']);
    await expect(keys().compromise('unknown')).rejects.toMatchObject({ code: 'key_unknown' });
  });

  it('a compromised key is replaced by its announced successor, which verifiers know already', async () => {
    await keys().rotate('ES256');
    const before = await token();
    await keys().compromise(kidOf(before) ?? '');
    expect(await states()).toEqual(['compromised', 'active']);
    expect(await allows(await token())).toBe(true);
  });

  it('happens once, however many try', async () => {
    await Promise.all(Array.from({ length: 5 }, () => keys().rotate('ES256')));
    await confirmed();
    aheadMs += 6 * MINUTE;
    await Promise.all(Array.from({ length: 5 }, () => keys().takeDueSteps()));
    expect(await states()).toEqual(['retiring', 'active']);
  });
});
