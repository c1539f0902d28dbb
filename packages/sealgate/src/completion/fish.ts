/** Completion for fish, with what each word is for. */
import type { CompletionEntry } from './completion-table.ts';

export function renderFish(table: readonly CompletionEntry[]): string {
  const paths = table.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const lines = table.flatMap(({ path, commands, options, argumentWords, values }) => {
    const at = `complete -c sealgate -n '__sealgate_at "${path}"'`;
    return [
      ...commands.map(({ word, description }) => `${at} -f -a ${word} -d '${description}'`),
      ...(argumentWords === undefined ? [`${at} -F`] : [`${at} -f`]),
      ...(argumentWords === undefined || argumentWords.length === 0 ? [] : [`${at} -a '${argumentWords.join(' ')}'`]),
      ...options.map(({ word, description }) => {
        const value = values.find(({ option }) => option === word);
        const takes =
          value === undefined ? '' : value.words === undefined ? ' -r -F' : ` -x -a '${value.words.join(' ')}'`;
        return `${at} -l ${word.slice(2)}${takes} -d '${description}'`;
      }),
    ];
  });
  return `# Completion of sealgate for fish. Put this into ~/.config/fish/completions:  sealgate completion fish > sealgate.fish
function __sealgate_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim "$path $word")
    if contains -- "$next" ${paths.join(' ')}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}
