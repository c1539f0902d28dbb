/** The configuration file of a command: loaded whole, or refused with every fault on its own line. */
import { ConfigError, loadConfigFile } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import { configSchema } from './schema.ts';
import type { SealgateConfig } from './schema.ts';

/** @throws {CommandError} `config_invalid`; its message has a line for each fault, in the form that editors and terminals turn into a link. */
export function loadConfig(file: string): SealgateConfig {
  try {
    return loadConfigFile(file, configSchema);
  } catch (error) {
    if (error instanceof ConfigError)
      throw new CommandError('config_invalid', `${file} was refused\n${error.message}`, { cause: error });
    throw error;
  }
}
