/**
 * `sealgate check`: is this configuration right, and does its gateway decide as the file's own `tests` say? Nothing of the file is started
 * or reached: the tests run against a gateway with test keys, on a free port of this machine.
 */
import { configWarnings, runConfigTests } from '@sealgate/gateway';
import type { ConfigTestResult, ConfigWarning } from '@sealgate/gateway';
import { ConfigError, loadConfigFile } from '@sealgate/service';
import { configSchema } from '../config/schema.ts';
import type { SealgateConfig } from '../config/schema.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommandIo } from '../io.ts';

export interface CheckArguments {
  readonly file: string;
  readonly json: boolean;
}

export async function checkCommand({ file, json }: CheckArguments, io: CommandIo): Promise<ExitCode> {
  let config: SealgateConfig;
  try {
    config = loadConfigFile(file, configSchema);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, issues, message } = error;
    io.stdout(json ? `${JSON.stringify({ valid: false, file, code, issues }, null, 2)}\n` : `${message}\n`);
    return EXIT.no;
  }
  const { gateway, tests = [] } = config;
  const warnings = gateway === undefined ? [] : warningsOf(gateway);
  const results = gateway === undefined || tests.length === 0 ? [] : await runConfigTests(gateway, tests);
  const passed = results.every((result) => result.passed);
  io.stdout(
    json
      ? `${JSON.stringify({ valid: true, file, passed, warnings, tests: results }, null, 2)}\n`
      : [...warnings.map(warningLine), report(file, results)].join(''),
  );
  return passed ? EXIT.yes : EXIT.no;
}

/** Their places in the whole file. */
const warningsOf = (gateway: NonNullable<SealgateConfig['gateway']>): ConfigWarning[] =>
  configWarnings(gateway).map(({ path, message }) => ({ path: ['gateway', ...path], message }));

const warningLine = ({ path, message }: ConfigWarning): string => `warning: ${path.join('.')}: ${message}\n`;

function report(file: string, results: readonly ConfigTestResult[]): string {
  if (results.length === 0) return `${file} is right\n`;
  const lines = results.flatMap(({ test, passed, differences }) => [
    `${passed ? 'passed' : 'FAILED'}  ${test.request}`,
    ...differences.map((difference) => `        ${difference}`),
  ]);
  const failed = results.filter((result) => !result.passed).length;
  const summary =
    failed === 0
      ? `${file} is right, and its ${results.length} tests passed`
      : `${failed} of ${results.length} tests of ${file} failed`;
  return `${[...lines, summary].join('\n')}\n`;
}
