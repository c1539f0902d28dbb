/** Settings that a running gateway cannot change in place: listening sockets and files were opened with them. */
import type { ConfigChange } from '../config/diff.ts';

/** Of one process: a worker that is started anew has them. */
const OF_A_WORKER = [
  '/tls/clients',
  '/http2',
  '/proxyProtocol',
  '/listen',
  '/accessLog',
  '/tracing',
  '/limits/headerSize',
  '/limits/headersTimeout',
  '/limits/requestTimeout',
  '/limits/keepAlive',
  '/limits/connections',
  '/forwardAuth',
  '/internalTokens/listen',
  '/drainTimeout',
  '/workers',
];
/** Of the process that the others are started by. */
const OF_THE_PROGRAM = ['/admin', '/adminToken'];

const among = (changes: readonly ConfigChange[], settings: readonly string[]): readonly string[] =>
  changes
    .map(({ path }) => path)
    .filter((path) => settings.some((setting) => path === setting || path.startsWith(`${setting}/`)));

/** Changes that wait for workers to be started anew. */
export const waitForWorkers = (changes: readonly ConfigChange[]): readonly string[] => among(changes, OF_A_WORKER);

/** Changes that wait for the program to be started anew, whatever number of workers it has. */
export const waitForProgram = (changes: readonly ConfigChange[]): readonly string[] => among(changes, OF_THE_PROGRAM);
