/** Stored hashes follow the configured cost of argon2id: made again at the next login with the right password, and by nothing else. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { USER, startIssuer } from '../issuer-under-test.ts';

it('makes a hash again at the first login after the cost was raised', async () => {
  const before = await startIssuer();
  const { folder } = before;
  const cost = () => {
    const database = new DatabaseSync(path.join(folder, 'sealgate.db'), { readOnly: true });
    const row = database.prepare('select password_hash from user_account where username = ?').get(USER.username);
    database.close();
    return /^\$argon2id\$v=19\$([^$]+)\$/u.exec(String(row?.['password_hash']))?.[1];
  };
  expect(cost()).toBe('m=8192,t=1,p=1');
  await before.issuer.close();
  const passwords = { memoryKib: 9216, iterations: 2 };
  const after = await startIssuer({ folder, ownsFolder: true, seeded: true, config: { passwords } });
  const wrong = { username: USER.username, password: 'not the right password', client_id: 'orders-web' };
  expect((await after.postJson('/v1/login', wrong)).status).toBe(401);
  expect(cost()).toBe('m=8192,t=1,p=1');
  await after.login();
  expect(cost()).toBe('m=9216,t=2,p=1');
  await after.login();
  await after.close();
});
