/** `sealgate migrate`: the database of a configuration, up to date or how it would become so. */
import { IssuerError, migrateDatabase, type MigrationStep } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { loadConfig } from '../config/load-config.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';

export interface MigrateArguments {
  readonly config: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function migrateCommand(
  { config, dryRun = false, json }: MigrateArguments,
  io: CommandIo,
): Promise<ExitCode> {
  const { issuer } = loadConfig(config);
  if (issuer === undefined) throw new CommandError('config_unusable', `${config} has no section "issuer"`);
  const { database } = issuer;
  const steps = await migrateDatabase(database, io.nowSeconds() * 1000, { dryRun }).catch(commandError);
  if (json === true) {
    const report = { database: database.kind, applied: !dryRun, steps };
    io.stdout(`${JSON.stringify(report, null, 2)}\n`);
  } else io.stdout(readable(steps, dryRun));
  return dryRun && steps.length > 0 ? EXIT.no : EXIT.yes;
}

/** The SQL only where somebody decides by it. */
function readable(steps: readonly MigrationStep[], dryRun: boolean): string {
  if (steps.length === 0) return 'the database is up to date\n';
  const blocks = steps.map(({ id, sql }) =>
    dryRun ? `-- ${id}\n${sql.map((line) => `${line};\n`).join('')}` : `${id}\n`,
  );
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  const verdict = dryRun ? `-- ${count} missing; nothing was changed` : `${count} applied`;
  return `${blocks.join(dryRun ? '\n' : '')}${dryRun ? '\n' : ''}${verdict}\n`;
}

function commandError(error: unknown): never {
  if (!(error instanceof IssuerError)) throw error;
  const code = error.code === 'migration_failed' ? 'migration_failed' : 'input_unreadable';
  throw new CommandError(code, error.message, { cause: error });
}
