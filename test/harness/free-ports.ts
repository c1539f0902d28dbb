/**
 * Ports of this machine that nobody uses at the moment, and that nobody is likely to take before they are used: they are drawn at random, from
 * below the range that systems give to outgoing connections (32768 and up on Linux, 49152 and up elsewhere).
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 12_000;
const HIGHEST = 32_000;
const MOST_ATTEMPTS = 100;

/** Different ports. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let attempt = 0; found.size < count && attempt < MOST_ATTEMPTS; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) found.add(port);
  }
  if (found.size < count) throw new Error('no free ports on this machine');
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
