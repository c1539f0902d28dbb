/** How `sealgate routes` is called. */
import type { Command } from 'commander';
import { configOption, jsonOption, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';

export function defineRoutes(program: Command, run: Run): void {
  const routes = program
    .command('routes')
    .helpGroup('Why:')
    .description('Shows the routes of a configuration in the order in which they win, and what each asks of a token.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: { config: string; json?: boolean }) =>
      run(async (io) => {
        const { routesCommand } = await import('./routes-command.ts');
        return routesCommand({ file: options.config, json: options.json === true }, io);
      }),
    );
  withExamples(routes, [['sealgate routes -c sealgate.yaml', '']]);
}
