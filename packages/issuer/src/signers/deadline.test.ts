import { describe, expect, it } from 'vitest';
import { withinDeadline } from './deadline.ts';

describe('a deadline', () => {
  it('hands on what the work answers or throws', async () => {
    await expect(withinDeadline(1000, () => Promise.resolve('done'))).resolves.toBe('done');
    await expect(withinDeadline(1000, () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  });

  it('ends work that does not heed its signal', async () => {
    await expect(withinDeadline(10, () => new Promise(() => {}))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('says timeout, not what the work says on being aborted', async () => {
    const work = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    await expect(withinDeadline(10, work)).rejects.toMatchObject({ code: 'timeout' });
  });
});
