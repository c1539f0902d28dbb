/** How `sealgate serve` is called. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { configOption, withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';

export function defineServe(program: Command, run: Run): void {
  const serve = program
    .command('serve')
    .helpGroup('Servers:')
    .description(
      'Runs the servers that the configuration describes, until Ctrl-C or SIGTERM. No --json: its log is JSON already, a line each.',
    )
    .addArgument(new Argument('[role]', '"issuer" or "gateway"; without it, every one that the file has a section for'))
    .addOption(configOption())
    .action((role: string | undefined, options: { config: string }) =>
      run(async (io) => {
        const { serveCommand } = await import('./serve-command.ts');
        return serveCommand({ role, file: options.config }, io);
      }),
    );
  withExamples(serve, [
    ['sealgate serve -c sealgate.yaml', 'all in one process'],
    ['sealgate serve gateway -c sealgate.yaml', 'the gateway alone'],
  ]);
}
