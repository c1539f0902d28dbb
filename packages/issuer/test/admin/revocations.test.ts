/** Sessions, revocations, keys, the audit and the verifiers over the administration; a verifier made of HTTP confirms when it is told to. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { USER, claimsOf, type Answer } from '../issuer-under-test.ts';
import { openFeed, type FeedReader } from '../feed/feed-reader.ts';
import { operatorToken, startAdministration, type Administration } from './administration.ts';

let admin: Administration;
let user: string;
const readers: FeedReader[] = [];

beforeAll(async () => {
  admin = await startAdministration({ config: { revocation: { confirmWithin: '50ms' } } });
  user = (await admin.issuer.admin.findUser(USER.username))?.id ?? '';
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  // They are gone for the issuer too, and nobody waits for them.
  while (admin.issuer.admin.verifiers().length > 0) await new Promise(setImmediate);
});
afterAll(() => admin.close());

const codes = ({ status, body }: Answer) => [status, body['code']];
const isActive = async (token: string) => (await admin.introspect(token))['active'];
const itemsOf = ({ body }: Answer) => body['items'] as Record<string, unknown>[];

/** A verifier that has read all there is, and confirmed nothing yet. */
async function openVerifier(name: string) {
  const reader = await openFeed(admin, { name });
  readers.push(reader);
  const { data } = await reader.next('hello');
  await reader.next('snapshot');
  return { reader, connection: data['connection'], seq: Number(data['seq']) };
}

describe('sessions', () => {
  it('of a user are listed in pages, each once, with where they come from', async () => {
    await admin.call('DELETE', `/sessions?user=${user}`);
    const own = [await admin.login(), await admin.login(), await admin.login()].map(({ session }) => session);
    const first = await admin.call('GET', `/sessions?user=${user}&limit=2`);
    const rest = await admin.call('GET', `/sessions?user=${user}&limit=2&cursor=${String(first.body['next_cursor'])}`);
    const items = [...itemsOf(first), ...itemsOf(rest)];
    expect(items.map(({ id }) => id)).toEqual(own.toSorted());
    expect(items[0]).toMatchObject({
      user,
      client_id: 'orders-web',
      amr: ['pwd'],
      last_seen: { address: '127.0.0.1' },
    });
    expect((await admin.call('GET', `/sessions/${own[0]}`)).body).toEqual(items.find(({ id }) => id === own[0]));
    expect(codes(await admin.call('GET', '/sessions'))).toEqual([400, 'invalid_request']);
    expect(codes(await admin.call('GET', '/sessions?user=usr_nobody'))).toEqual([404, 'not_found']);
  });

  it('end one by one, or all of a user', async () => {
    const [one, other] = [await admin.login(), await admin.login()];
    const ended = await admin.call('DELETE', `/sessions/${one.session}`);
    expect(ended.body).toMatchObject({ confirmed: true, verifiers: 0, unconfirmed: [] });
    expect([await isActive(one.access_token), await isActive(other.access_token)]).toEqual([false, true]);
    expect(codes(await admin.call('DELETE', `/sessions/${one.session}`))).toEqual([404, 'not_found']);
    await admin.call('DELETE', `/sessions?user=${user}`);
    expect(await isActive(other.access_token)).toBe(false);
    expect(itemsOf(await admin.call('GET', `/sessions?user=${user}`))).toEqual([]);
  });
});

describe('a revocation', () => {
  it.each<[string, (tokens: { access_token: string; session: string }) => object]>([
    ['a token by its text', ({ access_token: token }) => ({ kind: 'token', token })],
    ['a token by its jti', ({ access_token: token }) => ({ kind: 'token', jti: claimsOf(token)['jti'] })],
    ['a session', ({ session }) => ({ kind: 'session', id: session })],
    ['a user', () => ({ kind: 'subject', id: user })],
    ['a client', () => ({ kind: 'client', id: 'orders-web' })],
  ])('of %s takes its tokens, and is in the log', async (_name, named) => {
    const tokens = await admin.login();
    const revoked = await admin.call('POST', '/revocations', named(tokens));
    expect(revoked.status).toBe(201);
    expect(await isActive(tokens.access_token)).toBe(false);
    const [newest] = itemsOf(await admin.call('GET', '/revocations?limit=1'));
    expect(newest?.['seq']).toBe(revoked.body['seq']);
    const byHolder = await admin.call('GET', `/revocations?id=${encodeURIComponent(String(newest?.['id']))}&limit=1`);
    expect(itemsOf(byHolder)).toEqual([newest]);
  });

  it('of a refresh family takes its access tokens and ends refreshing', async () => {
    const { access_token: access, refresh_token: refresh } = await admin.login();
    const { access_token: second } = (await admin.refresh(refresh)).body;
    const [told] = itemsOf(await admin.call('GET', '/audit?event=refresh&limit=1'));
    const family = String(told?.['target']).replace('family:', '');
    await admin.call('POST', '/revocations', { kind: 'family', id: family });
    expect([await isActive(access), await isActive(String(second))]).toEqual([false, false]);
    expect((await admin.refresh(refresh)).status).toBe(400);
  });

  it('of the same token again changes nothing', async () => {
    const { access_token: token } = await admin.login();
    const first = await admin.call('POST', '/revocations', { kind: 'token', token });
    const again = await admin.call('POST', '/revocations', { kind: 'token', token });
    expect(again.body['seq']).toBe(first.body['seq']);
  });

  it.each<[string, object, readonly unknown[]]>([
    ['a token that is not there', { kind: 'token', jti: 'AAAAAAAAAAAAAAAAAAAAAA' }, [404, 'not_found']],
    ['a text that is no token', { kind: 'token', token: 'eyJ.eyJ.x' }, [404, 'not_found']],
    ['two names at once', { kind: 'token', jti: 'x', token: 'y' }, [400, 'invalid_request']],
    ['a user who is not there', { kind: 'subject', id: 'usr_nobody' }, [404, 'not_found']],
    ['a client that is not there', { kind: 'client', id: 'nobody' }, [404, 'not_found']],
    ['a key: that is what "compromise" is for', { kind: 'key', id: 'x' }, [400, 'invalid_request']],
    ['a cursor that was never given', { cursor: 'eA' }, [400, 'invalid_request']],
  ])('is refused for %s', async (_name, body, expected) => {
    const answer =
      'cursor' in body
        ? await admin.call('GET', '/revocations?cursor=eA')
        : await admin.call('POST', '/revocations', body);
    expect(codes(answer)).toEqual(expected);
  });

  it('answers when the verifiers have confirmed, and says who has not when the time is over (ADR 7)', async () => {
    const { reader, connection, seq } = await openVerifier('gateway-1');
    expect(await reader.confirm(connection, seq)).toBe(204);
    const { session } = await admin.login();
    let isAnswered = false;
    const patient = admin.call('DELETE', `/sessions/${session}?wait=30`).finally(() => {
      isAnswered = true;
    });
    const change = await reader.next('change');
    expect(isAnswered).toBe(false);
    await reader.confirm(connection, change.data['seq']);
    expect((await patient).body).toEqual({ seq: change.data['seq'], verifiers: 1, confirmed: true, unconfirmed: [] });
    const hasty = await admin.call('DELETE', `/sessions?user=${user}&wait=0.05`);
    expect(hasty.body).toMatchObject({ verifiers: 1, confirmed: false, unconfirmed: ['gateway-1'] });
    for (const wait of ['31', '-1', 'soon']) {
      expect(codes(await admin.call('DELETE', `/sessions?user=${user}&wait=${wait}`))).toEqual([
        400,
        'invalid_request',
      ]);
    }
  });
});

describe('verifiers', () => {
  it('are listed with what they have confirmed, when, and how far behind they are', async () => {
    const { reader, connection, seq } = await openVerifier('gateway-2');
    const [before] = itemsOf(await admin.call('GET', '/verifiers'));
    expect(before).toMatchObject({ name: 'gateway-2', client_id: 'orders-worker', connection, lag: seq });
    expect(before).not.toHaveProperty('confirmed_at');
    await reader.confirm(connection, seq);
    const { body } = await admin.call('GET', '/verifiers');
    expect(body['newest_seq']).toBe(seq);
    expect(body['items']).toEqual([
      expect.objectContaining({ confirmed_seq: seq, lag: 0, confirmed_at: expect.any(Number), agent: 'node' }),
    ]);
  });
});

describe('keys', () => {
  it('rotate by hand: the successor is announced, and does not sign yet', async () => {
    const [active] = itemsOf(await admin.call('GET', '/keys'));
    expect(active).toMatchObject({ algorithm: 'ES256', state: 'active' });
    const rotated = await admin.call('POST', '/keys/rotate', { algorithm: 'ES256' });
    expect(rotated.status).toBe(202);
    expect(itemsOf(rotated).map(({ state }) => state)).toEqual(['active', 'announced']);
    const announced = itemsOf(rotated)[1];
    expect((await admin.call('GET', `/keys/${String(announced?.['kid'])}`)).body).toEqual(announced);
    const again = await admin.call('POST', '/keys/rotate', { algorithm: 'ES256' });
    expect(again.body).toEqual(rotated.body);
    const [hastened, first] = itemsOf(await admin.call('GET', '/audit?event=key_announced'));
    expect(hastened).toMatchObject({ reason: 'hastened', actor: { kind: 'client', id: 'sealgate-operator' } });
    expect(first).toMatchObject({ actor: { kind: 'client', id: 'sealgate-operator' } });
    const unused = await admin.call('POST', '/keys/rotate', { algorithm: 'RS256' });
    expect(codes(unused)).toEqual([400, 'invalid_request']);
    expect(codes(await admin.call('GET', '/keys/none'))).toEqual([404, 'not_found']);
  });

  it('that are compromised are replaced at once, and no token of them counts, the caller’s own included', async () => {
    const { access_token: token } = await admin.login();
    const active = itemsOf(await admin.call('GET', '/keys')).find(({ state }) => state === 'active');
    const kid = String(active?.['kid']);
    const answer = await admin.call('POST', `/keys/${kid}/compromise`);
    expect(answer.body).toMatchObject({ confirmed: true });
    expect(await isActive(token)).toBe(false);
    expect((await admin.call('GET', '/keys')).status).toBe(401);
    const next = await operatorToken(admin);
    const keys = itemsOf(await admin.callWith(next, 'GET', '/keys'));
    expect(keys.find((key) => key['kid'] === kid)).toMatchObject({ state: 'compromised' });
    expect(keys.filter(({ state }) => state === 'active')).toHaveLength(1);
    expect(await isActive((await admin.login()).access_token)).toBe(true);
    expect(codes(await admin.callWith(next, 'POST', '/keys/none/compromise'))).toEqual([404, 'not_found']);
  });
});

describe('the audit', () => {
  it('is read in pages with filters, says who did what, and is whole', async () => {
    const token = await operatorToken(admin);
    const call = (method: string, target: string, body?: unknown) => admin.callWith(token, method, target, body);
    const [newest] = itemsOf(await call('GET', '/audit?event=session_ended'));
    expect(newest).toMatchObject({
      actor: { kind: 'client', id: 'sealgate-operator' },
      address: '127.0.0.1',
      request_id: expect.any(String),
    });
    const first = await call('GET', `/audit?subject=${user}&limit=2`);
    const second = await call('GET', `/audit?subject=${user}&limit=2&cursor=${String(first.body['next_cursor'])}`);
    const seqs = [...itemsOf(first), ...itemsOf(second)].map(({ seq }) => Number(seq));
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => b - a));
    expect(seqs).toHaveLength(4);
    const now = Math.floor(Date.now() / 1000);
    const byOperator = itemsOf(await call('GET', `/audit?actor=client:sealgate-operator&since=${now - 600}`));
    expect(byOperator.map(({ seq }) => seq)).toContain(newest?.['seq']);
    expect(new Set(byOperator.map(({ actor }) => JSON.stringify(actor))).size).toBe(1);
    expect(itemsOf(await call('GET', `/audit?until=${now - 600}`))).toEqual([]);
    for (const query of ['actor=ann', 'since=yesterday', 'until=-1', `cursor=${btoa('12')}`]) {
      expect((await call('GET', `/audit?${query}`)).status, query).toBe(400);
    }
    const report = await call('POST', '/audit/verify', {});
    expect(report.body).toMatchObject({ whole: true, faults: [] });
    const both = await Promise.allSettled([admin.issuer.admin.audit.verify(), admin.issuer.admin.audit.verify()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'audit_check_under_way' },
    });
    const noted = await call('POST', '/audit/verify', { head: report.body['head'] });
    expect(noted.body['whole']).toBe(true);
    const forged = `${String(newest?.['seq'])}:${'A'.repeat(43)}`;
    expect((await call('POST', '/audit/verify', { head: forged })).body).toMatchObject({
      whole: false,
      faults: [{ kind: 'rolled_back' }],
    });
  });
});
