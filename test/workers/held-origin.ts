/** An origin that answers when it is told to, and knows what it has answered. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HeldOrigin {
  readonly url: string;
  /** Paths whose answers have been handed over. */
  readonly answered: ReadonlySet<string>;
  /** Requests under `/held` that wait for their answer. */
  readonly held: () => number;
  /** Resolves when so many wait. */
  holds(count: number): Promise<void>;
  /** Answers all that wait. */
  release(): void;
  close(): Promise<void>;
}

export async function startHeldOrigin(): Promise<HeldOrigin> {
  const waiting = new Set<{ readonly path: string; readonly res: ServerResponse }>();
  const answered = new Set<string>();
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const answer = (path: string, res: ServerResponse) => {
    answered.add(path);
    res.end(path);
  };
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    if (!path.includes('/held')) return answer(path, res);
    const entry = { path, res };
    waiting.add(entry);
    res.once('close', () => {
      waiting.delete(entry);
      tell();
    });
    return tell();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    held: () => waiting.size,
    async holds(count) {
      while (waiting.size !== count) await changed.promise;
    },
    release() {
      for (const { path, res } of waiting) answer(path, res);
    },
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
