/**
 * `sealgate serve`: starts the servers that the file describes, says when all of them listen, and ends them in order.
 *
 * The answer (ready, the walk of a demonstration) goes to standard output, the log to standard error.
 */
import { flushCompileCache } from 'node:module';
import { createLifecycle, createLogger } from '@sealgate/service';
import type { Lifecycle, Logger } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import { loadConfig } from '../config/load-config.ts';
import type { SealgateConfig } from '../config/schema.ts';
import { renderWalkForTerminal } from '../demo/walk.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';
import { suggestFrom } from '../command-line/suggest-from.ts';
import { ROLES } from './role.ts';
import type { Role } from './role.ts';
import { startServers } from './start-servers.ts';
import type { Running } from './start-servers.ts';

export interface ServeArguments {
  readonly role: string | undefined;
  readonly file: string;
}

/**
 * Returns when the servers run; they go on until a signal, and the process then ends with 0, or 1 if something did not close cleanly.
 *
 * @throws {CommandError} before anything is started, or after everything that was started has been closed again.
 */
export async function serveCommand({ role, file }: ServeArguments, io: CommandIo): Promise<ExitCode> {
  const wanted = parseRole(role);
  const config = loadConfig(file);
  const roles = rolesOf(config, wanted, file);
  const logger = createLogger({ level: config.log.level, to: 'stderr' });
  const lifecycle = createLifecycle({ logger });
  endOnFault(logger, lifecycle);
  lifecycle.exitOnSignals();
  const running = await startServers({ config, file, roles, logger, lifecycle });
  // What Node compiled is kept at the end of a process, which a server may not come to: the next start should not pay for that.
  flushCompileCache();
  io.stdout(`${readyLine(running)}${config.demo === undefined ? '' : walk(running)}`);
  return EXIT.yes;
}

/** A fault that nobody foresaw leaves the process in a state that nobody knows: it is logged with its stack, and the process ends. */
function endOnFault(logger: Logger, lifecycle: Lifecycle): void {
  process.on('uncaughtException', (fault) => {
    logger.fatal({ err: fault }, 'a fault in the program');
    void lifecycle.close('fault').finally(() => process.exit(EXIT.no));
  });
}

function readyLine({ issuer, gateway }: Running): string {
  const parts = [issuer === undefined ? '' : ` issuer=${issuer}`, gateway === undefined ? '' : ` gateway=${gateway}`];
  return `sealgate ready${parts.join('')}\n`;
}

/** What to do with a demonstration, where all of it runs. */
function walk({ issuer, gateway, admin }: Running): string {
  if (issuer === undefined || gateway === undefined || admin === undefined) return '';
  return `\n${renderWalkForTerminal({ issuer, gateway, admin })}\n`;
}

function parseRole(role: string | undefined): Role | undefined {
  const found = ROLES.find((known) => known === role);
  if (role === undefined || found !== undefined) return found;
  throw new CommandError('argument_invalid', `there is no role ${JSON.stringify(role)}${suggestFrom(role, ROLES)}`);
}

function rolesOf(config: SealgateConfig, wanted: Role | undefined, file: string): readonly Role[] {
  if (wanted === undefined) return ROLES.filter((role) => config[role] !== undefined);
  if (config[wanted] !== undefined) return [wanted];
  throw new CommandError('config_unusable', `${file} has no section "${wanted}": add it, or serve another role`);
}
