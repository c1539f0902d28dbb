import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, logIn, postJson, request, tokensOf } from '../harness/client.ts';
import { startDemo } from '../harness/demo.ts';
import type { Demo } from '../harness/demo.ts';

const READER = { username: 'reader@example.com', password: 'a battery without a staple' };
const ADD_READER = `  users:\n    - { username: ${READER.username}, password: ${READER.password}, roles: [] } # may only read\n`;

let demo: Demo;
let editor = '';
let reader = '';
beforeAll(async () => {
  demo = await startDemo((yaml) => yaml.replace(/^ {2}users:.*\n/mu, ADD_READER));
  editor = (await logIn(demo.issuer)).access;
  reader = tokensOf(await postJson(`${demo.issuer}/v1/login`, { ...READER, client_id: 'orders-web' })).access;
});
afterAll(async () => demo.close());

const send = (method: string, path: string, token: string, body?: unknown) =>
  request(`${demo.gateway}${path}`, {
    method,
    headers: { ...bearer(token), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('the orders API behind the gateway', () => {
  it('lets an editor place, read, change and remove an order', async () => {
    const placed = await send('POST', '/orders', editor, { item: 'tea' });
    expect(placed.status).toBe(201);
    const place = placed.headers.get('location') ?? '';
    expect(placed.json).toMatchObject({ item: 'tea', placedBy: expect.stringMatching(/^usr_/u) });
    expect((await send('GET', place, editor)).json).toEqual(placed.json);
    expect((await send('PUT', place, editor, { item: 'green tea' })).json).toMatchObject({ item: 'green tea' });
    expect((await send('DELETE', place, editor)).status).toBe(204);
    expect((await send('GET', place, editor)).status).toBe(404);
  });

  it('lets a user without the role read, and not write', async () => {
    expect((await send('GET', '/orders', reader)).status).toBe(200);
    const refused = await send('POST', '/orders', reader, { item: 'tea' });
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ code: 'insufficient_role' });
  });

  it('streams a body that has no length of its own', async () => {
    const stream = new Blob(['{"item":', '"streamed tea"}']).stream();
    const init: RequestInit = {
      method: 'POST',
      headers: { ...bearer(editor), 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    };
    expect((await request(`${demo.gateway}/orders`, init)).json).toMatchObject({ item: 'streamed tea' });
  });
});

describe('the orders API, reached around the gateway', () => {
  it('checks for itself', async () => {
    const direct = async (headers: Record<string, string>, init: RequestInit = {}) =>
      request(`${demo.upstream}/orders`, { headers, ...init });
    expect((await direct({})).status).toBe(401);
    expect((await direct({ 'x-user-id': 'usr_forged' })).status).toBe(401);
    expect((await direct(bearer(reader))).status).toBe(200);
    expect((await direct(bearer(reader), { method: 'POST' })).status).toBe(403);
  });
});

describe('what is not a route', () => {
  it('looks the same from outside, whether or not it is there', async () => {
    const [unknown, wrongMethod] = [
      await request(`${demo.gateway}/nothing`),
      await request(`${demo.gateway}/orders`, { method: 'PATCH' }),
    ];
    const { request_id: _1, ...one } = unknown.json ?? {};
    const { request_id: _2, ...two } = wrongMethod.json ?? {};
    expect(one).toEqual(two);
    expect(unknown.status).toBe(401);
  });

  it('is told apart for who has a token', async () => {
    expect((await send('GET', '/nothing', reader)).status).toBe(404);
    expect((await send('PATCH', '/orders', reader)).status).toBe(405);
  });
});
