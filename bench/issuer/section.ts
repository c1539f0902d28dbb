/**
 * What a token costs its issuer, one process on one core: given out, refreshed, introspected.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { REQUIREMENTS } from '../../scripts/provision.ts';
import { type LoadedServer, compareUnderLoad } from '../load/compare.ts';
import { type Rotation, writeRequests } from '../load/wrk.ts';
import type { BenchContext, Comparison, Section } from '../section.ts';
import { startPostgres } from '../../packages/issuer/test/postgres-server.ts';
import { assertIntrospects, assertIssues } from './agreement.ts';
import { logins } from './logins.ts';
import { fillSessions } from './sessions.ts';
import { OPAQUE_AUDIENCE, introspectionRequest, onTheWire, refreshRequest, tokenRequest } from './requests.ts';
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

/** Refreshing loses the tokens that are on their way when a run ends: one for each connection, in each run. */
const REFRESH_CONNECTIONS = 32;
const RUNS = 40;
const POSTGRES_NOTE = 'PostgreSQL runs on the core of the load; its CPU is not in the figure.';
/** Access tokens in rotation for introspection. */
const TOKENS = 500;

export const issuer: Section = {
  name: 'issuer',
  title: 'Issuer: what a token costs',
  needs: REQUIREMENTS.bench,
  async run(context) {
    const families = REFRESH_CONNECTIONS * RUNS;
    const folder = (name: string) => path.join(context.scratch, name);
    const servers: IssuerServer[] = [];
    const postgres = await startPostgres({ durable: true });
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
      for (const server of servers) await assertIssues(server);
      return [
        await clientCredentials(servers, context),
        await refreshing(servers, context),
        await introspection(servers, context),
        ...(await logins(context)),
      ];
    } finally {
      for (const { running } of servers) await running.stop();
      await postgres.stop();
    }
  },
};

const contenders = (servers: readonly IssuerServer[], requests: (server: IssuerServer) => string | Rotation) =>
  servers.map((server) => ({ server: server.running, requests: requests(server) }));

async function clientCredentials(servers: readonly IssuerServer[], context: BenchContext): Promise<Comparison> {
  const write = ({ running, paths }: IssuerServer) =>
    writeRequests(path.join(context.scratch, `${running.port}-token.requests`), [onTheWire(tokenRequest(paths))]);
  return {
    title: 'Client credentials, JWT access token, ES256',
    unit: 'µs CPU per token',
    contenders: await compareUnderLoad(contenders(servers, write), context),
    peer: OIDC_PROVIDER,
    targets: [{ contender: SEALGATE, bound: 'at most', limit: 0.45, times: OIDC_PROVIDER }],
    notes: [
      'Sealgate writes each token down before it answers (SQLite, WAL, synchronous=FULL; PostgreSQL, fsync), so that it can be revoked, and logs it. oidc-provider keeps nothing of a JWT access token.',
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
  const loaded = contenders(servers, rotate).map(({ server, requests }) => ({
    server,
    requests,
    connections: REFRESH_CONNECTIONS,
  }));
  return {
    title: 'Refresh with rotation, JWT access token, ES256',
    unit: 'µs CPU per refresh',
    contenders: await compareUnderLoad(loaded, context),
    peer: OIDC_PROVIDER,
    targets: [
      { contender: SEALGATE, bound: 'at least', limit: 1500, of: 'ratePerSecond' },
      { contender: SEALGATE_POSTGRES, bound: 'at least', limit: 800, of: 'ratePerSecond' },
    ],
    notes: [
      'Sealgate commits each rotation to disk before it answers; oidc-provider keeps families in memory.',
      POSTGRES_NOTE,
    ],
  };
}

async function introspection(servers: readonly IssuerServer[], context: BenchContext): Promise<Comparison> {
  const write = async (server: IssuerServer, resource?: string): Promise<string> => {
    const tokens: string[] = [];
    while (tokens.length < TOKENS) {
      const answer = await ask(server, tokenRequest(server.paths, resource));
      tokens.push(String(answer['access_token']));
    }
    await assertIntrospects(server, tokens[0] ?? '');
    const requests = tokens.map((token) => onTheWire(introspectionRequest(server.paths, token)));
    return writeRequests(path.join(context.scratch, `${server.running.port}-introspect.requests`), requests);
  };
  const loaded: LoadedServer[] = [];
  for (const server of servers) {
    const resource = server.running.name === OIDC_PROVIDER ? OPAQUE_AUDIENCE : undefined;
    loaded.push({ server: server.running, requests: await write(server, resource) });
  }
  return {
    title: 'Introspection of an access token',
    unit: 'µs CPU per answer',
    contenders: await compareUnderLoad(loaded, context),
    peer: OIDC_PROVIDER,
    targets: [{ contender: SEALGATE, bound: 'at least', limit: 6000, of: 'ratePerSecond' }],
    notes: [
      'Sealgate: a JWT, verified and then looked up in the database. oidc-provider, which cannot introspect its JWTs: an opaque token, looked up in memory.',
      POSTGRES_NOTE,
    ],
  };
}
