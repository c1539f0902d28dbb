/**
 * Whether the memory of a gateway stays flat: millions of requests through one with everything on, by `wrk`, to nginx, and what it holds after
 * every quarter of a million. Callers change: each of those portions comes over new connections, with 2,000 tokens of subjects never seen
 * before, so that what is kept for each of them would add up.
 *
 * Started by `long-run.ts memory`. The rule by which it is judged is {@link isFlat}.
 */
import { exportJwk, generateKey, publicKey, signJwt } from '@sealgate/jwt';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startIssuerStub } from '../../bench/gateway/issuer-stub.ts';
import { startOrigin } from '../../bench/gateway/origin.ts';
import { runLoad, writeRequests } from '../../bench/load/wrk.ts';
import { AUDIENCE, type RawConfig } from './fixture.ts';

/** What a process holds, in octets. */
export interface Memory {
  /** Resident, as it is while requests pass. */
  readonly resident: number;
  /** What is used of the heap after a collection. */
  readonly heap: number;
  /** What is held outside it: buffers. */
  readonly external: number;
}

export interface MeasuredGateway {
  readonly port: number;
  memory(): Promise<Memory>;
}

export interface MemoryRun {
  readonly requests: number;
  /** Starts a gateway in a process of its own. */
  readonly startGateway: (originUrl: string, issuerUrl: string, overrides: RawConfig) => Promise<MeasuredGateway>;
  readonly write: (line: string) => void;
}

const PORTION = 250_000;
const TOKENS = 2000;
/** A quota is kept for a month, so that memory follows how many clients there are. */
const CLIENTS = 100;
const ROUTES = 200;
const LOAD_SECONDS = 5;
const CONNECTIONS = 64;
/** How much more than in the second quarter of the run the last may show, as a factor. */
const TOLERANCE = 1.05;

/** Loads it until `requests` are answered; returns whether what it holds is flat. @throws {Error} when nothing is answered any more. */
export async function watchMemory({ requests, startGateway, write }: MemoryRun): Promise<boolean> {
  if (!(requests >= 4 * PORTION))
    throw new TypeError(`at least ${4 * PORTION} requests are needed to compare quarters`);
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-long-run-'));
  const issuer = await startIssuerStub();
  const origin = await startOrigin(folder);
  const key = generateKey('ES256', { kid: 'long-run' });
  issuer.setKeys([exportJwk(publicKey(key)) as { kty: string }]);
  let subjects = 0;
  const token = (): string => {
    const [now, subject] = [Math.floor(Date.now() / 1000), subjects++];
    const claims = {
      iss: issuer.url,
      aud: AUDIENCE,
      iat: now,
      exp: now + 7200,
      scope: 'orders:read',
      roles: ['editor'],
    };
    const own = {
      sub: `user-${subject}`,
      client_id: `client-${subject % CLIENTS}`,
      jti: `token-${subject}`,
      sid: `session-${subject}`,
    };
    return signJwt({ ...claims, ...own }, { key, typ: 'at+jwt' });
  };
  const oneOf = (index: number): string =>
    `GET /service-${index % ROUTES}/orders/${index} HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${token()}\r\n\r\n`;
  try {
    const gateway = await startGateway(`http://127.0.0.1:${origin.port}`, issuer.url, everythingOn(folder, issuer.url));
    const seen: Memory[] = [];
    let [answered, disturbed] = [0, 0];
    while (answered < requests) {
      const file = writeRequests(
        path.join(folder, 'requests'),
        Array.from({ length: TOKENS }, (_, index) => oneOf(index)),
      );
      const enough = Math.min(requests, (seen.length + 1) * PORTION);
      let failures = 0;
      while (answered < enough) {
        const load = { requests: file, port: gateway.port, seconds: LOAD_SECONDS, connections: CONNECTIONS };
        try {
          answered += (await runLoad({ ...load, expect: 'accepted' })).requests;
        } catch (error) {
          // A machine that stood still looks the same. What was answered in this load is not counted.
          disturbed++;
          write(`disturbed: ${String(error)}`);
          if (++failures > 5) throw error;
        }
      }
      const memory = await gateway.memory();
      seen.push(memory);
      write(`${answered}: ${describe(memory)}`);
    }
    write(`${disturbed} loads were disturbed; in all the others every request was answered`);
    return (['resident', 'heap'] as const).map((kind) => isFlat(kind, seen, write)).every(Boolean);
  } finally {
    await origin.stop();
    issuer.close();
    rmSync(folder, { recursive: true });
  }
}

/** 200 routes with scopes, cached verification, revocation by the feed, a limit and a quota by subject, identity headers, access log. */
function everythingOn(folder: string, issuerUrl: string): RawConfig {
  const routes = Array.from({ length: ROUTES }, (_, index) => ({
    path: `/service-${index}/**`,
    methods: ['GET'],
    to: 'origin',
    require: { scopes: ['orders:read'] },
  }));
  return {
    accessLog: { to: `file:${folder}/access.log` },
    issuers: {
      main: { url: issuerUrl, audience: [AUDIENCE], algorithms: ['ES256'], revocation: { feed: 'push' } },
    },
    defaults: {
      identity: { mode: 'headers', headers: { 'x-user-id': '/sub', 'x-user-roles': '/roles' } },
      rateLimit: { by: 'sub', limit: 1_000_000, per: '1s' },
      quota: { by: 'client', limit: 1_000_000_000 },
      concurrency: { by: 'sub', limit: 1000 },
    },
    routes,
  };
}

/** The median of the last quarter of the run is not above that of its second quarter by more than 5 %; the first is warming up. */
export function isFlat(kind: 'resident' | 'heap', seen: readonly Memory[], write: (line: string) => void): boolean {
  const quarter = Math.floor(seen.length / 4);
  const middle = (part: readonly Memory[]): number =>
    part.map((memory) => memory[kind]).sort((left, right) => left - right)[Math.floor(part.length / 2)] ?? Number.NaN;
  const [second, last] = [middle(seen.slice(quarter, 2 * quarter)), middle(seen.slice(-quarter))];
  const flat = last <= second * TOLERANCE;
  write(
    `${kind}: median of the second quarter ${megabytes(second)}, of the last ${megabytes(last)}: ${flat ? 'flat' : 'NOT FLAT'}`,
  );
  return flat;
}

const megabytes = (octets: number): string => `${(octets / 1_048_576).toFixed(1)} MB`;

export const describe = ({ resident, heap, external }: Memory): string =>
  `resident ${megabytes(resident)}, heap after collection ${megabytes(heap)}, buffers ${megabytes(external)}`;
