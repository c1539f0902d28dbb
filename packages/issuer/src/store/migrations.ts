/**
 * Every step from an empty database to the current tables, in order. Steps only add (tables, columns with a default, indexes in
 * place of others), so that the version before can go on using the database. A step that was released never changes. Run by `migrate.ts`.
 */
import { sql, type Compilable, type Kysely } from 'kysely';
import type { DatabaseKind } from './query.ts';
import type { Tables } from './schema.ts';

export interface Migration {
  readonly id: string;
  statements(db: Kysely<Tables>, kind: DatabaseKind): readonly Compilable[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-foundation',
    statements: (db, kind) => {
      const { schema } = db;
      const bytes = kind === 'sqlite' ? 'blob' : 'bytea';
      // Rows that are found by their key alone: on SQLite the key itself is the table.
      const keyed = kind === 'sqlite' ? sql`strict, without rowid` : sql``;
      const plain = kind === 'sqlite' ? sql`strict` : sql``;
      const whole = kind === 'sqlite' ? 'integer' : 'bigint';
      return [
        schema
          .createTable('log_head')
          .addColumn('id', 'integer', (c) => c.primaryKey())
          .addColumn('log', 'text', (c) => c.notNull())
          .addColumn('seq', whole, (c) => c.notNull())
          .addColumn('floor', whole, (c) => c.notNull())
          .modifyEnd(plain),
        schema
          .createTable('revocation')
          .addColumn('seq', whole, (c) => c.primaryKey())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('holder', 'text', (c) => c.notNull())
          .addColumn('before_seconds', whole, (c) => c.notNull())
          .addColumn('expires_seconds', whole, (c) => c.notNull())
          .modifyEnd(plain),
        schema.createIndex('revocation_holder').on('revocation').columns(['holder', 'kind']),
        schema.createIndex('revocation_expires').on('revocation').column('expires_seconds'),
        schema
          .createTable('status_list')
          .addColumn('list', whole, (c) => c.primaryKey())
          .addColumn('size', whole, (c) => c.notNull())
          .addColumn('next_index', whole, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .modifyEnd(plain),
        schema
          .createTable('access_token')
          .addColumn('list', whole, (c) => c.notNull())
          .addColumn('idx', whole, (c) => c.notNull())
          .addColumn('jti', 'text', (c) => c.notNull())
          .addColumn('kid', 'text', (c) => c.notNull())
          .addColumn('subject', 'text', (c) => c.notNull())
          .addColumn('client', 'text', (c) => c.notNull())
          .addColumn('session', 'text')
          .addColumn('family', 'text')
          .addColumn('issued_seconds', whole, (c) => c.notNull())
          .addColumn('expires_seconds', whole, (c) => c.notNull())
          .addPrimaryKeyConstraint('access_token_key', ['list', 'idx'])
          .modifyEnd(keyed),
        schema.createIndex('access_token_expires').on('access_token').column('expires_seconds'),
        schema.createIndex('access_token_family').on('access_token').column('family').where('family', 'is not', null),
        schema
          .createTable('user_account')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('username', 'text', (c) => c.notNull().unique())
          .addColumn('password_hash', 'text', (c) => c.notNull())
          .addColumn('roles', 'text', (c) => c.notNull())
          .addColumn('tenant', 'text')
          .addColumn('disabled_ms', whole)
          .addColumn('not_before_seconds', whole, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('updated_ms', whole, (c) => c.notNull())
          .modifyEnd(plain),
        schema
          .createTable('client')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('authentication', 'text', (c) => c.notNull())
          .addColumn('grants', 'text', (c) => c.notNull())
          .addColumn('scopes', 'text', (c) => c.notNull())
          .addColumn('audiences', 'text', (c) => c.notNull())
          .addColumn('introspection', 'integer', (c) => c.notNull())
          .addColumn('disabled_ms', whole)
          .addColumn('not_before_seconds', whole, (c) => c.notNull())
          .addColumn('version', whole, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('updated_ms', whole, (c) => c.notNull())
          .modifyEnd(keyed),
        schema
          .createTable('client_secret')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('client', 'text', (c) => c.notNull().references('client.id'))
          .addColumn('mac', bytes, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('expires_ms', whole)
          .modifyEnd(plain),
        schema.createIndex('client_secret_client').on('client_secret').column('client'),
        schema
          .createTable('session')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('subject', 'text', (c) => c.notNull().references('user_account.id'))
          .addColumn('client', 'text', (c) => c.notNull().references('client.id'))
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('last_used_ms', whole, (c) => c.notNull())
          .addColumn('idle_expires_ms', whole, (c) => c.notNull())
          .addColumn('expires_ms', whole, (c) => c.notNull())
          .addColumn('authenticated_ms', whole, (c) => c.notNull())
          .addColumn('methods', 'text', (c) => c.notNull())
          .addColumn('first_address', 'text', (c) => c.notNull())
          .addColumn('last_address', 'text', (c) => c.notNull())
          .addColumn('first_user_agent', 'text', (c) => c.notNull())
          .addColumn('last_user_agent', 'text', (c) => c.notNull())
          .addColumn('revoked_ms', whole)
          .addColumn('revoked_reason', 'text')
          .modifyEnd(plain),
        schema.createIndex('session_subject').on('session').column('subject'),
        schema.createIndex('session_client').on('session').column('client'),
        schema.createIndex('session_idle').on('session').column('idle_expires_ms'),
        schema
          .createTable('refresh_family')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('session', 'text', (c) => c.notNull().references('session.id').onDelete('cascade'))
          .addColumn('subject', 'text', (c) => c.notNull())
          .addColumn('client', 'text', (c) => c.notNull())
          .addColumn('scope', 'text', (c) => c.notNull())
          .addColumn('audience', 'text', (c) => c.notNull())
          .addColumn('generation', whole, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('last_used_ms', whole, (c) => c.notNull())
          .addColumn('idle_expires_ms', whole, (c) => c.notNull())
          .addColumn('expires_ms', whole, (c) => c.notNull())
          .addColumn('revoked_ms', whole)
          .addColumn('revoked_reason', 'text')
          .modifyEnd(plain),
        schema.createIndex('refresh_family_session').on('refresh_family').column('session'),
        schema.createIndex('refresh_family_subject').on('refresh_family').column('subject'),
        schema.createIndex('refresh_family_client').on('refresh_family').column('client'),
        schema
          .createTable('refresh_token')
          .addColumn('hash', bytes, (c) => c.primaryKey())
          .addColumn('family', 'text', (c) => c.notNull().references('refresh_family.id').onDelete('cascade'))
          .addColumn('generation', whole, (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('consumed_ms', whole)
          .addColumn('sealed_successor', bytes)
          .modifyEnd(keyed),
        // Two live leaves in one family cannot even be written down.
        schema.createIndex('refresh_token_generation').unique().on('refresh_token').columns(['family', 'generation']),
        schema
          .createTable('signing_key')
          .addColumn('kid', 'text', (c) => c.primaryKey())
          .addColumn('alg', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('public_jwk', 'text', (c) => c.notNull())
          .addColumn('sealed_private', bytes)
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('activated_ms', whole)
          .addColumn('retiring_ms', whole)
          .addColumn('ended_ms', whole)
          .modifyEnd(plain),
        // One active key for each algorithm, whatever number of processes rotate at once.
        schema
          .createIndex('signing_key_active')
          .unique()
          .on('signing_key')
          .column('alg')
          .where(sql.ref('state'), '=', sql.lit('active')),
      ];
    },
  },
  {
    id: '0002-key-rotation',
    statements: ({ schema }, kind) => {
      const whole = kind === 'sqlite' ? 'integer' : 'bigint';
      return [
        schema.alterTable('signing_key').addColumn('marker_seq', whole),
        schema.alterTable('signing_key').addColumn('promote_after_ms', whole),
        // One successor for each algorithm.
        schema
          .createIndex('signing_key_announced')
          .unique()
          .on('signing_key')
          .column('alg')
          .where(sql.ref('state'), '=', sql.lit('announced')),
        schema
          .createTable('data_key')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('sealed', kind === 'sqlite' ? 'blob' : 'bytea', (c) => c.notNull())
          .addColumn('created_ms', whole, (c) => c.notNull())
          .modifyEnd(kind === 'sqlite' ? sql`strict` : sql``),
      ];
    },
  },
  {
    id: '0003-external-keys',
    statements: ({ schema }) => [schema.alterTable('signing_key').addColumn('external', 'text')],
  },
  {
    id: '0004-audit',
    statements: ({ schema }, kind) => {
      const whole = kind === 'sqlite' ? 'integer' : 'bigint';
      const plain = kind === 'sqlite' ? sql`strict` : sql``;
      return [
        schema
          .createTable('audit_pending')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('mac', 'text', (c) => c.notNull())
          .modifyEnd(kind === 'sqlite' ? sql`strict, without rowid` : sql``),
        schema
          .createTable('audit_event')
          .addColumn('seq', whole, (c) => c.primaryKey())
          .addColumn('id', 'text', (c) => c.notNull().unique())
          .addColumn('at_ms', whole, (c) => c.notNull())
          .addColumn('event', 'text', (c) => c.notNull())
          .addColumn('subject', 'text')
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('mac', 'text', (c) => c.notNull())
          .modifyEnd(plain),
        schema.createIndex('audit_event_event').on('audit_event').columns(['event', 'seq']),
        schema
          .createIndex('audit_event_subject')
          .on('audit_event')
          .columns(['subject', 'seq'])
          .where(sql.ref('subject'), 'is not', sql.lit(null)),
        schema
          .createTable('audit_head')
          .addColumn('id', 'integer', (c) => c.primaryKey())
          .addColumn('floor_seq', whole, (c) => c.notNull())
          .addColumn('floor_mac', 'text', (c) => c.notNull())
          .addColumn('seq', whole, (c) => c.notNull())
          .addColumn('mac', 'text', (c) => c.notNull())
          .addColumn('signature', 'text', (c) => c.notNull())
          .modifyEnd(plain),
      ];
    },
  },
  {
    id: '0005-sender-binding',
    statements: ({ schema }, kind) => {
      const keyed = kind === 'sqlite' ? sql`strict, without rowid` : sql``;
      return [
        schema.alterTable('refresh_family').addColumn('jkt', 'text'),
        schema.alterTable('refresh_family').addColumn('certificate', 'text'),
        schema.alterTable('client').addColumn('dpop_bound', 'integer', (c) => c.notNull().defaultTo(0)),
        schema.alterTable('client').addColumn('certificate_bound', 'integer', (c) => c.notNull().defaultTo(0)),
        schema
          .createTable('dpop_proof')
          .addColumn('hash', kind === 'sqlite' ? 'blob' : 'bytea', (c) => c.primaryKey())
          .addColumn('expires_seconds', kind === 'sqlite' ? 'integer' : 'bigint', (c) => c.notNull())
          .modifyEnd(keyed),
        schema.createIndex('dpop_proof_expires').on('dpop_proof').column('expires_seconds'),
      ];
    },
  },
  {
    id: '0006-attempt-limits',
    statements: ({ schema }, kind) => {
      const whole = kind === 'sqlite' ? 'integer' : 'bigint';
      return [
        schema
          .createTable('attempt_count')
          .addColumn('key', 'text', (c) => c.primaryKey())
          .addColumn('attempts', whole, (c) => c.notNull())
          .addColumn('ends_ms', whole, (c) => c.notNull())
          .modifyEnd(kind === 'sqlite' ? sql`strict, without rowid` : sql``),
        schema.createIndex('attempt_count_ends').on('attempt_count').column('ends_ms'),
      ];
    },
  },
  {
    id: '0007-password-reset',
    statements: ({ schema }, kind) => {
      const whole = kind === 'sqlite' ? 'integer' : 'bigint';
      return [
        schema
          .createTable('password_reset')
          .addColumn('hash', kind === 'sqlite' ? 'blob' : 'bytea', (c) => c.primaryKey())
          .addColumn('user', 'text', (c) => c.notNull().references('user_account.id').onDelete('cascade'))
          .addColumn('created_ms', whole, (c) => c.notNull())
          .addColumn('expires_ms', whole, (c) => c.notNull())
          .modifyEnd(kind === 'sqlite' ? sql`strict, without rowid` : sql``),
        schema.createIndex('password_reset_user').on('password_reset').column('user'),
        schema.createIndex('password_reset_expires').on('password_reset').column('expires_ms'),
      ];
    },
  },
  {
    id: '0008-revoked-families',
    statements: ({ schema }) => [
      schema
        .createIndex('refresh_family_revoked')
        .on('refresh_family')
        .column('revoked_ms')
        .where(sql.ref('revoked_ms'), 'is not', sql.lit(null)),
    ],
  },
  {
    id: '0009-administration',
    statements: ({ schema }) => [
      schema.createIndex('user_account_tenant').on('user_account').columns(['tenant', 'username']),
    ],
  },
  {
    id: '0010-audit-by-time-and-actor',
    statements: ({ schema }, kind) => {
      const actor =
        kind === 'sqlite'
          ? sql`substr(body, instr(body, '"actor":{') + 8, instr(substr(body, instr(body, '"actor":{') + 8), '}'))`
          : sql`substring(body from '"actor":({[^}]*})')`;
      return [
        schema.dropIndex('audit_event_event'),
        schema.dropIndex('audit_event_subject'),
        schema.createIndex('audit_event_newest').on('audit_event').columns(['at_ms', 'seq']),
        schema.createIndex('audit_event_event_newest').on('audit_event').columns(['event', 'at_ms', 'seq']),
        schema
          .createIndex('audit_event_subject_newest')
          .on('audit_event')
          .columns(['subject', 'at_ms', 'seq'])
          .where(sql.ref('subject'), 'is not', sql.lit(null)),
        schema
          .createIndex('audit_event_actor_newest')
          .on('audit_event')
          .expression(sql`(${actor}), at_ms, seq`),
      ];
    },
  },
];
