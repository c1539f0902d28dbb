/** Completion for PowerShell 5.1 and later, with what each word is for. */
import type { CompletionEntry, CompletionWord } from './completion-table.ts';

export function renderPowerShell(table: readonly CompletionEntry[]): string {
  const list = (words: readonly CompletionWord[]) =>
    words.map(({ word, description }) => `@('${word}', '${description === '' ? word : description}')`).join(', ');
  const plain = (words: readonly string[]) => words.map((word) => `@('${word}', '${word}')`).join(', ');
  const commands = table.map(({ path, commands, options, argumentWords = [] }) => {
    const words = [
      ...(commands.length === 0 ? [] : [list(commands)]),
      list(options),
      ...(argumentWords.length === 0 ? [] : [plain(argumentWords)]),
    ];
    return `    '${path}' = @(${words.join(', ')})`;
  });
  const values = table.flatMap(({ path, values }) =>
    values.flatMap(({ option, words }) =>
      words === undefined || words.length === 0 ? [] : [`    '${path} ${option}' = @(${plain(words)})`],
    ),
  );
  return `# Completion of sealgate for PowerShell. Put this into $PROFILE:  sealgate completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName sealgate -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @{
${commands.join('\n')}
  }
  $values = @{
${values.join('\n')}
  }
  $path = ''
  $previous = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
    $previous = $element.ToString()
    $next = "$path $previous".Trim()
    if ($commands.ContainsKey($next)) { $path = $next }
  }
  $words = if ($values.ContainsKey("$path $previous")) { $values["$path $previous"] } else { $commands[$path] }
  foreach ($pair in $words) {
    if ($pair[0] -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($pair[0], $pair[0], 'ParameterValue', $pair[1])
    }
  }
}
`;
}
