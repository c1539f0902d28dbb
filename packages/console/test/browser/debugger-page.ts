/**
 * Builds the page and opens it in Chromium, for tests: records every request, every message that the console shows and every
 * exception, so that each test can hold the page to its promises.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, type Locator, type Page, chromium } from 'playwright-core';
import { build } from 'vite';
import { vi } from 'vitest';
import { debuggerConfig } from '../../build/debugger.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// A browser on a busy machine is slow now and then; what is awaited is an event, never a time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

export interface Built {
  readonly browser: Browser;
  /** Folder of the served form. */
  readonly folder: string;
  /** Address of the single file. */
  readonly fileUrl: string;
  readonly close: () => Promise<void>;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });

export async function buildAndLaunch(): Promise<Built> {
  const dist = mkdtempSync(path.join(tmpdir(), 'sealgate-console-'));
  await build({ ...debuggerConfig(dist), configFile: false, logLevel: 'error' });
  const browser = await launchBrowser();
  return {
    browser,
    folder: path.join(dist, 'page'),
    fileUrl: pathToFileURL(path.join(dist, 'debugger.html')).href,
    close: async () => {
      await browser.close();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}

/** An open page with what was seen on it. */
export class DebuggerPage {
  readonly page: Page;
  /** Addresses that were asked for, the page itself among them. */
  readonly requests: string[] = [];
  /** Exceptions, and warnings and errors of the console: policy violations show up here. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<DebuggerPage> {
    const context = await browser.newContext({
      viewport: { width: 1000, height: 640 },
      timezoneId: 'Europe/Berlin',
      ...options,
    });
    const opened = new DebuggerPage(await context.newPage());
    opened.page.setDefaultTimeout(20_000);
    await opened.page.goto(url);
    await opened.token.waitFor();
    return opened;
  }

  get token(): Locator {
    return this.page.getByRole('textbox', { name: 'Token', exact: true });
  }

  get key(): Locator {
    return this.page.getByRole('textbox', { name: 'Key', exact: true });
  }

  /** The panel that says what came of trying the keys. */
  get verdict(): Locator {
    return this.page.locator('.key-card .verdict');
  }

  panel(name: string | RegExp): Locator {
    return this.page.getByRole('region', { name, exact: typeof name === 'string' });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async paste(token: string, key = ''): Promise<void> {
    await this.token.fill(token);
    await this.key.fill(key);
  }

  /** As it was when it opened, without the cost of opening it again. */
  async reset(): Promise<void> {
    await this.show('Inspect');
    await this.paste('', '');
    await this.page.getByRole('radio', { name: 'Local' }).click();
    this.complaints.length = 0;
  }

  /** What the row of a claim or header parameter shows. */
  row(panel: string, name: string): Locator {
    return this.panel(panel)
      .getByRole('row')
      .filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  async show(tab: 'Inspect' | 'Compare' | 'Generate' | 'Why refused?'): Promise<void> {
    await this.page.getByRole('tab', { name: tab }).click();
  }

  /** Chooses in a list that opens. */
  async pick(label: string, option: string): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(`${label}$`, 'u') }).click();
    await this.page.getByRole('option', { name: option, exact: true }).click();
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
