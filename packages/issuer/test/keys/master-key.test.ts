/** Replacing the master key: everything is sealed again, and goes on working. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceMasterKey } from '../../src/index.ts';
import { systemRuntime } from '../../src/runtime.ts';
import { MasterKey } from '../../src/secrets/master-key.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { WORKER, basic, startIssuer } from '../issuer-under-test.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-master-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('another master key', () => {
  it('opens the database after everything was sealed again, and not before', async () => {
    const file = path.join(folder, 'master.key');
    const first = await startIssuer({ folder });
    const { refresh_token: refreshToken } = await first.login();
    await first.close();
    const old = new MasterKey(Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url'));
    const bytes = Buffer.alloc(32, 9);
    writeFileSync(file, bytes.toString('base64url'));
    await expect(startIssuer({ folder, seeded: true })).rejects.toMatchObject({ code: 'sealed_data_rejected' });

    const store = openSqlite(path.join(folder, 'sealgate.db'));
    const wrong = new MasterKey(Buffer.alloc(32, 1));
    await expect(replaceMasterKey(store, wrong, new MasterKey(bytes), systemRuntime)).rejects.toMatchObject({
      code: 'sealed_data_rejected',
    });
    await replaceMasterKey(store, old, new MasterKey(bytes), systemRuntime);
    await store.close();

    const second = await startIssuer({ folder, seeded: true });
    expect((await second.refresh(refreshToken)).status).toBe(200);
    const form = { grant_type: 'client_credentials' };
    expect((await second.post('/oauth/token', form, { authorization: basic(WORKER) })).status).toBe(200);
    await second.close();
  });
});
