/** Setting a password by mail, with a real mail server: who gets one, what it is good for, and that askers learn nothing. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { USER, claimsOf, startIssuer, type IssuerUnderTest } from '../issuer-under-test.ts';
import { decodeQuotedPrintable, startMailServer, type MailServer } from '../mail/mail-server.ts';

const SMTP_PASSWORD = 'canary of the mail server';
const NEXT = 'an entirely new password';
const RESET_LINK = 'https://app.acme.test/new-password#{token}';
const BIG = { attempts: 1000, per: '1h' };

const secrets = mkdtempSync(path.join(tmpdir(), 'sealgate-smtp-'));
let mails: MailServer;
let issuer: IssuerUnderTest;
let aheadMs = 0;
let asked = 0;

beforeAll(async () => {
  writeFileSync(path.join(secrets, 'smtp'), SMTP_PASSWORD);
  mails = await startMailServer({ user: 'sealgate', password: SMTP_PASSWORD });
  const smtp = { url: mails.url, username: 'sealgate', password: `file:${path.join(secrets, 'smtp')}` };
  issuer = await startIssuer({
    nowMs: () => Date.now() + aheadMs,
    config: {
      mail: { from: 'Acme <no-reply@acme.test>', smtp, resetLink: RESET_LINK },
      passwordReset: { account: { attempts: 4, per: '1h' }, address: BIG },
      loginLimits: { account: BIG, address: BIG },
    },
  });
  await issuer.issuer.admin.createUser({ username: 'no-address', password: USER.password });
});
afterAll(async () => {
  await issuer.close();
  await mails.close();
  rmSync(secrets, { recursive: true });
});
// Counts begin anew.
beforeEach(() => {
  aheadMs += 3_600_001;
});

const ask = (username: string) => issuer.postJson('/v1/password/reset-request', { username });
const reset = (token: string, password: string) =>
  issuer.postJson('/v1/password/reset', { token, new_password: password });
const login = async (password: string) =>
  (await issuer.postJson('/v1/login', { username: USER.username, password, client_id: 'orders-web' })).status;
const tokenIn = (text: string) => /https:\/\/app\.acme\.test\/new-password#(sgp_[\w-]{43})\s/u.exec(text)?.[1] ?? '';

async function mailed(username: string = USER.username): Promise<string> {
  expect((await ask(username)).status).toBe(202);
  return tokenIn((await mails.until(++asked)).text);
}

/** Every event since the last one before `work`, once `count` are there. */
async function audited(count: number, work: () => Promise<unknown>) {
  const { audit } = issuer.issuer.admin;
  const before = (await audit.list({ limit: 1 }))[0]?.seq ?? 0;
  await work();
  for (;;) {
    const rows = (await audit.list({ limit: 20 })).filter(({ seq }) => seq > before).toReversed();
    if (rows.length >= count) return rows;
  }
}

it('mails a link that sets the password once, ends every session and family, and is told in the audit', async () => {
  const session = await issuer.login();
  const token = await mailed();
  const mail = mails.received.at(-1);
  expect(mail).toMatchObject({ from: 'no-reply@acme.test', to: [USER.username], user: 'sealgate' });
  expect(mail?.text).toMatch(/^From: Acme <no-reply@acme\.test>\r$/mu);
  expect(mail?.text).toMatch(/^Auto-Submitted: auto-generated\r$/mu);
  expect(mail?.text).toContain('within 30 minutes');

  const told = await audited(1, async () => expect((await reset(token, NEXT)).status).toBe(204));
  const { sub } = claimsOf(session.access_token);
  expect(told).toEqual([expect.objectContaining({ event: 'password_reset', outcome: 'success', subject: sub })]);
  expect((await issuer.introspect(session.access_token))['active']).toBe(false);
  expect((await issuer.refresh(session.refresh_token)).status).toBe(400);
  expect([await login(USER.password), await login(NEXT)]).toEqual([401, 200]);

  const again = await reset(token, USER.password);
  expect([again.status, again.body['code']]).toEqual([400, 'reset_token_invalid']);
  expect(await login(NEXT)).toBe(200);
  await issuer.issuer.admin.setPassword(String(sub), USER.password);
});

describe('a token', () => {
  it('stays good when the password is refused, by the rules for new passwords', async () => {
    const token = await mailed();
    const short = await reset(token, 'short');
    expect([short.status, short.body['code']]).toEqual([400, 'password_unacceptable']);
    expect((await reset(token, USER.password)).status).toBe(204);
  });

  it('is good for one of many at the same time', async () => {
    const token = await mailed();
    const answers = await Promise.all(Array.from({ length: 5 }, () => reset(token, USER.password)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 400, 400, 400, 400]);
  });

  it('is nothing after its time', async () => {
    const token = await mailed();
    aheadMs += 30 * 60_000;
    expect((await reset(token, NEXT)).body['code']).toBe('reset_token_invalid');
  });

  it('is nothing when the password changed meanwhile, and neither are its siblings after use', async () => {
    const [first, second] = [await mailed(), await mailed()];
    expect(first).not.toBe(second);
    expect((await reset(second, USER.password)).status).toBe(204);
    expect((await reset(first, NEXT)).body['code']).toBe('reset_token_invalid');
    const third = await mailed();
    const user = await issuer.issuer.admin.findUser(USER.username);
    await issuer.issuer.admin.setPassword(user?.id ?? '', USER.password);
    expect((await reset(third, NEXT)).body['code']).toBe('reset_token_invalid');
  });

  it('is nothing for a user who is disabled', async () => {
    const token = await mailed();
    const user = await issuer.issuer.admin.findUser(USER.username);
    await issuer.issuer.admin.changeUser(user?.id ?? '', { disabled: true });
    expect((await reset(token, NEXT)).body['code']).toBe('reset_token_invalid');
    await issuer.issuer.admin.changeUser(user?.id ?? '', { disabled: false });
  });

  it('does not stand in the database or the log', async () => {
    const token = await mailed();
    const database = new DatabaseSync(path.join(issuer.folder, 'sealgate.db'), { readOnly: true });
    const rows = JSON.stringify(database.prepare('select hex(hash), user, expires_ms from password_reset').all());
    database.close();
    expect(rows).toContain('usr_');
    const hex = Buffer.from(token).toString('hex').toUpperCase();
    const secret = Buffer.from(token.slice(4), 'base64url').toString('hex').toUpperCase();
    for (const text of [rows, issuer.log.join('')]) {
      for (const canary of [token, hex, secret, SMTP_PASSWORD]) expect(text).not.toContain(canary);
    }
  });
});

describe('whoever asks', () => {
  it.each([
    ['a name that nobody has', 'nobody@example.com', 'unknown_user'],
    ['a name that is no mail address', 'no-address', 'no_address'],
    ['two addresses', `${USER.username},attacker@example.com`, 'unknown_user'],
  ])('is told the same for %s; no mail is sent, and the audit knows why', async (_name, username, reason) => {
    const known = await ask(USER.username);
    await mails.until(++asked);
    let unknown: Awaited<ReturnType<typeof ask>> | undefined;
    const [told] = await audited(1, async () => {
      unknown = await ask(username);
    });
    expect([unknown?.status, unknown?.text]).toEqual([known.status, known.text]);
    const names = (headers: Headers | undefined) => [...(headers?.keys() ?? [])];
    expect(names(unknown?.headers)).toEqual(names(known.headers));
    expect(told).toMatchObject({ event: 'password_reset_requested', outcome: 'refused', reason });
    expect(mails.received).toHaveLength(asked);
  });

  it('is answered before anybody looks: a mail server that hangs holds up nobody', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const silent = createServer((socket) => void promise.then(() => socket.destroy()));
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
    const { port } = silent.address() as { port: number };
    const other = await startIssuer({
      config: { mail: { from: 'a@acme.test', smtp: { url: `smtp://127.0.0.1:${port}` }, resetLink: RESET_LINK } },
    });
    const connected = new Promise((seen) => silent.once('connection', seen));
    const answer = await other.postJson('/v1/password/reset-request', { username: USER.username });
    expect(answer.status).toBe(202);
    await connected;
    resolve();
    await other.close();
    silent.close();
    const line = other.log.find((each) => each.includes('a reset mail was not sent')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ reason: expect.stringMatching(/^E[A-Z]+$/u) });
    expect(line).not.toContain(USER.username);
  });

  it.each([
    ['an account', USER.username],
    ['a name that nobody has', 'nobody@example.com'],
  ])('is limited for %s, the same whether it exists', async (_name, username) => {
    const statuses: number[] = [];
    for (let each = 0; each < 6; each++) statuses.push((await ask(username)).status);
    expect(statuses).toEqual([202, 202, 202, 202, 429, 429]);
    if (username === USER.username) await mails.until((asked += 4));
    expect(mails.received).toHaveLength(asked);
  });
});

it('has no such endpoint where no mail is configured', async () => {
  const plain = await startIssuer();
  const answer = await plain.postJson('/v1/password/reset-request', { username: USER.username });
  expect(answer.status).toBe(404);
  await plain.close();
});

it('writes the mail into a folder for its owner alone, where that is configured', async () => {
  const other = await startIssuer({
    config: {
      mail: { from: 'a@acme.test', outbox: 'outbox', resetLink: RESET_LINK },
      passwordReset: { address: { attempts: 1, per: '1h' } },
    },
  });
  expect((await other.postJson('/v1/password/reset-request', { username: USER.username })).status).toBe(202);
  const limited = await other.postJson('/v1/password/reset-request', { username: 'other@example.com' });
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/u)]);
  await other.issuer.close();
  const folder = path.join(other.folder, 'outbox');
  const [name = '', ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  expect((statSync(path.join(folder, name)).mode & 0o777).toString(8)).toBe('600');
  expect(tokenIn(decodeQuotedPrintable(readFileSync(path.join(folder, name), 'utf8')))).not.toBe('');
  await other.close();
});
