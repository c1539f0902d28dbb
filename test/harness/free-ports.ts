/** Ports of this machine that nobody uses at the moment. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Different ports: all are held until the last is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}
