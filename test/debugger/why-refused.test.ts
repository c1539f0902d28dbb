/** “Why refused?” as an operator uses it: Chromium on the admin port of a running gateway, with tokens of the real issuer. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Secret } from '@sealgate/service';
import { createGateway } from '@sealgate/gateway';
import { gatewayDebuggerSite } from '@sealgate/console';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor } from '../../conformance/gateway/fixture.ts';
import { DebuggerPage, launchBrowser } from '../../packages/console/test/browser/debugger-page.ts';
import { hostileTexts } from '../../packages/console/test/browser/hostile-texts.ts';
import { logIn, postForm, basic } from '../harness/client.ts';
import { DEMO_WORKER, startDemo, type Demo } from '../harness/demo.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

let demo: Demo;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
let debug: DebuggerPage;
let workerToken: string;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/pages.ts'], { cwd: ROOT });
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  const worker = await postForm(
    `${demo.issuer}/oauth/token`,
    { grant_type: 'client_credentials', scope: 'orders:read' },
    basic(DEMO_WORKER),
  );
  workerToken = String(worker.json?.['access_token']);
  debug = await DebuggerPage.open(browser, `${demo.admin}/debugger/`);
  await debug.show('Why refused?');
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

const ask = async () => {
  await debug.button('Explain').click();
  await debug.page.locator('.rules').waitFor();
};
const failedRules = async () => {
  const rules = await debug.page.locator('.rule[data-passed=false]').all();
  return Promise.all(rules.map((rule) => rule.getAttribute('data-rule')));
};
const verdict = () => debug.page.getByRole('status').filter({ hasText: 'Would be' }).innerText();

describe('the view “Why refused?” on the admin port', () => {
  it('offers the routes of this gateway, and fills in a request that a route would answer', async () => {
    await debug.pick('Route', 'POST,PUT,DELETE /orders/**');
    expect(await debug.page.getByRole('textbox', { name: 'Path, or whole URL' }).inputValue()).toBe('/orders');
    expect(await debug.page.getByRole('button', { name: /Method$/u }).innerText()).toContain('POST');
  });

  it('names every failed rule and what would have to change, by the gateway’s own verdict', async () => {
    await debug.token.fill(`Authorization: Bearer ${workerToken}`);
    await ask();
    expect(await verdict()).toContain('Would be refused: 403 insufficient_scope');
    expect(await failedRules()).toEqual(['scopes', 'roles']);
    expect(await debug.panel('What would have to change').getByRole('listitem').allInnerTexts()).toEqual([
      'The token needs the scope "orders:write".',
      'The token needs the role "editor".',
    ]);
  });

  it('says what would be let through', async () => {
    await debug.pick('Route', 'GET,HEAD /orders/**');
    expect(await debug.page.locator('.rules').count()).toBe(0);
    await ask();
    expect(await verdict()).toContain('Would be let through');
    expect(await failedRules()).toEqual([]);
  });

  it('knows of a revocation', async () => {
    const { access } = await logIn(demo.issuer);
    await fetch(`${demo.issuer}/v1/logout`, { method: 'POST', headers: { authorization: `Bearer ${access}` } });
    await debug.token.fill(access);
    await ask();
    expect(await failedRules()).toEqual(['revocation']);
  });

  it('says what cannot be judged at all, and why', async () => {
    await debug.page.getByRole('textbox', { name: 'Further headers, one a line' }).fill('x-a: b\u0007');
    await debug.button('Explain').click();
    await debug.page.getByText('The gateway cannot judge this').waitFor();
    await debug.page.getByText('headers: expected the value of a header').waitFor();
    await debug.page.getByRole('textbox', { name: 'Further headers, one a line' }).fill('');
  });

  it('explains a request whose path has two readings', async () => {
    await debug.page.getByRole('textbox', { name: 'Path, or whole URL' }).fill('/orders/..%2fadmin');
    await ask();
    expect(await verdict()).toContain('400 path_ambiguous');
    expect(await failedRules()).toEqual(['path']);
  });

  it('survives hostile texts as token and as path: an answer or a reason for each, and no markup', async () => {
    const url = debug.page.getByRole('textbox', { name: 'Path, or whole URL' });
    for (const text of hostileTexts(2000).filter((_, index) => index % 100 === 0)) {
      await debug.token.fill(text.slice(0, 20_000));
      await url.fill(`/${text.slice(0, 4000)}`);
      await debug.button('Explain').click();
      await debug.page.locator('.inspect [role=status] .callout').waitFor();
    }
    expect(await debug.page.locator('[data-pwned], #page script, #page iframe, #page img').count()).toBe(0);
  });

  it('asks this origin alone, and only for routes and explanations', () => {
    const asked = debug.requests.filter(
      (url) => !url.startsWith(`${demo.admin}/debugger/`) && !url.startsWith('data:'),
    );
    expect(new Set(asked)).toEqual(new Set([`${demo.admin}/routes`, `${demo.admin}/explain`]));
    // A browser reports the 422 of what cannot be judged on its own; nothing else may be there.
    expect(debug.complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });

  it('is not let out by its policy', async () => {
    const blocked = await debug.page.evaluate(
      (url) =>
        fetch(url).then(
          () => 'allowed',
          () => 'blocked',
        ),
      `${demo.issuer}/.well-known/jwks.json`,
    );
    expect(blocked).toBe('blocked');
  });

  it('has nothing serious for axe, light and dark', async () => {
    await debug.token.fill(workerToken);
    await debug.page.getByRole('textbox', { name: 'Path, or whole URL' }).fill('/orders');
    await ask();
    await debug.page.evaluate(readFileSync(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8'));
    for (const colorScheme of ['light', 'dark'] as const) {
      await debug.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found = await debug.page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      });
      expect(found).toEqual([]);
    }
  });

  it('fits 360 pixels, and brings the verdict into sight', async () => {
    await debug.page.setViewportSize({ width: 360, height: 740 });
    await ask();
    const box = await debug.page.locator('.refusal-verdict').boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(740);
    expect(await debug.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await debug.page.setViewportSize({ width: 1000, height: 640 });
  });
});

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

describe('an admin port with a token', () => {
  it('shows the page, and answers its questions once the admin token is given', async () => {
    const config = configFor(demo.upstream, demo.issuer, {});
    const adminToken = Secret.of('admin-token-for-this-test');
    const gateway = await createGateway({ config: { ...config, adminToken }, debuggerPages: gatewayDebuggerSite });
    const { adminUrl } = await gateway.listen();
    const guarded = await DebuggerPage.open(browser, `${adminUrl}/debugger/`);
    await guarded.show('Why refused?');
    const field = guarded.page.getByRole('textbox', { name: 'Admin token' });
    await field.fill('wrong');
    await guarded.button('Explain').click();
    await guarded.page.getByText('The admin port does not accept this admin token').waitFor();
    await field.fill('admin-token-for-this-test');
    await guarded.button('Explain').click();
    await guarded.page.locator('.rules').waitFor();
    await guarded.pick('Route', '* /open/**');
    await guarded.close();
    await gateway.close();
  });
});

describe('the form that the issuer serves', () => {
  it('says where to ask instead', async () => {
    const served = await DebuggerPage.open(browser, `${demo.issuer}/debugger/`);
    await served.show('Why refused?');
    await served.panel('Ask the gateway itself').getByText('http://127.0.0.1:8081/debugger/').waitFor();
    expect(served.requests.every((url) => url.startsWith(`${demo.issuer}/debugger/`) || url.startsWith('data:'))).toBe(
      true,
    );
    expect(served.complaints).toEqual([]);
    await served.close();
  });
});
