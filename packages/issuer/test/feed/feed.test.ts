/** The feed and its confirmations (ADR 7 and 8), as any HTTP client sees them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WORKER, basic, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { STORE_KINDS, type Databases } from '../stores.ts';
import { openFeed, type FeedReader } from './feed-reader.ts';

describe.each(STORE_KINDS)('the feed on $name', (storeKind) => {
  let databases: Databases;
  let issuer: IssuerUnderTest;
  const readers: FeedReader[] = [];

  beforeAll(async () => {
    databases = await storeKind.start();
  });
  afterAll(() => databases.stop());
  beforeEach(async () => {
    await start('50ms');
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await issuer.close();
  });

  async function start(confirmWithin: string): Promise<void> {
    const { address: database } = await databases.create();
    issuer = await startIssuer({ database, config: { revocation: { confirmWithin } } });
  }

  /** In place of the one of before: revocations of this one wait as long as the tests may take. */
  async function startPatient(): Promise<void> {
    await issuer.close();
    await start('25s');
  }

  const open = async (options: Parameters<typeof openFeed>[1] = {}, at = issuer) => {
    const reader = await openFeed(at, options);
    readers.push(reader);
    return reader;
  };
  const logout = async (at = issuer) => {
    const { refresh_token } = await at.login();
    return at.postJson('/v1/logout', { refresh_token });
  };

  it('greets, gives the keys and a snapshot, then each change in order', async () => {
    await logout();
    const reader = await open();
    const hello = await reader.next();
    expect(hello).toMatchObject({ event: 'hello', data: { seq: 1, heartbeatSeconds: 5 } });
    const keys = await reader.next();
    expect(keys).toEqual({ event: 'keys', id: undefined, data: (await issuer.get('/.well-known/jwks.json')).body });
    const log = String(hello.data['log']);
    const snapshot = await reader.next();
    expect(snapshot).toMatchObject({ event: 'snapshot', id: `${log}:1`, data: { log, seq: 1 } });
    expect(snapshot.data['records']).toEqual([
      {
        seq: 1,
        kind: 'session',
        id: expect.stringMatching(/^ses_/u),
        before: expect.any(Number),
        expires: expect.any(Number),
      },
    ]);
    await logout();
    await logout();
    expect(await reader.next('change')).toMatchObject({ id: `${log}:2`, data: { seq: 2, kind: 'session' } });
    expect(await reader.next('change')).toMatchObject({ id: `${log}:3`, data: { seq: 3, kind: 'session' } });
  });

  it('goes on from the last event that a verifier has applied, and gives a snapshot where it cannot', async () => {
    await logout();
    const first = await open();
    const { id } = await first.next('snapshot');
    first.close();
    await logout();
    const resumed = await open({ lastEventId: String(id) });
    expect(await resumed.next('change', 'snapshot')).toMatchObject({ event: 'change', data: { seq: 2 } });
    for (const lastEventId of ['another-log:1', `${String(id).split(':')[0]}:999`, 'nonsense']) {
      const other = await open({ lastEventId });
      expect(await other.next('change', 'snapshot')).toMatchObject({ event: 'snapshot', data: { seq: 2 } });
    }
  });

  it('writes one token record for each access token of a family that is revoked for reuse (ADR 5)', async () => {
    const { refresh_token: first } = await issuer.login();
    const second = await issuer.refresh(first);
    await issuer.refresh(String(second.body['refresh_token']));
    await issuer.refresh(first);
    const reader = await open();
    const { data } = await reader.next('snapshot');
    const records = data['records'] as { kind: string; id: string }[];
    expect(records.map(({ kind }) => kind)).toEqual(['family', 'token', 'token', 'token']);
    for (const { id } of records.slice(1)) expect(id).toMatch(/^1:\d+$/u);
  });

  it('makes a logout wait for the confirmation of a connected verifier, and no longer (ADR 7)', async () => {
    await startPatient();
    const reader = await open();
    const hello = await reader.next('hello');
    await reader.next('snapshot');
    const { refresh_token } = await issuer.login();
    let answered = false;
    const logout = issuer.postJson('/v1/logout', { refresh_token }).then(() => (answered = true));
    const change = await reader.next('change');
    expect(answered).toBe(false);
    expect(await reader.confirm(hello.data['connection'], change.data['seq'])).toBe(204);
    await logout;
  });

  it('answers after confirmWithin if a verifier does not confirm, and says in the log who', async () => {
    const reader = await open({ name: 'silent-one' });
    await reader.next('snapshot');
    const started = performance.now();
    expect((await logout()).status).toBe(204);
    const waited = performance.now() - started;
    expect(waited).toBeGreaterThan(45);
    expect(issuer.log.join('')).toContain('"verifiers":["silent-one"]');
    expect((await issuer.get('/metrics')).text).toMatch(/unconfirmed_revocations_total 1\n/u);
  });

  it('waits for nobody who has gone', async () => {
    await startPatient();
    const reader = await open();
    await reader.next('snapshot');
    const waiting = logout();
    await reader.next('change');
    reader.close();
    expect((await waiting).status).toBe(204);
    expect((await logout()).status).toBe(204);
    expect((await issuer.get('/metrics')).text).toMatch(/unconfirmed_revocations_total 0\n/u);
  });

  it('lists the verifiers that are connected, with what they have confirmed', async () => {
    const reader = await open({ name: 'gateway-1' });
    const { data } = await reader.next('hello');
    await reader.next('snapshot');
    await reader.confirm(data['connection'], 0);
    expect(issuer.issuer.admin.verifiers()).toMatchObject([
      { name: 'gateway-1', clientId: WORKER.id, confirmedSeq: 0 },
    ]);
  });

  it('is read and confirmed by clients that may introspect, and by nobody else', async () => {
    const plain = { id: 'plain', secret: 'a-secret-that-is-long-enough-for-this' };
    await issuer.issuer.admin.createClient({ ...plain, grants: ['client_credentials'] });
    expect((await issuer.get('/v1/feed')).status).toBe(401);
    expect((await issuer.get('/v1/feed', { authorization: basic(plain) })).status).toBe(403);
    expect((await issuer.get('/v1/feed', { authorization: basic({ ...WORKER, secret: 'wrong' }) })).status).toBe(401);
    const { clientId: id, clientSecret: secret } = issuer.issuer.verifierCredential;
    const builtIn = await open({ authorization: basic({ id, secret }) });
    const { data } = await builtIn.next('hello');
    // Another client's connection is not this one's to confirm.
    const reader = await open();
    expect(await reader.confirm(data['connection'], 1)).toBe(404);
    expect(await reader.confirm('unknown.connection', 1)).toBe(404);
  });

  it('refuses a name that could do harm', async () => {
    const answer = await issuer.get('/v1/feed?verifier=a%0ab', { authorization: basic(WORKER) });
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
  });
});

describe('processes that share a PostgreSQL database', () => {
  let databases: Databases;
  let here: IssuerUnderTest;
  let there: IssuerUnderTest;
  let reader: FeedReader;

  beforeAll(async () => {
    const postgres = STORE_KINDS.find(({ name }) => name === 'PostgreSQL');
    if (postgres === undefined) throw new Error('there is no PostgreSQL here');
    databases = await postgres.start();
    const { address: database } = await databases.create();
    const config = { url: 'http://127.0.0.1:0', revocation: { confirmWithin: '5s' } };
    here = await startIssuer({ database, config });
    there = await startIssuer({ database, config, folder: here.folder, seeded: true });
  });
  afterAll(async () => {
    reader.close();
    await there.close();
    await here.close();
    await databases.stop();
  });

  it('wait for each other’s verifiers, wherever the confirmation arrives', async () => {
    reader = await openFeed(there);
    const hello = await reader.next('hello');
    await reader.next('snapshot');
    for (const [seq, confirmAt] of [here, there].entries()) {
      const { refresh_token } = await here.login();
      let answered = false;
      const logout = here.postJson('/v1/logout', { refresh_token }).then(() => (answered = true));
      const change = await reader.next('change');
      expect([change.data['seq'], answered]).toEqual([seq + 1, false]);
      expect(await reader.confirm(hello.data['connection'], change.data['seq'], confirmAt)).toBe(204);
      await logout;
    }
  });

  it('hear at once that a client was revoked', async () => {
    const { id, secret } = WORKER;
    const token = () =>
      there.post('/oauth/token', { grant_type: 'client_credentials', client_id: id, client_secret: secret });
    const before = await token();
    const revoked = here.issuer.admin.revokeClient(id);
    await revoked;
    const { clientId, clientSecret } = here.issuer.verifierCredential;
    const authorization = basic({ id: clientId, secret: clientSecret });
    const introspect = (value: unknown) => there.post('/oauth/introspect', { token: String(value) }, { authorization });
    expect((await introspect(before.body['access_token'])).body).toEqual({ active: false });
    const after = await token();
    expect((await introspect(after.body['access_token'])).body).toMatchObject({ active: true });
  });
});
