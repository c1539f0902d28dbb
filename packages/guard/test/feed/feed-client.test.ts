import { once } from 'node:events';
import { createServer } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuardError } from '../../src/errors.ts';
import {
  createFeedClient,
  type FeedClient,
  type FeedClientEvent,
  type FeedClientOptions,
} from '../../src/revocation/feed-client.ts';
import type { RevocationRecord } from '../../src/revocation/record.ts';
import type { TokenRef } from '../../src/revocation/token-ref.ts';
import { createRevocationView, type RevocationView } from '../../src/revocation/view.ts';
import {
  greet,
  portOf,
  sendChange,
  sendSnapshot,
  startFeedServer,
  type FeedServer,
  type FeedStream,
} from './feed-server.ts';

const now = (): number => Date.now() / 1000;

const subject = (id: string): TokenRef => ({
  issuedAtSeconds: 1000,
  statusList: undefined,
  statusIndex: 0,
  sessionId: undefined,
  subject: id,
  clientId: undefined,
  kid: undefined,
});

const revokes = (seq: number, id: string): RevocationRecord => ({
  seq,
  kind: 'subject',
  id,
  before: 2000,
  expires: Math.floor(now()) + 600,
});

let server: FeedServer;
let agent: Agent;
let view: RevocationView;
let client: FeedClient;
let events: FeedClientEvent[];
let watchers: ((event: FeedClientEvent) => void)[];

/** Resolves with the next event of the client that `pick` takes. */
const next = <Picked>(pick: (event: FeedClientEvent) => Picked | undefined): Promise<Picked> =>
  new Promise((resolve) => {
    const watcher = (event: FeedClientEvent): void => {
      const picked = pick(event);
      if (picked === undefined) return;
      watchers = watchers.filter((other) => other !== watcher);
      resolve(picked);
    };
    watchers.push(watcher);
  });

const nextLoss = (): Promise<GuardError> => next((event) => (event.type === 'feed_lost' ? event.error : undefined));

const start = (options: Partial<FeedClientOptions> = {}): void => {
  client = createFeedClient({
    feedUrl: server.feedUrl,
    ackUrl: server.ackUrl,
    authorization: 'Basic dmVyaWZpZXI6c2VjcmV0',
    verifierName: 'test-1',
    view,
    onKeys: () => undefined,
    dispatcher: agent,
    now,
    random: Math.random,
    backoff: { firstMs: 2, maxMs: 20 },
    observe(event) {
      events.push(event);
      for (const watcher of watchers) watcher(event);
    },
    ...options,
  });
};

/** A client that holds an empty log at position 5. */
const startCurrent = async (options: Partial<FeedClientOptions> = {}): Promise<FeedStream> => {
  start(options);
  const stream = await server.nextStream();
  greet(stream, 'L', 5);
  sendSnapshot(stream, 'L', 5);
  await server.confirmed(5);
  return stream;
};

beforeEach(async () => {
  server = await startFeedServer();
  agent = new Agent();
  view = createRevocationView({ now });
  events = [];
  watchers = [];
});

afterEach(async () => {
  await client.close();
  await agent.destroy();
  await server.close();
});

describe('the feed client', () => {
  it('names itself, authenticates, and asks for everything when it has nothing', async () => {
    start();
    const stream = await server.nextStream();
    expect(stream).toMatchObject({
      verifier: 'test-1',
      authorization: 'Basic dmVyaWZpZXI6c2VjcmV0',
      lastEventId: undefined,
    });
  });

  it('is ready once the snapshot, in parts, is applied; and confirms it for its connection', async () => {
    start();
    const stream = await server.nextStream();
    greet(stream, 'L', 7);
    stream.send('snapshot-part', { records: [revokes(3, 'eve')] });
    sendSnapshot(stream, 'L', 7, [revokes(7, 'mallory')]);
    await client.ready;
    expect(view.isRevoked(subject('eve'))).toBe('subject');
    expect(view.isRevoked(subject('mallory'))).toBe('subject');
    expect(view.isRevoked(subject('alice'))).toBeUndefined();
    expect(await server.confirmed(7)).toEqual({
      connection: stream.id,
      seq: 7,
      authorization: 'Basic dmVyaWZpZXI6c2VjcmV0',
    });
    expect(client.state()).toMatchObject({ connected: true, current: true, seq: 7, lastError: undefined });
    expect(client.state().lagSeconds).toBeLessThan(5);
  });

  it('applies a change before it confirms it', async () => {
    const stream = await startCurrent();
    sendChange(stream, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    expect(view.isRevoked(subject('eve'))).toBe('subject');
  });

  it('confirms a burst with few requests, and the newest position in the end', async () => {
    const stream = await startCurrent();
    for (let seq = 6; seq <= 505; seq += 1) sendChange(stream, 'L', revokes(seq, `s${seq}`));
    await server.confirmed(505);
    expect(server.confirmations.length).toBeLessThan(100);
    expect(view.counts().subjects).toBe(500);
  });

  it('resumes after a cut where it was, and is current again without a snapshot', async () => {
    const stream = await startCurrent();
    sendChange(stream, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    stream.cut();
    const second = await server.nextStream();
    expect(second.lastEventId).toBe('L:6');
    greet(second, 'L', 7);
    sendChange(second, 'L', revokes(7, 'mallory'));
    await server.confirmed(7);
    expect(client.state()).toMatchObject({ current: true, seq: 7 });
  });

  it('is not current on a resumed connection until it has caught up with the greeting', async () => {
    const stream = await startCurrent();
    stream.cut();
    const second = await server.nextStream();
    greet(second, 'L', 7);
    sendChange(second, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    expect(client.state()).toMatchObject({ connected: true, current: false });
  });

  it.each([
    ['a change is missing', (stream: FeedStream) => sendChange(stream, 'L', revokes(7, 'eve')), 'feed_gap'],
    ['a change comes twice', (stream: FeedStream) => sendChange(stream, 'L', revokes(5, 'eve')), 'feed_gap'],
    ['a change is of another log', (stream: FeedStream) => sendChange(stream, 'M', revokes(6, 'eve')), 'feed_gap'],
    ['a change has no id', (stream: FeedStream) => stream.send('change', revokes(6, 'eve')), 'feed_malformed'],
    [
      'a record is malformed',
      (stream: FeedStream) => stream.send('change', { seq: 6, kind: 'token' }, 'L:6'),
      'feed_malformed',
    ],
    [
      'an event is not JSON',
      (stream: FeedStream) => stream.raw('event: heartbeat\ndata: {"seq": 5\n\n'),
      'feed_malformed',
    ],
    ['the bytes are not UTF-8', (stream: FeedStream) => stream.raw(Uint8Array.of(0xff, 0xfe)), 'feed_malformed'],
    ['an event never ends', (stream: FeedStream) => stream.raw(`data: ${'x'.repeat(3000)}`), 'feed_too_large'],
    [
      'an announced change does not come',
      (stream: FeedStream) => {
        stream.send('heartbeat', { seq: 6, now: now() });
        stream.send('heartbeat', { seq: 6, now: now() });
      },
      'feed_gap',
    ],
  ])('reads everything again when %s', async (_name, misbehave, code) => {
    const stream = await startCurrent({ maxEventBytes: 2048 });
    const lost = nextLoss();
    misbehave(stream);
    expect((await lost).code).toBe(code);
    const second = await server.nextStream();
    expect(second.lastEventId).toBeUndefined();
    greet(second, 'L', 9);
    sendSnapshot(second, 'L', 9, [revokes(8, 'mallory')]);
    await server.confirmed(9);
    expect(view.isRevoked(subject('mallory'))).toBe('subject');
    expect(view.isRevoked(subject('eve'))).toBeUndefined();
  });

  it('reads everything again when the log went back, as after a restored backup', async () => {
    const stream = await startCurrent();
    stream.cut();
    const second = await server.nextStream();
    greet(second, 'L', 3);
    const third = await server.nextStream();
    expect(third.lastEventId).toBeUndefined();
    greet(third, 'L', 3);
    expect(client.state().current).toBe(false);
    const current = next((event) => (event.type === 'feed_current' ? event.seq : undefined));
    sendSnapshot(third, 'L', 3);
    expect(await current).toBe(3);
    expect(client.state()).toMatchObject({ current: true, seq: 3 });
  });

  it('keeps what it knew while a snapshot is cut off halfway', async () => {
    const stream = await startCurrent();
    sendChange(stream, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    stream.cut();
    const second = await server.nextStream();
    greet(second, 'M', 2);
    second.send('snapshot-part', { records: [revokes(1, 'mallory')] });
    second.cut();
    await server.nextStream();
    expect(view.isRevoked(subject('eve'))).toBe('subject');
    expect(view.isRevoked(subject('mallory'))).toBeUndefined();
  });

  it('gives up a connection that falls silent, and resumes', async () => {
    const stream = await startCurrent();
    stream.cut();
    const second = await server.nextStream();
    const lost = nextLoss();
    greet(second, 'L', 5, 0.02);
    expect((await lost).code).toBe('feed_silent');
    expect((await server.nextStream()).lastEventId).toBe('L:5');
  });

  it('takes bytes without events for silence', async () => {
    start();
    const stream = await server.nextStream();
    greet(stream, 'L', 5, 0.05);
    sendSnapshot(stream, 'L', 5);
    const lost = nextLoss();
    await client.ready;
    const trickle = setInterval(() => stream.raw(': still here\n\n'), 10);
    expect((await lost).code).toBe('feed_silent');
    clearInterval(trickle);
  });

  it('gives up a connection that never greets, whatever trickles in', async () => {
    start({ connectTimeoutMs: 100 });
    const stream = await server.nextStream();
    const lost = nextLoss();
    const trickle = setInterval(() => stream.raw(': still here\n\n'), 10);
    expect((await lost).code).toBe('feed_silent');
    clearInterval(trickle);
  });

  it('refuses any event before the greeting', async () => {
    start();
    const stream = await server.nextStream();
    const lost = nextLoss();
    sendSnapshot(stream, 'L', 5, [revokes(5, 'eve')]);
    expect((await lost).code).toBe('feed_malformed');
    expect(view.position).toBeUndefined();
  });

  it.each([
    ['401', 401, 'application/json'],
    ['a redirect', 302, 'text/html'],
    ['a page', 200, 'text/html'],
    ['a type that only begins like the right one', 200, 'text/event-streams'],
  ])('does not take %s for the feed, says so, and comes back', async (_name, status, contentType) => {
    server.refuseWith = (response) =>
      response.writeHead(status, { 'content-type': contentType, location: '/else' }).end('hello');
    const seen = nextLoss();
    start();
    expect(await seen).toMatchObject({ code: 'feed_refused', status });
    server.refuseWith = undefined;
    const stream = await server.nextStream();
    greet(stream, 'L', 1);
    sendSnapshot(stream, 'L', 1);
    await client.ready;
  });

  it('starts before its issuer does', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const port = portOf(probe);
    probe.close();
    await once(probe, 'close');
    const seen = nextLoss();
    start({ feedUrl: `http://127.0.0.1:${port}/v1/feed`, ackUrl: `http://127.0.0.1:${port}/v1/feed/ack` });
    expect((await seen).code).toBe('feed_unreachable');
    const late = await startFeedServer(port);
    const stream = await late.nextStream();
    greet(stream, 'L', 1);
    sendSnapshot(stream, 'L', 1);
    await client.ready;
    await late.close();
  });

  it('sends a confirmation again when it failed on the way', async () => {
    const stream = await startCurrent();
    server.ackStatuses.push(503);
    sendChange(stream, 'L', revokes(6, 'eve'));
    expect(await server.confirmed(6)).toMatchObject({ connection: stream.id, seq: 6 });
    expect(events.some((event) => event.type === 'feed_confirmation_failed')).toBe(true);
  });

  it('connects anew when the issuer does not know the connection', async () => {
    const stream = await startCurrent();
    server.ackStatuses.push(404);
    sendChange(stream, 'L', revokes(6, 'eve'));
    const second = await server.nextStream();
    expect(second.lastEventId).toBe('L:6');
    expect(client.state().lastError?.code).toBe('ack_refused');
  });

  it('hands on the key set, and skips events it does not know', async () => {
    const keys: unknown[] = [];
    const stream = await startCurrent({ onKeys: (jwks) => keys.push(jwks) });
    stream.send('something-new', { a: 1 });
    stream.send('keys', { keys: [{ kid: 'k1' }] });
    sendChange(stream, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    expect(keys).toEqual([{ keys: [{ kid: 'k1' }] }]);
  });

  it('lets the lag grow once the issuer is gone, and not before', async () => {
    let clock = 1_000_000;
    const stream = await startCurrent({ now: () => clock });
    clock += 8;
    expect(client.state().lagSeconds).toBe(8);
    stream.send('heartbeat', { seq: 5, now: 0 });
    sendChange(stream, 'L', revokes(6, 'eve'));
    await server.confirmed(6);
    expect(client.state().lagSeconds).toBe(0);
    stream.cut();
    clock += 40;
    expect(client.state().lagSeconds).toBe(40);
  });

  it('never puts its secret into an error', async () => {
    server.refuseWith = (response) => response.writeHead(401).end();
    const seen = nextLoss();
    start();
    const error = await seen;
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('dmVyaWZpZXI6c2VjcmV0');
  });

  it('ends every connection and timer on close', async () => {
    await startCurrent();
    await client.close();
    await client.close();
    expect(client.state()).toMatchObject({ connected: false, current: false });
  });
});
