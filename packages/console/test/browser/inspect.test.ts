/** The inspector in Chromium, as the single file: each thing the debugger is for, and that nothing leaves the page. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompactEncrypt, SignJWT, exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Built, DebuggerPage, buildAndLaunch } from './debugger-page.ts';

let built: Built;
let debug: DebuggerPage;
const now = Math.floor(Date.now() / 1000);
const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  built = await buildAndLaunch();
  debug = await DebuggerPage.open(built.browser, built.fileUrl);
});
afterAll(async () => {
  await debug.close();
  await built.close();
});

beforeEach(() => debug.reset());
afterEach(() => {
  // Whatever the test did: nothing was asked of the network, and nothing went wrong unseen.
  expect(debug.requests.filter((url) => !url.startsWith('data:'))).toEqual([built.fileUrl]);
  expect(debug.complaints).toEqual([]);
});

async function signed(claims: Record<string, unknown>, alg = 'ES256', header: Record<string, unknown> = {}) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const token = await new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey);
  return { token, privateKey, publicKey };
}

describe('a pasted token', () => {
  it('is coloured by part, explained claim by claim with its RFC, and not called verified', async () => {
    const { token } = await signed({
      iss: 'https://issuer.test',
      sub: 'alice',
      scope: 'a b',
      exp: now + 600,
      tier: 'gold',
    });
    await debug.paste(token);
    const [header, payload, signature] = token.split('.');
    const part = (name: string) => debug.page.locator(`.code-colours .part-${name}`).first();
    expect(await part('header').textContent()).toBe(header);
    expect(await part('payload').textContent()).toBe(payload);
    expect(await part('signature').textContent()).toBe(signature);
    const colours = await debug.page
      .locator('.code-colours [class^=part-]')
      .evaluateAll((spans) => spans.map((span) => getComputedStyle(span).color));
    expect(new Set(colours).size).toBe(3);
    expect(await debug.row('Claims', 'iss').textContent()).toContain('who made and signed the token');
    expect(await debug.row('Claims', 'iss').getByRole('link').getAttribute('href')).toBe(
      'https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.1',
    );
    expect(await debug.row('Claims', 'scope').locator('.word').allTextContents()).toEqual(['a', 'b']);
    expect(await debug.row('Claims', 'tier').textContent()).toContain('Private to the issuer');
    expect(await debug.row('Header', 'alg').textContent()).toContain('RFC 7515');
    expect(await debug.verdict.getAttribute('data-status')).toBe('no-key');
    expect(await debug.panel('Summary').textContent()).toContain('Not verified');
  });

  it.each([
    ['a header line', (token: string) => `Authorization: Bearer ${token}`, 'header line'],
    [
      'a token response',
      (token: string) => JSON.stringify({ access_token: token, token_type: 'Bearer' }),
      'in the text around it',
    ],
    ['a wrapped mail', (token: string) => token.replaceAll(/.{50}/gu, '$&\n'), 'line breaks'],
    ['a log', (token: string) => `12:00:01 GET /orders token=${token} 401`, 'in the text around it'],
  ])('is found in %s', async (_name, wrap, remark) => {
    const { token } = await signed({ sub: 'alice' });
    await debug.paste(wrap(token));
    expect(await debug.row('Claims', 'sub').textContent()).toContain('alice');
    expect(await debug.panel('Token').textContent()).toContain(remark);
  });

  it('is chosen among several in one text', async () => {
    const [first, second] = [await signed({ sub: 'alice' }), await signed({ sub: 'bob' })];
    await debug.paste(JSON.stringify({ access_token: first.token, id_token: second.token }));
    expect(await debug.row('Claims', 'sub').textContent()).toContain('alice');
    await debug.button('2: id_token').click();
    expect(await debug.row('Claims', 'sub').textContent()).toContain('bob');
  });

  it('can be handed over in the fragment, which is then gone from the address', async () => {
    const { token } = await signed({ sub: 'alice' });
    const other = await DebuggerPage.open(built.browser, `${built.fileUrl}#token=${token}`);
    expect(await other.row('Claims', 'sub').textContent()).toContain('alice');
    expect(other.page.url()).toBe(built.fileUrl);
    await other.close();
  });

  it('comes with its key in a link as jwt.io makes them, and as an answer of OAuth in a fragment', async () => {
    const { token, publicKey } = await signed({ sub: 'alice' });
    const fragment = new URLSearchParams({ access_token: token, publicKey: await exportSPKI(publicKey) });
    const other = await DebuggerPage.open(built.browser, `${built.fileUrl}#${fragment}`);
    await other.page.locator('.key-card [data-status=valid]').waitFor();
    expect(other.page.url()).toBe(built.fileUrl);
    await other.close();
  });
});

describe('verification', () => {
  it('takes a secret, and says in which encoding it fits', async () => {
    const secret = Buffer.from('0123456789abcdef0123456789abcdef');
    const token = await new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    await debug.paste(token, secret.toString());
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    await debug.paste(token, secret.toString('base64url'));
    await debug.page.locator('.key-card [data-status=invalid]').waitFor();
    expect(await debug.verdict.textContent()).toContain('fits when it is read as base64url');
    await debug.page.getByRole('radio', { name: 'base64' }).click();
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
  });

  it.each(['ES256', 'RS256', 'PS384', 'Ed25519'])(
    'takes %s keys as JWK, as PEM, public and private, and in a set',
    async (alg) => {
      const { token, privateKey, publicKey } = await signed({ sub: 'alice' }, alg, { kid: 'k2' });
      const other = await generateKeyPair('ES256', { extractable: true });
      const set = {
        keys: [
          { ...(await exportJWK(other.publicKey)), kid: 'k1' },
          { ...(await exportJWK(publicKey)), kid: 'k2' },
        ],
      };
      const forms = [
        JSON.stringify(await exportJWK(publicKey)),
        JSON.stringify(set),
        await exportSPKI(publicKey),
        await exportPKCS8(privateKey),
      ];
      for (const key of forms) {
        await debug.paste(token, key);
        await debug.page.locator('.key-card [data-status=valid]').waitFor();
      }
      await debug.paste(`${token.slice(0, -8)}AAAAAAAA`, await exportSPKI(publicKey));
      await debug.page.locator('.key-card [data-status=invalid]').waitFor();
    },
  );

  it('writes a pasted key as PEM and as JWK', async () => {
    const { token, privateKey, publicKey } = await signed({ sub: 'alice' }, 'Ed25519');
    for (const pem of [await exportPKCS8(privateKey), await exportSPKI(publicKey)]) {
      await debug.paste(token, pem);
      await debug.button('As JWK').click();
      expect(JSON.parse(await debug.key.inputValue())).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
      await debug.button('As PEM').click();
      expect((await debug.key.inputValue()).trim()).toBe(pem.trim());
      await debug.page.locator('.key-card [data-status=valid]').waitFor();
    }
  });

  it('takes a certificate, and says whose it is and that it has expired', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-certificate-'));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path.join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    execFileSync(
      'openssl',
      ['req', '-x509', '-key', 'key.pem', '-out', 'cert.pem', '-days', '30', '-subj', '/CN=issuer.test/O=Example'],
      { cwd: folder, stdio: 'ignore' },
    );
    const certificate = readFileSync(path.join(folder, 'cert.pem'), 'utf8');
    rmSync(folder, { recursive: true });
    const token = await new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    await debug.paste(token, certificate);
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    expect(await debug.panel('Verify').textContent()).toContain('CN=issuer.test, O=Example');
  });

  it('explains a key that does not fit, a key id that is not in the set, and a signature in DER', async () => {
    const { token, publicKey, privateKey } = await signed({ sub: 'alice' }, 'ES256', { kid: 'gone' });
    await debug.paste(token, 'a shared secret that is long enough to be one');
    await debug.page.locator('.key-card [data-status=misfit]').waitFor();
    const { publicKey: other } = await generateKeyPair('ES256', { extractable: true });
    await debug.paste(token, JSON.stringify({ keys: [{ ...(await exportJWK(other)), kid: 'new' }] }));
    await debug.page.locator('.key-card [data-status=invalid]').waitFor();
    expect(await debug.verdict.textContent()).toContain('No key of the set is called "gone"');
    const [header = '', payload = ''] = token.split('.');
    const { sign } = await import('node:crypto');
    const der = sign(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      createPrivateKey(await exportPKCS8(privateKey)),
    ).toString('base64url');
    await debug.paste(`${header}.${payload}.${der}`, await exportSPKI(publicKey));
    await debug.page.locator('.key-card [data-status=invalid]').waitFor();
    expect(await debug.verdict.textContent()).toContain('the form of the signature is wrong');
    expect(await debug.panel('Token').textContent()).toContain('The signature is in DER form');
  });

  it('recognises algorithm confusion: the public key used as a secret (ATTACKS T3)', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const pem = await exportSPKI(publicKey);
    const forged = await new SignJWT({ sub: 'root' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(pem));
    await debug.paste(forged, pem);
    await debug.page.getByText('This is an algorithm confusion attack').waitFor();
    expect(await debug.verdict.getAttribute('data-status')).toBe('misfit');
  });
});

describe('editing', () => {
  it('signs changed claims again with the key, by button and by Ctrl+Enter', async () => {
    const { token, privateKey } = await signed({ sub: 'alice', roles: ['reader'] });
    await debug.paste(token, JSON.stringify(await exportJWK(privateKey)));
    await debug.page.getByRole('radio', { name: 'JSON' }).last().click();
    const editor = debug.page.getByRole('textbox', { name: 'Payload as JSON, editable' });
    await editor.fill('{"sub": "alice", "roles": ["admin"]}');
    expect(await debug.page.getByText('Edited: the signature no longer covers this.').isVisible()).toBe(true);
    await debug.button('Sign again').click();
    await debug.page.waitForFunction((old) => document.querySelector('textarea')?.value !== old, token);
    const second = await debug.token.inputValue();
    expect(JSON.parse(Buffer.from(second.split('.')[1] ?? '', 'base64url').toString())).toEqual({
      sub: 'alice',
      roles: ['admin'],
    });
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    await editor.fill('{"sub": "carol"}');
    await editor.press('Control+Enter');
    await debug.page.waitForFunction((old) => document.querySelector('textarea')?.value !== old, second);
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    expect(
      JSON.parse(Buffer.from((await debug.token.inputValue()).split('.')[1] ?? '', 'base64url').toString()),
    ).toEqual({ sub: 'carol' });
  });

  it('keeps the old signature on request, which then does not fit, and discards', async () => {
    const { token, publicKey } = await signed({ sub: 'alice' });
    await debug.paste(token, await exportSPKI(publicKey));
    await debug.page.getByRole('radio', { name: 'JSON' }).last().click();
    const editor = debug.page.getByRole('textbox', { name: 'Payload as JSON, editable' });
    await editor.fill('{"sub": "mallory"');
    expect(await debug.page.getByText('Not JSON yet').textContent()).toContain('line 1, column 18');
    await debug.button('Discard').click();
    expect(await debug.token.inputValue()).toBe(token);
    await editor.fill('{"sub": "mallory"}');
    await debug.button('Sign again').click();
    await debug.page.getByText('Signing needs the private key').waitFor();
    await debug.button('Keep old signature').click();
    await debug.page.locator('.key-card [data-status=invalid]').waitFor();
    expect((await debug.token.inputValue()).split('.')[2]).toBe(token.split('.')[2]);
  });
});

describe('encrypted tokens', () => {
  it('are decrypted, and the token inside is verified by a key of the same set', async () => {
    const inner = await signed({ sub: 'alice' }, 'ES256', { kid: 'sig' });
    const recipient = await generateKeyPair('RSA-OAEP-256', { extractable: true });
    const token = await new CompactEncrypt(Buffer.from(inner.token))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A192CBC-HS384', cty: 'JWT' })
      .encrypt(recipient.publicKey);
    await debug.paste(token);
    expect(await debug.page.locator('.legend-name').allTextContents()).toEqual([
      'Header',
      'Encrypted key',
      'IV',
      'Ciphertext',
      'Tag',
    ]);
    const keys = [
      { ...(await exportJWK(recipient.privateKey)), kid: 'enc' },
      { ...(await exportJWK(inner.publicKey)), kid: 'sig' },
    ];
    await debug.paste(token, JSON.stringify({ keys }));
    await debug.page.locator('.nested [data-status=valid]').waitFor();
    expect(await debug.page.locator('.nested').textContent()).toContain('alice');
    const other = await generateKeyPair('RSA-OAEP-256', { extractable: true });
    await debug.paste(token, await exportPKCS8(other.privateKey));
    await debug.page.getByText('this is not the key that the token was encrypted to').waitFor();
  });
});

describe('special kinds', () => {
  it('lays out an SD-JWT, and sees a disclosure that does not belong', async () => {
    await debug.button('SD-JWT (RFC 9901)').click();
    await debug.page.getByText('Made for exactly this presentation.').waitFor();
    await debug.page.getByText('Signed by the holder’s key in “cnf”.').waitFor();
    expect(await debug.row('Disclosures', 'given_name').textContent()).toContain('/given_name');
    expect(
      await debug.row('Payload with what is disclosed', 'nationalities').locator('.word').allTextContents(),
    ).toEqual(['GB', 'FR']);
    expect(await debug.panel('Disclosures').textContent()).toContain('1 more digest has no disclosure');
    const pieces = (await debug.token.inputValue()).split('~');
    pieces.splice(1, 1, base64url('["salt","given_name","Mallory"]'));
    await debug.token.fill(pieces.join('~'));
    await debug.page.locator('[data-code=sd-disclosure-unused]').waitFor();
    await debug.page.getByText('“sd_hash” is of another presentation').waitFor();
  });

  it('lays out a DPoP proof, checks it with its own key, and against the access token', async () => {
    await debug.button('DPoP proof (RFC 9449)').click();
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    await debug.key.fill('');
    await debug.page.getByText('Checked with the key in its own header').waitFor();
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    const panel = debug.panel('Proof of possession');
    expect(await panel.textContent()).toContain('POSThttps://api.example.com/orders');
    const access = panel.getByRole('textbox', { name: 'Access token that it goes with' });
    await access.fill('an-access-token');
    await panel.getByText('The access token is not bound to a key').waitFor();
    await access.fill('another-token');
    await panel.getByText('“ath” is the hash of another token.').waitFor();
  });

  it('gives advice from the rules of the library', async () => {
    const { token } = await signed({ sub: 'alice', email: 'a@example.com', exp: now + 90 * 86_400, iat: now });
    await debug.paste(token);
    const rules = await debug
      .panel('Advice')
      .locator('[data-rule]')
      .evaluateAll((items) => items.map((item) => item.getAttribute('data-rule')));
    expect(rules).toEqual(expect.arrayContaining(['life-long', 'aud-missing', 'personal-data']));
  });
});

describe('times', () => {
  it('are shown local, in UTC and relative, on a line with now and the allowed skew', async () => {
    const { token } = await signed({ iat: 1_700_000_000, exp: 1_700_000_600 });
    await debug.paste(token);
    expect(await debug.row('Claims', 'exp').textContent()).toContain('2023-11-14 23:23:20 GMT+1');
    await debug.page.getByRole('radio', { name: 'UTC' }).click();
    expect(await debug.row('Claims', 'exp').textContent()).toContain('2023-11-14 22:23:20 UTC');
    await debug.page.getByRole('radio', { name: 'Relative' }).click();
    expect(await debug.row('Claims', 'exp').locator('.value-main').textContent()).toMatch(/^\d years? ago$/u);
    expect(await debug.page.locator('.line-name').allTextContents()).toEqual(['issued', 'expires', 'now']);
    expect(await debug.page.locator('.line-length').first().textContent()).toBe('10 min');
    expect(await debug.panel('Summary').textContent()).toMatch(/Expired \d+ y.* ago/u);
    const justOver = await signed({ iat: now - 600, exp: Math.floor(Date.now() / 1000) - 20 });
    await debug.paste(justOver.token);
    expect(await debug.panel('Summary').textContent()).toContain('only thanks to the allowed skew');
    const skew = debug.page.getByRole('textbox', { name: 'Allowed skew, seconds' });
    await skew.fill('0');
    await skew.press('Tab');
    await debug.page.getByText(/Expired \d+ s ago/u).waitFor();
  });
});

describe('comparison', () => {
  it('shows what differs between two tokens, words and times included', async () => {
    const first = await signed({ sub: 'alice', scope: 'read write', exp: now, tier: 1 });
    const second = await signed({ sub: 'alice', scope: 'read admin', exp: now + 600, extra: true });
    await debug.paste(first.token);
    await debug.show('Compare');
    await debug.button('Use the inspected token').click();
    await debug.page.getByRole('textbox', { name: 'Second token' }).fill(second.token);
    const panel = debug.panel('4 differences');
    const row = (name: string) =>
      panel
        .getByRole('row')
        .filter({ has: debug.page.locator('.path-name', { hasText: new RegExp(`^${name}$`, 'u') }) });
    expect(await row('scope').locator('.word-removed').textContent()).toBe('− write');
    expect(await row('scope').locator('.word-added').textContent()).toBe('+ admin');
    expect(await row('exp').textContent()).toContain('10 min later');
    expect(await row('tier').textContent()).toContain('only first');
    expect(await row('extra').textContent()).toContain('only second');
    expect(await row('sub').count()).toBe(0);
    await debug.page.getByText('Only differences').click();
    expect(await row('sub').textContent()).toContain('same');
  });
});

describe('the keyboard alone', () => {
  it('reaches the token, the key, the views and the place of a fault', async () => {
    const { page } = debug;
    const { token, publicKey } = await signed({ sub: 'alice' });
    await page.keyboard.press('Alt+t');
    await page.keyboard.insertText(`${token}!`);
    await page.keyboard.press('Alt+k');
    await page.keyboard.insertText(await exportSPKI(publicKey));
    expect(await debug.key.inputValue()).toContain('BEGIN PUBLIC KEY');
    await page
      .getByRole('button', { name: /Show in the token/u })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => getSelection()?.toString())).toBe('!');
    await page.keyboard.press('Alt+3');
    expect(await page.getByRole('tab', { name: 'Generate' }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Alt+1');
    await debug.token.waitFor();
    await page.getByRole('tab', { name: 'Inspect' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: 'Compare' }).getAttribute('aria-selected')).toBe('true');
  });
});
