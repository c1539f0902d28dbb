/** The configuration file of a command: loaded whole, or refused with every fault on its own line. */
import path from 'node:path';
import { ConfigError, loadConfigFile, parseConfigText, readConfigText } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import { configSchema } from './schema.ts';
import type { SealgateConfig } from './schema.ts';

/** @throws {CommandError} `config_invalid`; its message has a line for each fault, in the form that editors and terminals turn into a link. */
export function loadConfig(file: string): SealgateConfig {
  return orRefuse(file, () => loadConfigFile(file, configSchema));
}

/** The same from text that was read before, by this process or another. @throws {CommandError} `config_invalid`. */
export function parseConfig(text: string, file: string): SealgateConfig {
  const folder = path.dirname(path.resolve(file));
  return orRefuse(file, () => parseConfigText(text, configSchema, { file, folder }));
}

/** @throws {CommandError} `config_invalid`. */
export function readConfig(file: string): string {
  return orRefuse(file, () => readConfigText(file));
}

function orRefuse<Result>(file: string, load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    if (error instanceof ConfigError)
      throw new CommandError('config_invalid', `${file} was refused\n${error.message}`, { cause: error });
    throw error;
  }
}
