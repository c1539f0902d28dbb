/** How `sealgate completion` is called. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { withExamples } from '../command-line/define.ts';
import type { Run } from '../command-line/define.ts';

export function defineCompletion(program: Command, run: Run): void {
  const completion = program
    .command('completion')
    .helpGroup('Setting up:')
    .description(
      'Prints a script that makes a shell complete commands, options and their values. No --json: the script is all.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .action((shell: string) =>
      run(async (io) => {
        const { completionCommand } = await import('./completion-command.ts');
        return completionCommand(shell, program, io);
      }),
    );
  withExamples(completion, [
    ['source <(sealgate completion bash)', 'in ~/.bashrc; for zsh alike, in ~/.zshrc after compinit'],
    ['sealgate completion fish > ~/.config/fish/completions/sealgate.fish', ''],
    ['sealgate completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
  ]);
}
