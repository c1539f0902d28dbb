/** `sealgate migrate` on real databases: what it would do, what it does, and that a dry run does nothing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORE_KINDS, type Databases } from '../../issuer/test/stores.ts';
import { run, testFolder } from './run-command.ts';

const folder = testFolder();

const configFor = (name: string, database: string) =>
  folder.write(
    `${name}.yaml`,
    `version: 1
issuer:
  url: http://127.0.0.1:4000
  database: ${database}
  accessToken: { audience: https://api.acme.test }
`,
  );

describe.each(STORE_KINDS)('migrate on $name', (kind) => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await kind.start();
  });
  afterAll(() => databases.stop());

  it('shows the missing steps and their SQL, applies them once, and then has nothing to do', async () => {
    const { address } = await databases.create();
    const config = configFor(kind.name, address);
    const shown = await run(['migrate', '--dry-run', '-c', config]);
    expect([shown.exit, shown.stderr]).toEqual([1, '']);
    expect(shown.stdout).toContain('-- 0001-');
    expect(shown.stdout).toContain('create table "session"');
    expect(shown.stdout).toContain(kind.name === 'SQLite' ? 'blob' : 'bytea');
    expect(shown.stdout).toMatch(/-- \d+ steps missing; nothing was changed\n$/u);
    // Nothing was changed: it says the same again.
    const again = await run(['migrate', '--dry-run', '-c', config, '--json']);
    const { steps } = JSON.parse(again.stdout) as { steps: { id: string; sql: string[] }[] };
    expect(again.exit).toBe(1);
    expect(steps.map(({ id }) => `-- ${id}`)).toEqual(shown.stdout.match(/-- \d{4}-\S+/gu));

    const applied = await run(['migrate', '-c', config]);
    expect([applied.exit, applied.stdout]).toEqual([
      0,
      `${steps.map(({ id }) => `${id}\n`).join('')}${steps.length} steps applied\n`,
    ]);
    for (const args of [['migrate'], ['migrate', '--dry-run']]) {
      const done = await run([...args, '-c', config]);
      expect([done.exit, done.stdout]).toEqual([0, 'the database is up to date\n']);
    }
    const json = await run(['migrate', '--dry-run', '-c', config, '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      database: kind.name === 'SQLite' ? 'sqlite' : 'postgres',
      applied: false,
      steps: [],
    });
  });

  it('applies nothing when a step fails, and says so (exit code 1)', async () => {
    const database = await databases.create();
    const store = await database.open();
    // In the way of a table that a late step makes.
    await store.script(async () => [{ sql: 'create table attempt_count (other text)', parameters: [] }], 1);
    await store.close();
    const config = configFor(`${kind.name}-blocked`, database.address);
    const before = await run(['migrate', '--dry-run', '-c', config, '--json']);
    const failed = await run(['migrate', '-c', config]);
    expect(failed.exit).toBe(1);
    expect(failed.stderr).toMatch(/nothing was changed: .*attempt_count.* already exists/u);
    expect((await run(['migrate', '--dry-run', '-c', config, '--json'])).stdout).toBe(before.stdout);
  });
});

it('makes no file in a dry run', async () => {
  const config = configFor('absent', 'sqlite:absent/state.db');
  expect((await run(['migrate', '--dry-run', '-c', config])).exit).toBe(1);
  expect(existsSync(folder.at('absent'))).toBe(false);
});

describe('a question that cannot be answered (exit code 2)', () => {
  it('a database that is none', async () => {
    writeFileSync(folder.at('none.db'), 'this is not a database, whatever its name says'.repeat(50));
    const asked = await run(['migrate', '--dry-run', '-c', configFor('none', 'sqlite:none.db')]);
    expect([asked.exit, asked.stdout]).toEqual([2, '']);
    expect(asked.stderr).toContain('not a database');
    expect(readFileSync(folder.at('none.db'), 'utf8')).toContain('whatever its name says');
  });

  it('a server that does not answer', async () => {
    const config = configFor('nobody', 'postgres://sealgate@127.0.0.1:1/none');
    expect((await run(['migrate', '--dry-run', '-c', config])).exit).toBe(2);
  });

  it('a file without an issuer', async () => {
    const config = folder.write(
      'gateway.yaml',
      `version: 1
gateway:
  listen: http://127.0.0.1:8080
  admin: http://127.0.0.1:8081
  issuers: { main: { url: http://127.0.0.1:4000, audience: [a], algorithms: [ES256] } }
  upstreams: { api: { urls: [http://127.0.0.1:9000] } }
  routes: [{ path: /**, to: api }]
`,
    );
    const asked = await run(['migrate', '-c', config]);
    expect([asked.exit, asked.stderr]).toEqual([2, expect.stringContaining('has no section "issuer"')]);
  });
});
