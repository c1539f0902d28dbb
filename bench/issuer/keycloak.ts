/**
 * Keycloak, one node in production mode on PostgreSQL, as its project distributes it on Maven Central, with the clients and user of
 * `requests.ts` as a realm that it imports from a file at its start.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, install } from '../../scripts/installs.ts';
import { MEASURED_CORE, freePort, start } from '../load/process.ts';
import { PEER_ROUNDS, type Peer, type PeerSettings, type StartedPeer } from './peers.ts';
import { AUDIENCE, CLIENT, type Paths, SCOPES, TTL_SECONDS, USER, WEB } from './requests.ts';
import { signInByForm, signInMany } from './servers.ts';

/** As in `peers/keycloak/pom.xml`. */
const VERSION = '26.7.3';
const NAME = `Keycloak ${VERSION}, PostgreSQL`;
const REALM = 'bench';
const ENDPOINTS = `/realms/${REALM}/protocol/openid-connect`;
const PATHS: Paths = {
  token: `${ENDPOINTS}/token`,
  introspect: `${ENDPOINTS}/token/introspect`,
  keys: `${ENDPOINTS}/certs`,
};

/** What its sizing guide makes of 2 GiB, which it recommends: at most 70 % of them for the heap, at first 50 %. */
const HEAP = '-Xms1024m -Xmx1434m';
/** The first start makes some hundred tables. */
const START_SECONDS = 180;
/** Until its rate no longer grows by much. */
const WARM_UP_SECONDS = 24;

export const keycloak: Peer = {
  name: NAME,
  programs: ['java', 'mvn', 'sha256sum', 'tar'],
  databaseAt: 'port',
  start: startKeycloak,
};

async function startKeycloak({ folder, database }: PeerSettings): Promise<StartedPeer> {
  const home = await installKeycloak();
  // The realm names nothing of this run, so that runs may share the folder.
  mkdirSync(path.join(home, 'data', 'import'), { recursive: true });
  writeFileSync(path.join(home, 'data', 'import', `${REALM}.json`), JSON.stringify(realm()));
  const port = await freePort();
  const { hostname, port: databasePort, pathname, username } = new URL(database);
  const args = [
    'start',
    '--optimized',
    '--import-realm',
    '--cache=local',
    '--http-enabled=true',
    '--http-host=127.0.0.1',
    `--http-port=${port}`,
    `--hostname=http://127.0.0.1:${port}`,
    `--db-url=jdbc:postgresql://${hostname}:${databasePort}${pathname}`,
    `--db-username=${username}`,
  ];
  const running = await start({
    name: NAME,
    command: path.join(home, 'bin', 'kc.sh'),
    args,
    port,
    core: MEASURED_CORE,
    environment: { JAVA_OPTS_KC_HEAP: HEAP },
    startSeconds: START_SECONDS,
  });
  const refreshTokens = path.join(folder, 'keycloak.tokens');
  const server = {
    running,
    paths: PATHS,
    refreshTokens,
    rounds: PEER_ROUNDS,
    warmUpSeconds: WARM_UP_SECONDS,
    notes: {
      issued: 'Keycloak: stores nothing of such a token.',
      refreshed: 'Keycloak (revokeRefreshToken): the session and its count of rotations are rows in PostgreSQL.',
      introspected: 'Keycloak: a JWT, verified and then held against client and account, which it keeps in memory.',
    },
  };
  return { server, prepare: (families) => signInMany(refreshTokens, families, () => signIn(port)) };
}

async function installKeycloak(): Promise<string> {
  const home = path.join(cacheFolder('bench'), 'keycloak');
  const archive = `keycloak-quarkus-dist-${VERSION}.tar.gz`;
  await install({
    name: 'Keycloak',
    from: path.join(import.meta.dirname, 'peers', 'keycloak'),
    to: home,
    steps: [
      { command: 'mvn', args: ['--quiet', '--batch-mode', 'dependency:copy-dependencies', '-DoutputDirectory=.'] },
      { command: 'sha256sum', args: ['--check', '--strict', 'keycloak.sha256'] },
      { command: 'tar', args: ['--extract', '--gzip', '--strip-components=1', `--file=${archive}`] },
      { command: 'rm', args: [archive] },
      { command: 'bin/kc.sh', args: ['build', '--db=postgres'] },
    ],
  });
  return home;
}

function realm(): object {
  const audience = {
    name: 'audience',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: { 'included.custom.audience': AUDIENCE, 'access.token.claim': 'true', 'introspection.token.claim': 'true' },
  };
  // It introspects tokens only for those whom they are for.
  const introspecting = {
    ...audience,
    name: 'introspecting',
    config: {
      'included.client.audience': CLIENT.id,
      'access.token.claim': 'true',
      'introspection.token.claim': 'true',
    },
  };
  const subject = {
    name: 'subject',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-sub-mapper',
    config: { 'access.token.claim': 'true', 'introspection.token.claim': 'true' },
  };
  const client = {
    protocol: 'openid-connect',
    fullScopeAllowed: false,
    standardFlowEnabled: false,
    protocolMappers: [audience, introspecting, subject],
    optionalClientScopes: SCOPES,
  };
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    defaultSignatureAlgorithm: 'ES256',
    accessTokenLifespan: TTL_SECONDS,
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    // Many sign in before anything is measured.
    passwordPolicy: 'hashAlgorithm(pbkdf2-sha256) and hashIterations(1)',
    components: {
      'org.keycloak.keys.KeyProvider': [
        {
          name: 'es256',
          providerId: 'ecdsa-generated',
          config: { priority: ['100'], ecdsaEllipticCurveKey: ['P-256'] },
        },
      ],
    },
    clientScopes: SCOPES.map((name) => ({
      name,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'true' },
    })),
    clients: [
      { ...client, clientId: CLIENT.id, secret: CLIENT.secret, serviceAccountsEnabled: true },
      { ...client, clientId: WEB, publicClient: true, directAccessGrantsEnabled: true },
    ],
    users: [
      {
        username: USER.username,
        email: USER.username,
        emailVerified: true,
        firstName: 'Bench',
        lastName: 'User',
        enabled: true,
        credentials: [{ type: 'password', value: USER.password }],
      },
    ],
  };
}

/** Signs in, by the password grant. @returns the refresh token. */
function signIn(port: number): Promise<string> {
  const fields = { grant_type: 'password', client_id: WEB, scope: 'orders:read', ...USER };
  return signInByForm(`http://127.0.0.1:${port}${PATHS.token}`, fields);
}
