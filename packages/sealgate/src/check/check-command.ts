/** `sealgate check`: is this configuration right? Nothing is started, and nothing is changed. */
import { ConfigError, loadConfigFile } from '@sealgate/service';
import { configSchema } from '../config/schema.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';

export interface CheckArguments {
  readonly file: string;
  readonly json: boolean;
}

export function checkCommand({ file, json }: CheckArguments, io: CommandIo): ExitCode {
  try {
    loadConfigFile(file, configSchema);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, issues, message } = error;
    io.stdout(json ? `${JSON.stringify({ valid: false, file, code, issues }, null, 2)}\n` : `${message}\n`);
    return EXIT.no;
  }
  io.stdout(json ? `${JSON.stringify({ valid: true, file }, null, 2)}\n` : `${file} is right\n`);
  return EXIT.yes;
}
