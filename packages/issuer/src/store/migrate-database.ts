/** Migrates the database of an address by hand, or shows what that would do: for the command line. Issuers migrate at their start (`open.ts`). */
import { existsSync } from 'node:fs';
import { IssuerError } from '../errors.ts';
import { migrate, type MigrationStep } from './migrate.ts';
import type { DatabaseAddress } from './address.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/**
 * @returns the steps that were applied; with `dryRun`, those that would be: then no table and no row is touched, and no file is made.
 * @throws {IssuerError} `database_unavailable`; `migration_failed`, and then nothing was changed.
 */
export async function migrateDatabase(
  address: DatabaseAddress,
  nowMs: number,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly MigrationStep[]> {
  const store = address.kind === 'postgres' ? await openPostgres(address.url) : openSqlite(fileOf(address, dryRun));
  try {
    return await migrate(store, nowMs, { dryRun });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IssuerError('migration_failed', `nothing was changed: ${reason}`, { cause: error });
  } finally {
    await store.close();
  }
}

/** A database that is not there yet needs every step, as an empty one does. */
function fileOf({ path }: { readonly path: string }, dryRun: boolean): string {
  return dryRun && !existsSync(path) ? ':memory:' : path;
}
