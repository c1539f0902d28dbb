import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../bad-input/raw-request.ts';
import { bearer, logIn, request } from '../harness/client.ts';
import { startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';

let demo: Demo;
let access = '';
beforeAll(async () => {
  demo = await startDemo();
  ({ access } = await logIn(demo.issuer));
});
afterAll(async () => demo.close());

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a token with one character changed', () => {
  it.each(['header', 'payload', 'signature'])('anywhere in its %s is refused', async (part) => {
    const parts = access.split('.');
    const index = ['header', 'payload', 'signature'].indexOf(part);
    const text = parts[index] ?? '';
    for (let at = 0; at < text.length; at += 1) {
      // The neighbour in the alphabet: for the last character, the change of fewest bits.
      const changed = ALPHABET[ALPHABET.indexOf(text[at] ?? '') ^ 1] ?? '';
      const forged = parts.with(index, text.slice(0, at) + changed + text.slice(at + 1)).join('.');
      const { status, headers } = await request(`${demo.gateway}/orders`, { headers: bearer(forged) });
      expect(status, `character ${at} of the ${part}`).toBe(401);
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it.each<[string, (token: string) => string]>([
    ['more', (token) => `${token}A`],
    ['less', (token) => token.slice(0, -1)],
    ['padding', (token) => `${token}=`],
    ['another dot', (token) => `${token}.`],
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    [
      'no algorithm',
      (token) => `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${token.split('.')[1]}.`,
    ],
  ])('or with %s, too', async (_name, change) => {
    expect((await request(`${demo.gateway}/orders`, { headers: bearer(change(access)) })).status).toBe(401);
  });

  it('passes unchanged', async () => {
    expect((await request(`${demo.gateway}/orders`, { headers: bearer(access) })).status).toBe(200);
  });
});

describe('identity headers that a caller forges (ATTACKS.md G2, G3)', () => {
  it.each<[string, readonly string[]]>([
    ['as they are', ['X-User-Id', 'forged']],
    ['with underscores', ['x_user_id', 'forged']],
    ['in capitals, mixed', ['X-USER_ID', 'forged']],
    ['twice', ['x-user-id', 'forged', 'x-user-id', 'forged']],
    ['other ones', ['x-user-roles', 'forged', 'X_Client-Id', 'forged']],
    ['named in Connection', ['x-user-id', 'forged', 'connection', 'x-user-id, x-user-roles']],
    ['named in Connection alone', ['connection', 'x-user-id, authorization']],
  ])('never reach the API: %s', async (_name, forged) => {
    const headers = ['authorization', `Bearer ${access}`, ...forged];
    const { status, text } = await rawRequest({ method: 'GET', url: `${demo.gateway}/orders/echo`, headers });
    expect(status).toBe(200);
    const seen: { headers: Record<string, string> } = JSON.parse(text);
    expect(text).not.toContain('forged');
    expect(seen.headers['x-user-id']).toMatch(/^usr_/u);
    expect(seen.headers['x-user-roles']).toBe('editor');
    expect(Object.keys(seen.headers).filter((name) => name.includes('_'))).toEqual([]);
  });
});
