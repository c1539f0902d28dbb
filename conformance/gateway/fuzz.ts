/**
 * Requests bent at random in what frames them, sent through a gateway to an origin that reports what it got (ATTACKS.md G10). Whatever happens
 * to them, the origin must have seen exactly what the gateway decided about: each request once, by its id, with the same method and path,
 * and never the protected one behind it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startGatewayBefore } from './fixture.ts';
import { seenValues, type ReportingOrigin, type SeenRequest } from './origin.ts';
import { PATIENCE_MS, sendRaw } from './raw-http.ts';

export interface FuzzedRound {
  readonly start: () => Promise<ReportingOrigin>;
  readonly requests: number;
  /** From 1; the same gives the same requests. */
  readonly seed: number;
}

export interface FuzzResult {
  /** How many requests the origin saw. */
  readonly seen: number;
  /** Wherever it saw something else than what was decided about. */
  readonly disagreements: readonly string[];
}

const AT_ONCE = 64;
const BATCH = 500;
const SHORTEST_PATIENCE_MS = 100;

const SEEDS: readonly string[] = [
  'POST /open/a HTTP/1.1\r\nHost: api.test\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello',
  'POST /open/b HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST /open/c HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;e=f\r\nabc\r\n2\r\nde\r\n0\r\nX-T: u\r\n\r\n',
  'GET /open/d?q=1 HTTP/1.1\r\nHost: api.test\r\nConnection: keep-alive\r\n\r\n',
  'PUT /open/e HTTP/1.1\r\nHost: api.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok',
];
const HIDDEN = 'GET /admin/hidden HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n';

const OCTETS = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\t',
  ' ',
  ':',
  ';',
  ',',
  '0',
  '1',
  'f',
  '\u000b',
  '\u0080',
  '\u00ff',
  '-',
  '+',
  '_',
  '"',
  '\\',
  '/',
];
const LINES = [
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'content-length : 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'transfer-encoding:\tchunked\r\n',
  'Transfer_Encoding: chunked\r\n',
  'Connection: content-length\r\n',
  'Connection: close, x-a\r\n',
  'Host: evil.test\r\n',
  'X-Fold: a\r\n b\r\n',
  'X-Http-Method-Override: DELETE\r\n',
];

/** Repeatable numbers (Lehmer), so that a failure can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function mutate(text: string, next: (below: number) => number): string {
  const at = next(text.length + 1);
  const octet = OCTETS[next(OCTETS.length)] ?? '';
  switch (next(6)) {
    case 0:
      return text.slice(0, at) + octet + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + octet + text.slice(at + 1);
    case 3: {
      const line = text.indexOf('\r\n', next(Math.max(1, text.indexOf('\r\n\r\n')))) + 2;
      return text.slice(0, line) + (LINES[next(LINES.length)] ?? '') + text.slice(line);
    }
    case 4:
      return text.slice(0, at) + text.slice(at, at + 8).toUpperCase() + text.slice(at + 8);
    default: {
      const length = 1 + next(12);
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    }
  }
}

/** Sends it with the hidden request behind, and waits until the gateway closes or has nothing more to say. */
function send(port: number, octets: string, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    socket.on('error', finish).on('close', finish);
    socket.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(finish, patienceMs / 5);
    });
    timer = setTimeout(finish, patienceMs);
    socket.write(octets, 'latin1');
  });
}

/** How long a client waits for a first word: longer than good requests take now, on this machine, as many at once. */
async function patience(port: number): Promise<number> {
  const begun = performance.now();
  const octets = 'GET /nowhere HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n';
  await Promise.all(Array.from({ length: AT_ONCE }, () => sendRaw(port, octets, { quietMs: PATIENCE_MS })));
  return Math.max(SHORTEST_PATIENCE_MS, 4 * (performance.now() - begun));
}

interface Decided {
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
}

export async function fuzz({ start, requests, seed }: FuzzedRound): Promise<FuzzResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-fuzz-'));
  const log = path.join(folder, 'access.log');
  const at = await startGatewayBefore(start, { accessLog: { to: `file:${log}` } });
  const seen: SeenRequest[] = [];
  const next = numbers(seed);
  for (let done = 0; done < requests; done += BATCH) {
    let left = Math.min(BATCH, requests - done);
    const patienceMs = await patience(at.port);
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        let octets = SEEDS[next(SEEDS.length)] ?? '';
        for (let count = 1 + next(3); count > 0; count--) octets = mutate(octets, next);
        await send(at.port, octets + HIDDEN, patienceMs);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    seen.push(...(await at.origin.take()));
  }
  await at.close();
  const decided = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line): Decided => JSON.parse(line));
  rmSync(folder, { recursive: true });
  return { seen: seen.length, disagreements: compare(decided, seen) };
}

function compare(decisions: readonly Decided[], seen: readonly SeenRequest[]): string[] {
  const disagreements: string[] = [];
  const decided = new Map(decisions.map((entry) => [entry.request_id, entry]));
  if (decided.size < decisions.length) disagreements.push('two requests were decided about under one id');
  const ids = new Set<string>();
  for (const request of seen) {
    const [id = '', ...more] = seenValues(request, 'x-request-id');
    const decision = decided.get(id);
    const wrong = [
      more.length > 0 && 'has several ids',
      ids.has(id) && 'came twice',
      decision === undefined && 'was not decided about',
      decision?.method !== request.method && `has another method than ${decision?.method}`,
      decision?.path !== request.target.split('?')[0] && `has another path than ${decision?.path}`,
      request.target.includes('admin') && 'is the hidden one',
    ].filter((reason) => reason !== false);
    ids.add(id);
    if (wrong.length > 0) disagreements.push(`${wrong.join(', ')}: ${JSON.stringify(request)}`);
  }
  return disagreements;
}
