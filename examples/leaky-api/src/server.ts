/** The server around the app: where it may listen, how it parses, and WebSocket upgrades, which do not pass through Express. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlockList, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createApp } from './app.ts';
import { findCredentials } from './credentials.ts';
import type { FaultName } from './faults.ts';
import { createTokenDesk } from './token-desk.ts';
import type { TokenDesk } from './token-desk.ts';
import { createTokenCheck } from './verify/verify-token.ts';
import type { TokenCheck } from './verify/verify-token.ts';

export interface LeakyApi {
  readonly desk: TokenDesk;
  /** @throws {Error} for an address of any other machine, or of all. */
  listen(port: number, host?: string): Promise<string>;
  close(): void;
}

/** @param faults - The mistakes to make; none: it is as good as it gets. */
export function createLeakyApi(faults: ReadonlySet<FaultName>): LeakyApi {
  const desk = createTokenDesk(faults);
  const check = createTokenCheck(desk, faults);
  const app = createApp(desk, check, faults);
  // FAULT lenient-parser
  const server = createServer({ insecureHTTPParser: faults.has('lenient-parser') }, app);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    void upgrade(request, socket, check, faults);
  });
  return {
    desk,
    async listen(port, host = '127.0.0.1') {
      assertLoopback(host);
      server.listen(port, host);
      await once(server, 'listening');
      const { port: taken } = server.address() as AddressInfo;
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** This API gives everything away: nobody else may reach it. */
function assertLoopback(host: string): void {
  const family = isIP(host);
  if (family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4')) return;
  throw new Error(`${host}: the leaky API is deliberately bad and listens on 127.0.0.1 or ::1 only`);
}

/** Says one word and closes: enough to see who gets in (RFC 6455 section 4.2.2). */
async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  check: TokenCheck,
  faults: ReadonlySet<FaultName>,
): Promise<void> {
  socket.on('error', () => undefined);
  try {
    // FAULT upgrade-unchecked
    if (!faults.has('upgrade-unchecked')) await checkUpgrade(request, check, faults);
  } catch {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.end(`${head.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
}

async function checkUpgrade(
  request: IncomingMessage,
  check: TokenCheck,
  faults: ReadonlySet<FaultName>,
): Promise<void> {
  const found = findCredentials(request, faults);
  if (found.kind !== 'token') throw new Error('no token');
  await check.verify(found.token);
}
