/** Signing keys and master keys that live in key stores, as the configuration names them: the issuer from its start to a rotation. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGuard, type Guard } from '@sealgate/guard';
import { decodeUnverified } from '@sealgate/jwt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AUDIENCE, WORKER, basic, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { KEY_STORE_KINDS, type KeyStore, type SignerInput } from '../signers/key-stores.ts';

const MINUTE = 60_000;

describe.each(KEY_STORE_KINDS)('signing keys in $name', (kind) => {
  let secrets: string;
  let store: KeyStore;
  let folder: string;
  let issuer: IssuerUnderTest | undefined;
  let guard: Guard | undefined;
  let aheadMs = 0;
  const nowMs = () => Date.now() + aheadMs;

  beforeAll(async () => {
    secrets = mkdtempSync(path.join(tmpdir(), 'sealgate-key-store-'));
    store = await kind.start(secrets);
  });
  afterAll(async () => {
    await store.close();
    rmSync(secrets, { recursive: true });
  });
  beforeEach(() => {
    aheadMs = 0;
    folder = mkdtempSync(path.join(tmpdir(), 'sealgate-external-'));
  });
  afterEach(async () => {
    await guard?.close();
    await issuer?.close();
    issuer = guard = undefined;
    rmSync(folder, { recursive: true });
  });

  /** The issuer on this test's database, started again where it runs. */
  async function start(signers: readonly SignerInput[]): Promise<IssuerUnderTest> {
    const seeded = issuer !== undefined;
    await guard?.close();
    await issuer?.close();
    issuer = guard = undefined;
    const keys = { masterKey: 'file:master.key', signers: [...signers] };
    const started = await startIssuer({ folder, seeded, nowMs, keyStores: store.dependencies, config: { keys } });
    issuer = started;
    const { clientId: id, clientSecret: secret } = started.issuer.verifierCredential;
    guard = createGuard({
      url: started.url,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      client: { id, secret },
      revocation: { feed: 'push', staleAfterSeconds: 86_400 },
      now: () => nowMs() / 1000,
    });
    await guard.ready;
    return started;
  }
  const token = async (at: IssuerUnderTest) => {
    const answer = await at.post(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      { authorization: basic(WORKER) },
    );
    return { status: answer.status, text: String(answer.body['access_token']), answer };
  };
  const allows = async (text: string) => {
    const policy = guard?.compile({ auth: 'required' });
    if (guard === undefined || policy === undefined) throw new TypeError('start comes first');
    const facts = { method: 'GET', path: '/', authorization: [`Bearer ${text}`], nowSeconds: nowMs() / 1000 };
    return (await guard.check(facts, policy)).allow;
  };
  const kidOf = (text: string) => String(decodeUnverified(text).header.kid);
  const states = async (at: IssuerUnderTest) => (await at.issuer.admin.keys.list()).map(({ state }) => state);
  const confirmed = async (at: IssuerUnderTest) => {
    const { admin } = at.issuer;
    // The marker of an announcement is the log's first and only record here.
    while (admin.verifiers().some(({ confirmedSeq }) => confirmedSeq < 1)) await new Promise(setImmediate);
  };

  it('sign tokens that verifiers admit, before and after a restart, and nothing is sealed here', async () => {
    const first = await start([store.signer('first')]);
    const { text } = await token(first);
    expect(await allows(text)).toBe(true);
    const second = await start([store.signer('first')]);
    expect(kidOf((await token(second)).text)).toBe(kidOf(text));
    expect(await states(second)).toEqual(['active']);
    expect(second.log.join('')).not.toContain('could not');
  });

  it('take over when another is configured: announced, confirmed, promoted; and the old one’s tokens stay good', async () => {
    const alone = await start([store.signer('first')]);
    const before = kidOf((await token(alone)).text);
    await expect(alone.issuer.admin.keys.rotate('ES256')).rejects.toMatchObject({ code: 'key_transition_refused' });
    const both = await start([store.signer('first'), store.signer('second')]);
    await both.issuer.admin.keys.takeDueSteps();
    expect(await states(both)).toEqual(['active', 'announced']);
    const old = (await token(both)).text;
    expect(kidOf(old)).toBe(before);
    await both.issuer.admin.keys.rotate('ES256');
    await confirmed(both);
    aheadMs = 6 * MINUTE;
    await both.issuer.admin.keys.takeDueSteps();
    expect(await states(both)).toEqual(['retiring', 'active']);
    const after = (await token(both)).text;
    expect(kidOf(after)).not.toBe(before);
    expect([await allows(old), await allows(after)]).toEqual([true, true]);
    // The new one alone is enough from now on.
    const alone2 = await start([store.signer('second')]);
    expect(await allows((await token(alone2)).text)).toBe(true);
    await expect(start([store.signer('first')])).rejects.toMatchObject({ code: 'signing_key_unavailable' });
  });

  it('take over from a key of the issuer’s own', async () => {
    await start([]);
    const external = await start([store.signer('first')]);
    const old = (await token(external)).text;
    await external.issuer.admin.keys.rotate('ES256');
    await confirmed(external);
    aheadMs = 6 * MINUTE;
    await external.issuer.admin.keys.takeDueSteps();
    const { text } = await token(external);
    expect(kidOf(text)).not.toBe(kidOf(old));
    expect([await allows(old), await allows(text)]).toEqual([true, true]);
  });

  it('are replaced at once when compromised, as long as there is another', async () => {
    const at = await start([store.signer('first'), store.signer('second')]);
    const { text: before } = await token(at);
    await at.issuer.admin.keys.compromise(kidOf(before));
    expect(await allows(before)).toBe(false);
    const { text: after } = await token(at);
    expect(await allows(after)).toBe(true);
    await at.issuer.admin.keys.compromise(kidOf(after));
    expect(await allows(after)).toBe(false);
    expect((await token(at)).answer.body).toMatchObject({ error: 'temporarily_unavailable' });
    await expect(start([store.signer('first'), store.signer('second')])).rejects.toMatchObject({
      code: 'signing_key_unavailable',
    });
  });

  it('that are not there stop a start, with the store’s name', async () => {
    await expect(start([store.signer('absent')])).rejects.toMatchObject({ name: 'SignerError', code: 'key_not_found' });
  });

  it('that are away refuse for a while, and what was granted meanwhile is not lost', async () => {
    const { fail } = store;
    if (fail === undefined) return;
    const at = await start([store.signer('first')]);
    const { refresh_token: first } = await at.login();
    fail('reset');
    onTestFinished(() => fail(undefined));
    const refused = await at.refresh(first);
    expect([refused.status, refused.body['code']]).toEqual([503, 'temporarily_unavailable']);
    fail(undefined);
    expect((await at.refresh(first)).status).toBe(200);
    const { text } = await at.get('/metrics');
    expect(text).toMatch(/^sealgate_issuer_signer_failures_total\{signer="[^"]+",code="unreachable"\} 1$/mu);
    expect(text).toMatch(/^sealgate_issuer_signer_seconds_count\{signer="[^"]+"\} [1-9]/mu);
    fail('reset');
    await expect(start([store.signer('first')])).rejects.toMatchObject({ name: 'SignerError', code: 'unreachable' });
  });

  it('hold the master key, which opens the database again after a restart', async () => {
    const { masterKey, dependencies, fail } = store;
    if (masterKey === undefined) return;
    const settings = { folder, keyStores: dependencies, config: { keys: { masterKey } } };
    issuer = await startIssuer(settings);
    const kid = kidOf((await token(issuer)).text);
    expect(existsSync(path.join(folder, 'master.key.wrapped'))).toBe(true);
    expect(existsSync(path.join(folder, 'data/master.key'))).toBe(false);
    issuer = await issuer.restart();
    expect(kidOf((await token(issuer)).text)).toBe(kid);
    fail?.('reset');
    onTestFinished(() => fail?.(undefined));
    expect((await token(issuer)).status).toBe(200);
    await expect(startIssuer({ ...settings, seeded: true })).rejects.toMatchObject({ code: 'unreachable' });
  });
});
