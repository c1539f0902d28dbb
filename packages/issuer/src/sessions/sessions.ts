/** Login sessions as stored (`sid`): who signed in, where, how, and until when. Ended by `revocation/revoke.ts`. */
import { query } from '../store/query.ts';
import type { SessionTable } from '../store/schema.ts';
import type { Reader, Transaction } from '../store/store.ts';
import type { Device } from './device.ts';

export interface NewSession {
  readonly id: string;
  readonly subject: string;
  readonly clientId: string;
  readonly nowMs: number;
  readonly idleExpiresMs: number;
  readonly expiresMs: number;
  /** How the user proved who they are (RFC 8176). */
  readonly methods: readonly string[];
  readonly device: Device;
}

const insertSession = query(
  (
    db,
    p: Pick<SessionTable, 'id' | 'subject' | 'client' | 'created_ms' | 'idle_expires_ms' | 'expires_ms' | 'methods'> & {
      address: string;
      agent: string;
    },
  ) =>
    db.insertInto('session').values({
      id: p.id,
      subject: p.subject,
      client: p.client,
      created_ms: p.created_ms,
      last_used_ms: p.created_ms,
      idle_expires_ms: p.idle_expires_ms,
      expires_ms: p.expires_ms,
      authenticated_ms: p.created_ms,
      methods: p.methods,
      first_address: p.address,
      last_address: p.address,
      first_user_agent: p.agent,
      last_user_agent: p.agent,
      revoked_ms: null,
      revoked_reason: null,
    }),
);

const touchSession = query((db, p: { id: string; now: number; idle: number; address: string; agent: string }) =>
  db
    .updateTable('session')
    .set({ last_used_ms: p.now, idle_expires_ms: p.idle, last_address: p.address, last_user_agent: p.agent })
    .where('id', '=', p.id),
);

export async function createSession(tx: Transaction, session: NewSession): Promise<void> {
  await tx.run(insertSession, {
    id: session.id,
    subject: session.subject,
    client: session.clientId,
    created_ms: session.nowMs,
    idle_expires_ms: session.idleExpiresMs,
    expires_ms: session.expiresMs,
    methods: JSON.stringify(session.methods),
    address: session.device.address,
    agent: session.device.userAgent,
  });
}

/** A live session as its user and administrators see it. Times are milliseconds since the Unix epoch. */
export interface SessionView {
  readonly id: string;
  readonly subject: string;
  readonly clientId: string;
  readonly createdMs: number;
  readonly lastUsedMs: number;
  /** When it ends if nobody uses it. */
  readonly idleExpiresMs: number;
  /** When it ends in any case. */
  readonly expiresMs: number;
  readonly methods: readonly string[];
  readonly firstDevice: Device;
  readonly lastDevice: Device;
}

const liveOfSubject = query((db, p: { subject: string; now: number }) =>
  db
    .selectFrom('session')
    .selectAll()
    .where('subject', '=', p.subject)
    .where('revoked_ms', 'is', null)
    .where('idle_expires_ms', '>', p.now)
    .orderBy('last_used_ms', 'desc')
    .orderBy('id'),
);

/** The sessions of a user that have not ended, the one used last first. */
export async function listSessions(reader: Reader, subject: string, nowMs: number): Promise<SessionView[]> {
  return (await reader.all(liveOfSubject, { subject, now: nowMs })).map(sessionView);
}

/** As the row says. */
export function sessionView(row: SessionTable): SessionView {
  return {
    id: row.id,
    subject: row.subject,
    clientId: row.client,
    createdMs: row.created_ms,
    lastUsedMs: row.last_used_ms,
    idleExpiresMs: row.idle_expires_ms,
    expiresMs: row.expires_ms,
    methods: JSON.parse(row.methods) as string[],
    firstDevice: { address: row.first_address, userAgent: row.first_user_agent },
    lastDevice: { address: row.last_address, userAgent: row.last_user_agent },
  };
}

/** Notes that the session was used, and from where. */
export async function noteSessionUse(
  tx: Transaction,
  id: string,
  nowMs: number,
  idleExpiresMs: number,
  device: Device,
): Promise<void> {
  const { address, userAgent: agent } = device;
  await tx.runByEnd(touchSession, { id, now: nowMs, idle: idleExpiresMs, address, agent });
}
