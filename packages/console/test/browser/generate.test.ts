/** Keys and examples for every algorithm, made, verified and decrypted in Chromium; then how the page looks to axe and at 360 px. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { importPKCS8, importSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNATURE_NAMES } from '../../src/debugger/crypto/algorithms.ts';
import { type Built, DebuggerPage, buildAndLaunch } from './debugger-page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let built: Built;
let debug: DebuggerPage;

beforeAll(async () => {
  built = await buildAndLaunch();
  debug = await DebuggerPage.open(built.browser, built.fileUrl);
});
afterAll(async () => {
  await debug.close();
  await built.close();
});

/** One of each way to give the content key, each with another content encryption; every pair is tried in `test/model/jwe.test.ts`. */
const PAIRS = [
  ['dir', 'A192GCM'],
  ['A192GCMKW', 'A128CBC-HS256'],
  ['RSA-OAEP-256', 'A192CBC-HS384'],
  ['ECDH-ES+A192KW', 'A256GCM'],
] as const;

describe('generation', () => {
  it.each(SIGNATURE_NAMES)('%s: a key and a token that the page itself verifies', async (algorithm) => {
    await debug.show('Generate');
    await debug.pick('Algorithm', algorithm);
    await debug.button('Generate').click();
    await debug.button('Inspect this token').click();
    await debug.page.locator('.key-card [data-status=valid]').waitFor();
    expect(await debug.row('Header', 'alg').textContent()).toContain(algorithm);
    expect(debug.complaints).toEqual([]);
  });

  it.each(PAIRS)('%s with %s: encrypted, nested, and opened again', async (alg, enc) => {
    await debug.show('Generate');
    await debug.pick('Example', 'Encrypted, nested (RFC 7516)');
    await debug.pick('Algorithm', 'ES256');
    await debug.pick('Key management', alg);
    await debug.pick('Content encryption', enc);
    await debug.button('Generate').click();
    await debug.button('Inspect this token').click();
    await debug.page.locator('.nested [data-status=valid]').waitFor();
    expect(debug.complaints).toEqual([]);
  });

  it('gives the key in PEM that other software reads', async () => {
    await debug.show('Generate');
    await debug.pick('Example', 'ID token');
    await debug.pick('Algorithm', 'Ed25519');
    await debug.button('Generate').click();
    const shown = debug.panel(/^Key Ed25519/u).locator('pre');
    await debug.page.getByRole('radio', { name: 'Private PEM' }).click();
    await importPKCS8((await shown.textContent()) ?? '', 'Ed25519');
    await debug.page.getByRole('radio', { name: 'Public PEM' }).click();
    await importSPKI((await shown.textContent()) ?? '', 'Ed25519');
    await debug.page.getByRole('radio', { name: 'Key set' }).click();
    expect(JSON.parse((await shown.textContent()) ?? '')).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519' }] });
    expect(await shown.textContent()).not.toContain('"d"');
  });
});

const EXAMPLES = [
  'Access token (RFC 9068)',
  'DPoP proof (RFC 9449)',
  'SD-JWT (RFC 9901)',
  'Encrypted, nested (RFC 7516)',
];
const BROKEN = `${Buffer.from('{"alg":"none","alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":').toString('base64url')}=.a+`;

describe.each([
  // Colours differ between the two schemes, and room between the two widths: what cannot differ is not looked at again.
  ['light', 1280, {}],
  ['dark', 1280, { runOnly: ['color-contrast'] }],
  ['light', 360, { rules: { 'color-contrast': { enabled: false } } }],
] as const)('%s, %i px wide', (colorScheme, width, rules) => {
  it('is accessible to axe in every view, and never wider than the window', async () => {
    const looked = await DebuggerPage.open(built.browser, built.fileUrl, {
      colorScheme,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    });
    const check = async (view: string) => {
      const overflow = await looked.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${view} is too wide`).toBeLessThanOrEqual(0);
      expect(await seriousFindings(looked, rules), view).toEqual([]);
    };
    await check('empty');
    for (const example of EXAMPLES) {
      await looked.token.fill('');
      await looked.button(example).click();
      await looked.page.locator('.key-card [data-status=valid], .nested [data-status=valid]').first().waitFor();
      await check(example);
    }
    await looked.paste(BROKEN, 'short');
    await looked.page.getByRole('radio', { name: 'JSON' }).last().click();
    await check('broken, edited');
    await looked.show('Compare');
    await looked.page.getByRole('textbox', { name: 'First token' }).fill(BROKEN);
    await looked.page.getByRole('textbox', { name: 'Second token' }).fill('hello world');
    await check('compare');
    await looked.show('Generate');
    await looked.button('Generate').click();
    await looked.button('Inspect this token').waitFor();
    await check('generate');
    expect(looked.complaints).toEqual([]);
    await looked.close();
  });
});

/** What axe calls serious or critical. It is run from outside: the page's own policy lets no other script in. */
async function seriousFindings({ page }: DebuggerPage, rules: object): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', {
    expression: `${axe}; axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...rules })}).then((results) => JSON.stringify(results.violations))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  const violations: { impact: string; id: string; nodes: { html: string; failureSummary: string }[] }[] = JSON.parse(
    String(result.value),
  );
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
}
