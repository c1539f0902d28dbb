/** The audit of a database, opened beside the issuers that may be using it: for the command line. Changes nothing. */
import { existsSync } from 'node:fs';
import { Secret } from '@sealgate/service';
import type { IssuerConfig } from '../config.ts';
import { IssuerError } from '../errors.ts';
import { readDataKey } from '../keys/data-keys.ts';
import { createMasterKeySource } from '../master-key-sources/master-key-source.ts';
import { systemRuntime } from '../runtime.ts';
import { MacKey } from '../secrets/mac.ts';
import type { KeyStoreDependencies } from '../signers/key-store-dependencies.ts';
import { openPostgres } from '../store/postgres.ts';
import { openSqlite } from '../store/sqlite.ts';
import {
  auditAfter,
  auditMatcher,
  listAudit,
  verifyAudit,
  type AuditFilter,
  type AuditReport,
  type NotedHead,
} from './audit-reader.ts';
import { readHead } from './audit-rows.ts';
import { auditLine } from './audit-stream.ts';
import { AUDIT_KEY_NAME } from './start-audit.ts';

export interface AuditOnDisk {
  verify(noted?: NotedHead): Promise<AuditReport>;
  /** Sealed events as lines of JSON, the newest first. */
  list(filter: AuditFilter): Promise<string[]>;
  /** Those of the filter that come after a number, the oldest first. */
  after(seq: number, filter: Omit<AuditFilter, 'before' | 'limit'>): Promise<AuditNews>;
  /** The newest number. */
  newest(): Promise<number>;
  close(): Promise<void>;
}

export interface AuditNews {
  readonly lines: string[];
  /** Up to where it was looked. */
  readonly seq: number;
}

/** @throws {IssuerError} `database_unavailable`, `master_key_missing`, `sealed_data_rejected`. */
export async function openAudit(config: IssuerConfig, dependencies: KeyStoreDependencies = {}): Promise<AuditOnDisk> {
  const { database } = config;
  if (database.kind === 'sqlite' && !existsSync(database.path)) {
    throw new IssuerError(
      'database_unavailable',
      `there is no database at ${database.path}: no issuer has started yet`,
    );
  }
  const reference = config.keys.masterKey;
  // A key file that is not there would be made: it could open nothing.
  if (reference instanceof Secret && !reference.present) throw new IssuerError('master_key_missing');
  const masterKey = await createMasterKeySource(reference, systemRuntime, dependencies).open();
  const store = database.kind === 'sqlite' ? openSqlite(database.path) : await openPostgres(database.url);
  try {
    const keyBytes = await readDataKey(store, masterKey, AUDIT_KEY_NAME);
    if (keyBytes === undefined) {
      throw new IssuerError(
        'database_unavailable',
        'the database has no audit: start this version of the issuer on it',
      );
    }
    const key = new MacKey(keyBytes);
    return {
      verify: (noted) => verifyAudit(store, key, { noted }),
      list: async (filter) => (await listAudit(store, filter)).map(auditLine),
      after: async (seq, filter) => {
        const rows = await auditAfter(store, seq);
        return { lines: rows.filter(auditMatcher(filter)).map(auditLine), seq: rows.at(-1)?.seq ?? seq };
      },
      newest: async () => (await store.first(readHead, {}))?.seq ?? 0,
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
