/**
 * A database with millions of sessions in it, each with its refresh family and token, as if so many devices were signed in. Written straight
 * into the SQLite file that an issuer has made: through the API it would take a day.
 */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchContext } from '../section.ts';
import { WEB } from './requests.ts';
import { type ServedIssuer, serveIssuer } from './servers.ts';

/** Sessions of one user, and rows in one transaction. */
const SESSIONS_PER_USER = 10;
const STEP = 250_000;
const DAY_MS = 86_400_000;

/** In order of the keys, so that every table and index grows at its end; keys of real rows fall between them. */
const STATEMENTS = [
  `insert into user_account (id, username, password_hash, roles, tenant, disabled_ms, not_before_seconds, created_ms, updated_ms)
   select printf('usr_%022d', i), printf('filled-%022d', i), 'none', '[]', null, null, 0, $now, $now
   from numbers where i % ${SESSIONS_PER_USER} = 0`,
  `insert into session (id, subject, client, created_ms, last_used_ms, idle_expires_ms, expires_ms, authenticated_ms, methods,
     first_address, last_address, first_user_agent, last_user_agent, revoked_ms, revoked_reason)
   select printf('ses_%022d', i), printf('usr_%022d', i - i % ${SESSIONS_PER_USER}), '${WEB}', $now, $now, $now + ${10 * DAY_MS} + i,
     $now + ${90 * DAY_MS}, $now, '["pwd"]', '203.0.113.9', '203.0.113.9', 'Mozilla/5.0', 'Mozilla/5.0', null, null
   from numbers`,
  `insert into refresh_family (id, session, subject, client, scope, audience, jkt, certificate, generation, created_ms, last_used_ms,
     idle_expires_ms, expires_ms, revoked_ms, revoked_reason)
   select printf('fam_%022d', i), printf('ses_%022d', i), printf('usr_%022d', i - i % ${SESSIONS_PER_USER}), '${WEB}', 'orders:read',
     '["https://api.bench.test"]', null, null, 1, $now, $now, $now + ${10 * DAY_MS} + i, $now + ${90 * DAY_MS}, null, null
   from numbers`,
  `insert into refresh_token (hash, family, generation, created_ms, consumed_ms, sealed_successor)
   select unhex(printf('%016x%048d', i * $spread, i)), printf('fam_%022d', i), 1, $now, null, null from numbers`,
];

/** @param served - An issuer that has no database yet: it is started once, to make one. */
export async function fillSessions(served: Omit<ServedIssuer, 'users'>, context: BenchContext): Promise<void> {
  const running = await serveIssuer({
    ...served,
    users: ['{ username: first@bench.test, password: correct horse battery staple }'],
  });
  await running.stop();
  const database = new DatabaseSync(path.join(served.folder, 'issuer.db'));
  database.exec('pragma synchronous = off; pragma cache_size = -262144');
  const spread = Math.floor(Number.MAX_SAFE_INTEGER / context.sessions) * 512;
  for (let from = 0; from < context.sessions; from += STEP) {
    const to = Math.min(from + STEP, context.sessions);
    database.exec('begin');
    for (const statement of STATEMENTS) {
      const numbers = `with recursive numbers(i) as (select ${from} union all select i + 1 from numbers where i + 1 < ${to})`;
      const [into = '', select = ''] = statement.split(/\n\s*(?=select )/u);
      const text = `${into} ${numbers} ${select}`
        .replaceAll('$spread', String(spread))
        .replaceAll('$now', String(Date.now()));
      database.exec(text);
    }
    database.exec('commit');
    context.progress(`  ${to.toLocaleString('en-US')} sessions written`);
  }
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
}
