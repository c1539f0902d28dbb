/**
 * A real PostgreSQL server for tests: a fresh cluster in a temporary folder, on a Unix socket. PostgreSQL refuses to run as
 * root, so root runs it as the system's `postgres` user.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const DEFAULT_PORT = 5432;
const SETTINGS = ['max_connections=200', 'deadlock_timeout=50ms'];

/** Where a client reaches the server. */
export type PostgresPlace = 'socket' | 'port';

export interface PostgresServer {
  /** Makes an empty database and answers its address, at the Unix socket unless said otherwise. */
  createDatabase(at?: PostgresPlace): Promise<string>;
  stop(): Promise<void>;
}

export interface PostgresSettings {
  /** Whether commits reach the disk, for those who measure. Tests need no more than the order of commits. */
  readonly durable?: boolean;
  /** Of the loopback interface, where it listens too, for programs that know no Unix sockets. */
  readonly port?: number;
}

/**
 * @throws {Error} naming the Debian package if PostgreSQL is not installed.
 */
export async function startPostgres({ durable = false, port }: PostgresSettings = {}): Promise<PostgresServer> {
  const bin = binaries();
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-postgres-'));
  const owner = await serverAccount();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const identity = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  const data = path.join(folder, 'data');
  await run(path.join(bin, 'initdb'), ['-D', data, '-U', 'sealgate', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...identity,
    cwd: folder,
  });
  const settings = [...SETTINGS, `fsync=${durable ? 'on' : 'off'}`, ...listening(port)];
  const server = spawn(
    path.join(bin, 'postgres'),
    ['-D', data, '-k', folder, ...settings.flatMap((setting) => ['-c', setting])],
    { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await untilReady(server);
  let databases = 0;
  // The name of the socket has the port in it.
  const places = {
    socket: (database: string) =>
      `postgres://sealgate@localhost:${port ?? DEFAULT_PORT}/${database}?host=${encodeURIComponent(folder)}`,
    port: (database: string) => `postgres://sealgate@127.0.0.1:${port}/${database}`,
  };
  return {
    createDatabase: async (at = 'socket') => {
      const name = `test_${++databases}`;
      const client = new Client({ connectionString: places.socket('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return places[at](name);
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // Immediate: the cluster is thrown away.
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(port: number | undefined): string[] {
  return port === undefined ? ['listen_addresses='] : ['listen_addresses=127.0.0.1', `port=${port}`];
}

function binaries(): string {
  const versions = globSync('/usr/lib/postgresql/*/bin').sort(
    (a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]),
  );
  const found = versions.find((folder) => existsSync(path.join(folder, 'initdb')));
  if (found === undefined) {
    throw new Error('PostgreSQL is not installed; the tests start a real server: apt-get install postgresql');
  }
  return found;
}

async function serverAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.setEncoding('utf8');
    server.stderr?.on('data', (text: string) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
  });
}
