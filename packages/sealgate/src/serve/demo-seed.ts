/** Creates the users and clients of a demonstration, where they are not there yet. Called for files with a `demo:` section alone. */
import type { Issuer } from '@sealgate/issuer';
import { IssuerError } from '@sealgate/issuer';
import type { Logger } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import type { DemoConfig } from '../config/demo-schema.ts';

/** @throws {CommandError} `demo_failed` for a user or client that the issuer does not take. */
export async function seedDemo(config: DemoConfig, issuer: Issuer, logger: Logger): Promise<void> {
  for (const { username, password, roles } of config.users) {
    await create(`demo.users "${username}"`, logger, () => issuer.admin.createUser({ username, password, roles }));
  }
  for (const { id, secret, grants, scopes, introspection } of config.clients) {
    const client = { id, grants, scopes, introspection, ...(secret === undefined ? {} : { secret }) };
    await create(`demo.clients "${id}"`, logger, () => issuer.admin.createClient(client));
  }
}

async function create(what: string, logger: Logger, make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
    logger.info({ created: what }, 'demonstration seeded');
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    if (error.code === 'user_exists' || error.code === 'client_exists') return;
    throw new CommandError('demo_failed', `${what}: ${error.message}`, { cause: error });
  }
}
