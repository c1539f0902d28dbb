import { describe, expect, it } from 'vitest';
import type { GuardError } from '../errors.ts';
import { createIntrospection, type IntrospectionOptions } from './introspection.ts';

interface Asked {
  readonly token: string | null;
  readonly answer: (response: Response) => void;
}

/** Requests that wait for the test to answer them. */
const start = (options: Partial<IntrospectionOptions> = {}) => {
  const asked: Asked[] = [];
  const failures: GuardError[] = [];
  const clock = { now: 1000 };
  const introspect = createIntrospection({
    endpoint: () => 'https://id.test/introspect',
    authorization: 'Basic eA==',
    fetch: (_input, init) =>
      new Promise((resolve) => {
        asked.push({ token: init?.body instanceof URLSearchParams ? init.body.get('token') : null, answer: resolve });
      }),
    now: () => clock.now,
    signal: new AbortController().signal,
    onFailed: (error) => failures.push(error),
    ...options,
  });
  return { introspect, asked, failures, clock };
};

const active = (value: unknown): Response => Response.json({ active: value });

describe('introspection (RFC 7662)', () => {
  it('asks once for all who ask meanwhile', async () => {
    const { introspect, asked } = start();
    const answers = [introspect('a'), introspect('a'), introspect('b')];
    expect(asked.map(({ token }) => token)).toEqual(['a', 'b']);
    asked[0]?.answer(active(true));
    asked[1]?.answer(active(false));
    expect(await Promise.all(answers)).toEqual(['active', 'active', 'inactive']);
  });

  it('believes an answer for two seconds from the question, not from the answer', async () => {
    const { introspect, asked, clock } = start();
    const first = introspect('a');
    clock.now += 1.5;
    asked[0]?.answer(active(true));
    await first;
    clock.now += 0.5;
    expect(await introspect('a')).toBe('active');
    clock.now += 0.1;
    void introspect('a');
    expect(asked).toHaveLength(2);
  });

  it('does not believe an answer for longer because the clock stepped back', async () => {
    const { introspect, asked, clock } = start();
    const first = introspect('a');
    asked[0]?.answer(active(true));
    await first;
    clock.now -= 3;
    void introspect('a');
    expect(asked).toHaveLength(2);
  });

  it('keeps no more answers than it may, and forgets the oldest', async () => {
    const { introspect, asked } = start({ cacheEntries: 3 });
    for (const token of ['a', 'b', 'c', 'd']) {
      const answer = introspect(token);
      asked.at(-1)?.answer(active(true));
      await answer;
    }
    await introspect('d');
    await introspect('b');
    expect(asked).toHaveLength(4);
    void introspect('a');
    expect(asked).toHaveLength(5);
  });

  it.each([
    ['"active" that is no boolean', () => active('true')],
    ['no "active"', () => Response.json({})],
    ['a list', () => Response.json([{ active: true }])],
    ['a page', () => new Response('<html>')],
    ['nothing', () => new Response('')],
    ['a refusal', () => new Response('', { status: 401 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://10.0.0.1/' } })],
    ['too much', () => new Response(`{"active":true,"x":"${'x'.repeat(70_000)}"}`)],
    ['broken UTF-8', () => new Response(Uint8Array.of(0x22, 0xff, 0x22))],
  ])('takes %s for no answer, says so, and asks again', async (_name, answer) => {
    const { introspect, asked, failures } = start();
    const first = introspect('a');
    asked[0]?.answer(answer());
    expect(await first).toBe('unknown');
    expect(failures).toMatchObject([{ code: 'introspection_failed' }]);
    void introspect('a');
    expect(asked).toHaveLength(2);
  });

  it('knows nothing before the endpoint was found', async () => {
    const { introspect, asked } = start({ endpoint: () => undefined });
    expect(await introspect('a')).toBe('unknown');
    expect(asked).toHaveLength(0);
  });
});
