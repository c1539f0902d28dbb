/**
 * A listener on this machine that a token can name as the place of its key (RFC 7515 sections 4.1.2 and 4.1.5). It serves the attacker's
 * key and remembers which paths were fetched: a fetch is a fault even when the token is refused afterwards.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FetchTrap {
  /** An address that nobody has named before. */
  readonly urlFor: (name: string) => string;
  /** Serves this at the address of that name. */
  readonly serve: (name: string, contentType: string, body: string) => void;
  readonly wasFetched: (name: string) => boolean;
  readonly close: () => void;
}

export async function openFetchTrap(): Promise<FetchTrap> {
  const pages = new Map<string, { contentType: string; body: string }>();
  const fetched = new Set<string>();
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    fetched.add(name);
    const page = pages.get(name);
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.contentType ?? 'text/plain' });
    response.end(page?.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlFor: (name) => `http://127.0.0.1:${port}/${name}`,
    serve: (name, contentType, body) => void pages.set(name, { contentType, body }),
    wasFetched: (name) => fetched.has(name),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
