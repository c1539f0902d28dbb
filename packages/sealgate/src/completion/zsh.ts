/** Completion for zsh, with what each word is for. */
import type { CompletionEntry, CompletionWord } from './completion-table.ts';

export function renderZsh(table: readonly CompletionEntry[]): string {
  const paths = table.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  const described = (words: readonly CompletionWord[]) =>
    words.map(({ word, description }) => `'${word}:${description.replaceAll(':', '')}'`).join(' ');
  const values = table.flatMap(({ path, values }) =>
    values.map(
      ({ option, words }) =>
        `    "${path} ${option}") ${words === undefined ? '_files' : `compadd -- ${words.join(' ')}`}; return ;;`,
    ),
  );
  const commands = table.map(({ path, commands, options, argumentWords }) => {
    const rest =
      argumentWords === undefined
        ? ' _files'
        : argumentWords.length > 0
          ? ` compadd -- ${argumentWords.join(' ')}`
          : ' :';
    return `    "${path}") words=(${described(commands)}); options=(${described(options)}); rest='${rest.trim()}' ;;`;
  });
  return `#compdef sealgate
# Completion of sealgate for zsh. Put this into ~/.zshrc, after compinit:  source <(sealgate completion zsh)
_sealgate() {
  local line_path="" next previous="\${words[CURRENT-1]}" current="\${words[CURRENT]}" rest=":" index
  local -a given options
  given=("\${words[@]}")
  for ((index = 2; index < CURRENT; index++)); do
    next="\${line_path:+$line_path }\${given[index]}"
    case "$next" in
      ${paths.join('|')}) line_path="$next" ;;
    esac
  done
  case "$line_path $previous" in
${values.join('\n')}
  esac
  local -a words
  case "$line_path" in
${commands.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    _describe option options
  else
    (( \${#words} )) && _describe command words
    eval "$rest"
  fi
}
compdef _sealgate sealgate
`;
}
