import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayLines } from './line-relay.ts';

describe('the output of several processes', () => {
  it('is passed on in whole lines, however it arrives', async () => {
    const lines = fc.array(
      fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
      { maxLength: 8 },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(lines, lines), sizes, async (texts, cuts) => {
        const to = new PassThrough();
        const written: string[] = [];
        to.on('data', (chunk: Buffer) => written.push(chunk.toString()));
        const sources = texts.map((text) => {
          const from = new PassThrough();
          relayLines(from, to);
          return { from, left: Buffer.from(text.map((line) => `${line}\n`).join('')) };
        });
        for (let turn = 0; sources.some(({ left }) => left.length > 0); turn++) {
          const source = sources[turn % 2]!;
          const size = cuts[turn % cuts.length]!;
          source.from.write(source.left.subarray(0, size));
          source.left = source.left.subarray(size);
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(written.every((chunk) => chunk.endsWith('\n'))).toBe(true);
        expect(written.join('').split('\n').sort()).toEqual([...texts.flat(), ''].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('ends with what a process that was killed had begun to say', async () => {
    const [from, to] = [new PassThrough(), new PassThrough()];
    relayLines(from, to);
    from.end('half a li');
    await new Promise((resolve) => from.once('close', resolve));
    expect(String(to.read())).toBe('half a li\n');
  });

  it('ends so where its pipe breaks, too', async () => {
    const [from, to] = [new PassThrough(), new PassThrough()];
    relayLines(from, to);
    from.write('half a li');
    await new Promise((resolve) => setImmediate(resolve));
    from.destroy(new Error('read ECONNRESET'));
    await new Promise((resolve) => from.once('close', resolve));
    expect(String(to.read())).toBe('half a li\n');
  });
});
