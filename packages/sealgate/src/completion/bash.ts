/** Completion for bash 3.2 and later: no other package is needed. */
import type { CompletionEntry } from './completion-table.ts';

export function renderBash(table: readonly CompletionEntry[]): string {
  const paths = table.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  const values = table.flatMap(({ path, values }) =>
    values.map(
      ({ option, words }) =>
        `    "${path} ${option}") ${words === undefined ? 'files=1' : `words="${words.join(' ')}"`}; options="" ;;`,
    ),
  );
  const commands = table.map(({ path, commands, options, argumentWords }) => {
    const words = [...commands.map(({ word }) => word), ...(argumentWords ?? [])].join(' ');
    const files = argumentWords === undefined ? '; files=1' : '';
    return `      "${path}") words="${words}"; options="${options.map(({ word }) => word).join(' ')}"${files} ;;`;
  });
  return `# Completion of sealgate for bash. Put this into ~/.bashrc:  source <(sealgate completion bash)
_sealgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" options="" files="" index next
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${path:+$path }\${COMP_WORDS[index]}"
    case "$next" in
      ${paths.join(' | ')}) path="$next" ;;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
    *) case "$path" in
${commands.join('\n')}
    esac ;;
  esac
  if [[ "$current" == -* ]]; then words="$options"; files=""; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n "$files" ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _sealgate sealgate
`;
}
