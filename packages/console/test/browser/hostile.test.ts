/**
 * 2,000 hostile and random texts pasted into the token field, and each as a key: no exception, no markup taken as markup, an
 * explanation for each (ATTACKS T11 to T17, T22).
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Built, DebuggerPage, buildAndLaunch } from './debugger-page.ts';
import { hostileTexts } from './hostile-texts.ts';

let built: Built;

beforeAll(async () => {
  built = await buildAndLaunch();
});
afterAll(() => built.close());

/** What the page looked like after a text: kept only if something is wrong. */
interface Observation {
  readonly index: number;
  readonly problem: string;
}

it('survives and explains 2,000 hostile texts', async () => {
  const debug = await DebuggerPage.open(built.browser, built.fileUrl);
  const texts = hostileTexts(2000);
  const problems: Observation[] = [];
  let slowestMs = 0;
  for (let from = 0; from < texts.length; from += 250) {
    const result = await debug.page.evaluate(pasteAll, { texts: texts.slice(from, from + 250), from });
    problems.push(...result.problems);
    slowestMs = Math.max(slowestMs, result.slowestMs);
  }
  expect(problems.slice(0, 10)).toEqual([]);
  expect(debug.complaints).toEqual([]);
  expect(debug.requests.filter((url) => !url.startsWith('data:'))).toEqual([built.fileUrl]);
  expect(await debug.page.evaluate(() => 'pwned' in globalThis)).toBe(false);
  expect(slowestMs).toBeLessThan(10_000);
  await debug.close();
}, 240_000);

/** Runs in the page: types each text as a browser would, lets React draw, and looks. */
async function pasteAll({ texts, from }: { texts: readonly string[]; from: number }) {
  const field = document.querySelector<HTMLTextAreaElement>('.token-card textarea');
  const key = document.querySelector<HTMLTextAreaElement>('.key-card textarea');
  const property = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value');
  const problems: { index: number; problem: string }[] = [];
  if (field === null || key === null || property === undefined)
    return { problems: [{ index: -1, problem: 'no field' }], slowestMs: 0 };
  const type = (target: HTMLTextAreaElement, text: string) => {
    // The prototype's own setter: React must believe that a person typed.
    property.set?.call(target, text);
    target.dispatchEvent(new Event('input', { bubbles: true }));
  };
  // A message and not a timer: browsers make nested timers wait.
  const drawn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', resolve, { once: true });
      port1.start();
      port2.postMessage(undefined);
    });
  let slowestMs = 0;
  for (const [offset, text] of texts.entries()) {
    const index = from + offset;
    // The first two hundred, the heavy ones among them, are laid out too; for the rest it is enough that they are drawn into the page.
    document.querySelector<HTMLElement>('#page')?.style.setProperty('display', index < 200 ? 'block' : 'none');
    const started = performance.now();
    type(field, text);
    // Keys are read in the same way by their own code: every eighth text goes there too.
    if (index % 8 === 0) type(key, text);
    await drawn();
    slowestMs = Math.max(slowestMs, performance.now() - started);
    const explained = document.querySelector('.token-card .explanation')?.textContent ?? '';
    const blank = text.trim() === '' || field.value.trim() === '';
    if (!blank && explained.length < 20)
      problems.push({ index, problem: `no explanation: ${JSON.stringify(text.slice(0, 80))}` });
    if (document.querySelector('[data-pwned], #page script, #page iframe, #page img, #page style') !== null) {
      problems.push({ index, problem: `markup: ${JSON.stringify(text.slice(0, 80))}` });
    }
    if (document.querySelector('.token-card') === null) problems.push({ index, problem: 'the page is gone' });
  }
  return { problems, slowestMs };
}
