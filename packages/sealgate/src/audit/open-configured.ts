/** Opens the audit of the database that a configuration file names. */
import { IssuerError, openAudit, type AuditOnDisk } from '@sealgate/issuer';
import { CommandError } from '../command-error.ts';
import { loadConfig } from '../config/load-config.ts';

/** @throws {CommandError} `config_invalid`, `config_unusable`, `input_unreadable`. */
export async function openConfiguredAudit(file: string): Promise<AuditOnDisk> {
  const { issuer } = loadConfig(file);
  if (issuer === undefined) throw new CommandError('config_unusable', `${file} has no section "issuer"`);
  try {
    return await openAudit(issuer);
  } catch (error) {
    if (error instanceof IssuerError) throw new CommandError('input_unreadable', error.message, { cause: error });
    throw error;
  }
}
