/**
 * Refresh families as stored, and their transitions: each is one unit of work that holds the family's row, so that of any number of
 * presentations at the same time one comes first. Which transition is due, `family.ts` decides.
 */
import type { Kysely } from 'kysely';
import type { Sender } from '../grants/sender.ts';
import type { Runtime } from '../runtime.ts';
import { open, seal } from '../secrets/seal.ts';
import { query } from '../store/query.ts';
import type { RefreshFamilyTable, Tables } from '../store/schema.ts';
import type { Reader, Transaction } from '../store/store.ts';
import { STANDING_COLUMNS, standingOf, type Standing } from '../users/users.ts';
import { nextTransition, type Refusal } from './family.ts';
import { createRefreshSecret, hashRefreshSecret, successorKey, type RefreshSecret } from './refresh-token.ts';

export interface StoredFamily {
  readonly id: string;
  readonly sessionId: string;
  readonly subject: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  /** What its refresh tokens are bound to. */
  readonly sender: Sender;
  readonly expiresMs: number;
}

/** What came of presenting a token. */
export type Presented =
  | {
      readonly kind: 'granted';
      readonly family: StoredFamily;
      readonly user: Standing;
      readonly successor: RefreshSecret;
      readonly repeated: boolean;
    }
  | { readonly kind: 'reuse'; readonly family: StoredFamily }
  | { readonly kind: 'refused'; readonly reason: Refusal | 'unknown'; readonly family?: StoredFamily };

export interface FamilyLifetimes {
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly retryWindowMs: number;
}

export interface NewFamily extends Omit<StoredFamily, 'expiresMs'> {
  readonly nowMs: number;
  readonly expiresMs: number;
  readonly idleExpiresMs: number;
  readonly secret: RefreshSecret;
}

type FamilyRow = RefreshFamilyTable;

function memberAndFamily(db: Kysely<Tables>, p: { hash: Uint8Array }) {
  return db
    .selectFrom('refresh_token')
    .innerJoin('refresh_family', 'refresh_family.id', 'refresh_token.family')
    .select([
      'refresh_family.id',
      'refresh_family.session',
      'refresh_family.subject',
      'refresh_family.client',
      'refresh_family.scope',
      'refresh_family.audience',
      'refresh_family.jkt',
      'refresh_family.certificate',
      'refresh_family.generation',
      'refresh_family.idle_expires_ms',
      'refresh_family.expires_ms',
      'refresh_family.revoked_ms',
      'refresh_token.generation as member_generation',
      'refresh_token.consumed_ms',
    ])
    .where('refresh_token.hash', '=', p.hash);
}

const insertFamily = query(
  (
    db,
    p: Pick<
      FamilyRow,
      | 'id'
      | 'session'
      | 'subject'
      | 'client'
      | 'scope'
      | 'audience'
      | 'jkt'
      | 'certificate'
      | 'created_ms'
      | 'idle_expires_ms'
      | 'expires_ms'
    >,
  ) =>
    db.insertInto('refresh_family').values({
      id: p.id,
      session: p.session,
      subject: p.subject,
      client: p.client,
      scope: p.scope,
      audience: p.audience,
      jkt: p.jkt,
      certificate: p.certificate,
      generation: 1,
      created_ms: p.created_ms,
      last_used_ms: p.created_ms,
      idle_expires_ms: p.idle_expires_ms,
      expires_ms: p.expires_ms,
      revoked_ms: null,
      revoked_reason: null,
    }),
);

const insertMember = query((db, p: { hash: Uint8Array; family: string; generation: number; now: number }) =>
  db.insertInto('refresh_token').values({
    hash: p.hash,
    family: p.family,
    generation: p.generation,
    created_ms: p.now,
    consumed_ms: null,
    sealed_successor: null,
  }),
);

/**
 * A token, its family and their user, in one round trip. The first two rows are held: of several presentations, the next sees what the one before it
 * wrote. The user's row is there as long as there are sessions.
 */
const heldMember = query((db, p: { hash: Uint8Array }, kind) => {
  const found = memberAndFamily(db, p)
    .innerJoin('user_account', 'user_account.id', 'refresh_family.subject')
    .select(['refresh_token.sealed_successor', ...STANDING_COLUMNS]);
  return kind === 'sqlite' ? found : found.forUpdate(['refresh_token', 'refresh_family']);
});

const memberNow = query((db, p: { hash: Uint8Array }) =>
  memberAndFamily(db, p).select('refresh_token.created_ms as member_created_ms'),
);

const consumeMember = query((db, p: { hash: Uint8Array; now: number; sealed: Uint8Array }) =>
  db
    .updateTable('refresh_token')
    .set({ consumed_ms: p.now, sealed_successor: p.sealed })
    .where('hash', '=', p.hash)
    .where('consumed_ms', 'is', null),
);

const advanceFamily = query((db, p: { id: string; generation: number; now: number; idle: number }) =>
  db
    .updateTable('refresh_family')
    .set({ generation: p.generation, last_used_ms: p.now, idle_expires_ms: p.idle })
    .where('id', '=', p.id),
);

/** Begins a family with its first token. */
export async function createFamily(tx: Transaction, family: NewFamily): Promise<void> {
  const { id, sessionId, subject, clientId, scope, audience, sender, nowMs, idleExpiresMs, expiresMs, secret } = family;
  await tx.run(insertFamily, {
    id,
    session: sessionId,
    subject,
    client: clientId,
    scope: scope.join(' '),
    audience: JSON.stringify(audience),
    jkt: sender.jkt ?? null,
    certificate: sender.certificate ?? null,
    created_ms: nowMs,
    idle_expires_ms: idleExpiresMs,
    expires_ms: expiresMs,
  });
  await tx.run(insertMember, { hash: hashRefreshSecret(secret), family: id, generation: 1, now: nowMs });
}

/** Presents a token: what is due, is done. On `reuse` the caller revokes the family in the same unit of work. */
export async function presentRefreshToken(
  tx: Transaction,
  presented: RefreshSecret,
  context: {
    readonly clientId: string;
    readonly sender: Sender;
    readonly nowMs: number;
    readonly lifetimes: FamilyLifetimes;
    readonly runtime: Runtime;
  },
): Promise<Presented> {
  const { clientId, sender, nowMs, lifetimes, runtime } = context;
  const hash = hashRefreshSecret(presented);
  const row = await tx.first(heldMember, { hash });
  if (row === undefined) return { kind: 'refused', reason: 'unknown' };
  const family = familyOf(row);
  const transition = nextTransition(
    {
      client: row.client,
      generation: row.generation,
      idleExpiresMs: row.idle_expires_ms,
      expiresMs: row.expires_ms,
      revokedMs: row.revoked_ms,
      sender: family.sender,
    },
    { generation: row.member_generation, consumedMs: row.consumed_ms },
    { client: clientId, sender, nowMs, retryWindowMs: lifetimes.retryWindowMs },
  );
  if (transition.kind === 'refuse') return { kind: 'refused', reason: transition.reason, family };
  if (transition.kind === 'reuse') return { kind: 'reuse', family };
  const key = successorKey(presented);
  const sealedFor = sealContext(row.id, row.member_generation);
  if (transition.kind === 'repeat') {
    const successor = open(row.sealed_successor ?? new Uint8Array(), key, sealedFor);
    return { kind: 'granted', family, user: standingOf(row), successor, repeated: true };
  }
  const successor = createRefreshSecret(runtime);
  const generation = row.member_generation + 1;
  const idle = Math.min(nowMs + lifetimes.idleMs, row.expires_ms);
  await tx.runByEnd(consumeMember, { hash, now: nowMs, sealed: seal(successor, key, sealedFor, runtime) });
  await tx.runByEnd(insertMember, { hash: hashRefreshSecret(successor), family: row.id, generation, now: nowMs });
  await tx.runByEnd(advanceFamily, { id: row.id, generation, now: nowMs, idle });
  return { kind: 'granted', family, user: standingOf(row), successor, repeated: false };
}

/** A refresh token as introspection and logout see it: presenting it changes nothing. */
export interface FoundRefreshToken {
  readonly family: StoredFamily;
  /** Whether presenting it would give a successor. */
  readonly live: boolean;
  readonly issuedMs: number;
  /** When it stops being good if nobody uses it. */
  readonly expiresMs: number;
}

export async function findRefreshToken(
  reader: Reader,
  secret: RefreshSecret,
  nowMs: number,
): Promise<FoundRefreshToken | undefined> {
  const row = await reader.first(memberNow, { hash: hashRefreshSecret(secret) });
  if (row === undefined) return undefined;
  const expiresMs = Math.min(row.idle_expires_ms, row.expires_ms);
  const newest = row.member_generation === row.generation && row.consumed_ms === null;
  const live = newest && row.revoked_ms === null && nowMs < expiresMs;
  return { family: familyOf(row), live, issuedMs: row.member_created_ms, expiresMs };
}

function familyOf(
  row: Pick<
    FamilyRow,
    'id' | 'session' | 'subject' | 'client' | 'scope' | 'audience' | 'jkt' | 'certificate' | 'expires_ms'
  >,
): StoredFamily {
  return {
    id: row.id,
    sessionId: row.session,
    subject: row.subject,
    clientId: row.client,
    scope: row.scope === '' ? [] : row.scope.split(' '),
    audience: JSON.parse(row.audience) as string[],
    sender: {
      ...(row.jkt === null ? {} : { jkt: row.jkt }),
      ...(row.certificate === null ? {} : { certificate: row.certificate }),
    },
    expiresMs: row.expires_ms,
  };
}

function sealContext(family: string, generation: number): string {
  return `refresh-successor ${family} ${generation}`;
}
