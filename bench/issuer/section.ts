/**
 * What a token costs its issuer, one process on one core: given out, refreshed, introspected.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import { type LoadedServer, compareUnderLoad } from '../load/compare.ts';
import { freePort } from '../load/process.ts';
import { type Rotation, writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { startPostgres } from '../../packages/issuer/test/postgres-server.ts';
import { assertIntrospects, assertIssues } from './agreement.ts';
import { hydra } from './hydra.ts';
import { keycloak } from './keycloak.ts';
import { logins } from './logins.ts';
import { PEER_ROUNDS, type Peer, startPeer } from './peers.ts';
import { fillSessions } from './sessions.ts';
import { introspectionRequest, onTheWire, refreshRequest, tokenRequest } from './requests.ts';
import {
  type IssuerServer,
  OIDC_PROVIDER,
  SEALGATE,
  SEALGATE_POSTGRES,
  ask,
  startOidcProvider,
  startSealgate,
  takeRefreshToken,
} from './servers.ts';

const CONNECTIONS = 64;
const REFRESH_CONNECTIONS = 32;
const MOST_WARM_UP_SECONDS = 25;
/**
 * Refreshing loses the tokens that are on their way when a run ends: one for each connection, in each second of warming up and each
 * round; some are for the last of them, and for the agreement.
 */
const familiesFor = ({ quick }: BenchContext, warmUpSeconds = MOST_WARM_UP_SECONDS) =>
  REFRESH_CONNECTIONS * (quick ? 8 : warmUpSeconds + 8);
const POSTGRES_NOTE =
  'PostgreSQL runs on the core of the load; its CPU is not in the figure. It is reached by its Unix socket, as on one machine, but by Keycloak, which knows TCP alone.';
const PEERS: readonly Peer[] = [keycloak, hydra];
/** Access tokens in rotation for introspection. */
const TOKENS = 500;

export const issuer: Section = {
  name: 'issuer',
  title: 'Issuer: what a token costs',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const families = familiesFor(context);
    const folder = (name: string) => path.join(context.scratch, name);
    const servers: IssuerServer[] = [];
    const postgres = await startPostgres({ durable: true, port: await freePort() });
    try {
      const database = 'sqlite:issuer.db';
      servers.push(await startSealgate({ name: SEALGATE, folder: folder('sqlite'), database, families }));
      servers.push(
        await startSealgate({
          name: SEALGATE_POSTGRES,
          folder: folder('postgres'),
          database: await postgres.createDatabase(),
          families,
        }),
      );
      if (context.sessions > 0) {
        const name = `${SEALGATE}, ${context.sessions.toLocaleString('en-US')} sessions`;
        await fillSessions({ name, folder: folder('full'), database }, context);
        servers.push(await startSealgate({ name, folder: folder('full'), database, families }));
      }
      servers.push(await startOidcProvider(context.scratch, families));
      const ofPeers: string[] = [];
      for (const [index, peer] of PEERS.entries()) {
        context.progress(`  ${peer.name}: installing and starting`);
        const settings = { folder: folder(`peer-${index}`), database: await postgres.createDatabase(peer.databaseAt) };
        const started = await startPeer(peer, settings);
        if (typeof started === 'string') {
          context.progress(`  ${started}`);
          ofPeers.push(started);
          continue;
        }
        servers.push(started.server);
        ofPeers.push(`${peer.name}: the first ${PEER_ROUNDS} rounds only.`);
        await started.prepare(familiesFor(context, started.server.warmUpSeconds));
      }
      for (const server of servers) await assertIssues(server);
      const tables = [
        await clientCredentials(servers, context),
        await refreshing(servers, context),
        await introspection(servers, context),
      ];
      return [...tables.map((table) => withNotes(table, ofPeers)), ...(await logins(context))];
    } finally {
      for (const { running } of servers) await running.stop();
      await postgres.stop();
    }
  },
};

function withNotes(table: Comparison, more: readonly string[]): Comparison {
  return { ...table, notes: [...(table.notes ?? []), ...more] };
}

const contenders = (
  servers: readonly IssuerServer[],
  requests: (server: IssuerServer) => string | Rotation,
  connections: (server: IssuerServer) => number,
) => servers.map((server) => loadedBy(server, requests(server), connections(server)));

const loadedBy = (
  { running, rounds, warmUpSeconds = MOST_WARM_UP_SECONDS }: IssuerServer,
  requests: string | Rotation,
  connections: number,
): LoadedServer => ({
  server: running,
  requests,
  connections,
  schedule: {
    leastWarmUpSeconds: Math.min(5, warmUpSeconds),
    mostWarmUpSeconds: warmUpSeconds,
    ...(rounds === undefined ? {} : { rounds }),
  },
});

const notesOf = (servers: readonly IssuerServer[], table: 'issued' | 'refreshed' | 'introspected') =>
  servers.flatMap(({ notes }) => notes?.[table] ?? []);

async function clientCredentials(servers: readonly IssuerServer[], context: BenchContext): Promise<Comparison> {
  const write = ({ running, paths, asking }: IssuerServer) =>
    writeRequests(path.join(context.scratch, `${running.port}-token.requests`), [
      onTheWire(tokenRequest(paths, asking)),
    ]);
  return {
    title: 'Client credentials, JWT access token, ES256',
    unit: 'µs CPU per token',
    contenders: await compareUnderLoad(
      contenders(servers, write, (one) => one.tokenConnections ?? CONNECTIONS),
      context,
    ),
    peer: OIDC_PROVIDER,
    targets: [{ contender: SEALGATE, bound: 'at most', limit: 0.45, times: OIDC_PROVIDER }],
    notes: [
      'Sealgate writes each token down before it answers (SQLite, WAL, synchronous=FULL; PostgreSQL, fsync), so that it can be revoked, and logs it. oidc-provider keeps nothing of a JWT access token.',
      ...notesOf(servers, 'issued'),
      POSTGRES_NOTE,
    ],
  };
}

async function refreshing(servers: readonly IssuerServer[], context: BenchContext): Promise<Comparison> {
  const rotate = (server: IssuerServer): Rotation => {
    const template = path.join(context.scratch, `${server.running.port}-refresh.template`);
    // The content length is that of a real token, in whose place the template has a word.
    const token = takeRefreshToken(server);
    writeFileSync(template, onTheWire(refreshRequest(server.paths, token)).replace(token, 'TOKEN'));
    return { template, tokens: server.refreshTokens };
  };
  return {
    title: 'Refresh with rotation, JWT access token, ES256',
    unit: 'µs CPU per refresh',
    contenders: await compareUnderLoad(
      contenders(servers, rotate, () => REFRESH_CONNECTIONS),
      context,
    ),
    peer: OIDC_PROVIDER,
    targets: [
      { contender: SEALGATE, bound: 'at least', limit: 1500, of: 'ratePerSecond' },
      { contender: SEALGATE_POSTGRES, bound: 'at least', limit: 800, of: 'ratePerSecond' },
    ],
    notes: [
      'Sealgate commits each rotation to disk before it answers; oidc-provider keeps families in memory.',
      ...notesOf(servers, 'refreshed'),
      POSTGRES_NOTE,
    ],
  };
}

async function introspection(servers: readonly IssuerServer[], context: BenchContext): Promise<Comparison> {
  const samples = new Map<IssuerServer, string>();
  const write = async (server: IssuerServer): Promise<string> => {
    const tokens: string[] = [];
    while (tokens.length < TOKENS) {
      const answer = await ask(server, tokenRequest(server.paths, server.introspectable ?? server.asking));
      tokens.push(String(answer['access_token']));
    }
    const [sample = ''] = tokens;
    await assertIntrospects(server, sample);
    samples.set(server, sample);
    const requests = tokens.map((token) => onTheWire(introspectionRequest(server.paths, token)));
    return writeRequests(path.join(context.scratch, `${server.running.port}-introspect.requests`), requests);
  };
  const loaded: LoadedServer[] = [];
  for (const server of servers) {
    const { introspection: running = server.running } = server;
    loaded.push(loadedBy({ ...server, running }, await write(server), CONNECTIONS));
  }
  const measured = await compareUnderLoad(loaded, context);
  // Whatever it answers has status 200: were all those tokens good to the end?
  for (const [server, sample] of samples) await assertIntrospects(server, sample);
  return {
    title: 'Introspection of an access token',
    unit: 'µs CPU per answer',
    contenders: measured,
    peer: OIDC_PROVIDER,
    targets: [{ contender: SEALGATE, bound: 'at least', limit: 6000, of: 'ratePerSecond' }],
    notes: [
      'Sealgate: a JWT, verified and then looked up in the database. oidc-provider, which cannot introspect its JWTs: an opaque token, looked up in memory.',
      ...notesOf(servers, 'introspected'),
      POSTGRES_NOTE,
    ],
  };
}
