/**
 * WebSockets while the gateway drains: clients are told that no more follows (the end of the stream, which RFC 6455 section 7.1.5 takes for a close
 * without a frame: nobody but the origin could put a frame between its frames), and what has not left within the limit is ended.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './fixture.ts';

interface Opened {
  readonly at: TestGateway;
  readonly client: Socket;
  /** The origin's side of it. */
  readonly origin: Socket;
}

async function open(drainTimeout: string): Promise<Opened> {
  const at = await startGateway({ drainTimeout, routes: [{ path: '/socket', to: 'origin', auth: 'none' }] });
  const upgraded = Promise.withResolvers<Socket>();
  at.origin.onUpgrade((_req, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    upgraded.resolve(socket);
  });
  const client = connect({ port: at.port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  client.write(
    'GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const origin = await upgraded.promise;
  await once(client, 'data');
  return { at, client, origin };
}

describe('a WebSocket while the gateway drains', () => {
  it('is told so, may say its last words, and holds nothing up once it has left', async () => {
    const { at, client, origin } = await open('30s');
    const [begun, closed] = [performance.now(), at.gateway.close()];
    client.resume();
    await once(client, 'end');
    // RFC 6455 section 5.5.1: its close frame, status 1000, masked.
    const heard = once(origin, 'data');
    client.end(Buffer.from('88820000000003e8', 'hex'));
    expect(((await heard) as [Buffer])[0].subarray(0, 1).toString('hex')).toBe('88');
    await closed;
    expect(performance.now() - begun).toBeLessThan(5000);
    await at.close();
  });

  it('that does not leave is ended at the limit, on both sides', async () => {
    const { at, client, origin } = await open('500ms');
    const [begun, closed] = [performance.now(), at.gateway.close()];
    const originGone = new Promise((resolve) => void origin.resume().once('end', resolve));
    await once(client.resume(), 'end');
    const told = performance.now() - begun;
    // Resolves when no connection of a client is left.
    await closed;
    const took = performance.now() - begun;
    await originGone;
    expect(told).toBeLessThan(400);
    expect(took).toBeGreaterThanOrEqual(450);
    expect(took).toBeLessThan(5000);
    client.destroy();
    await at.close();
  });
});
