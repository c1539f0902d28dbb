/** `docs/commands.md` and the manual page `packages/sealgate/man/sealgate.1` (man(7)): every command with its options and examples, from the definitions. */
import { buildProgram, describeTree, flattenTree, type TreeCommand } from 'sealgate';

const quiet = { stdout: () => undefined, stderr: () => undefined, color: false };
const commands = (): readonly TreeCommand[] => flattenTree(describeTree(buildProgram(quiet, () => Promise.resolve())));
const nameOf = ({ path }: TreeCommand) => ['sealgate', ...path].join(' ');
const isLeaf = ({ commands }: TreeCommand) => commands.length === 0;

const EXITS = 'Exit codes: 0 yes, 1 no, 2 the question was wrong.';
const SECRETS =
  'A key or a secret is never an argument, which every user of the machine could read: options take a file, env:NAME, or prompt.';

export function renderCommandDocs(): string {
  const sections = commands()
    .filter(isLeaf)
    .map((command) => {
      const rows = [
        ...command.arguments.map(({ name, description }) => [name, description]),
        ...command.options.map(({ flags, description }) => [flags, description]),
      ];
      const cells = ([name = '', meaning = '']: readonly string[]) =>
        `| \`${name}\` | ${meaning.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`;
      const table = rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows.map(cells), ''];
      const lines = command.examples.flatMap(([line, meaning]) => (meaning === '' ? [line] : [`# ${meaning}`, line]));
      return [`## ${nameOf(command)}`, '', command.description, '', ...table, '```sh', ...lines, '```', ''].join('\n');
    });
  return [
    '# Commands',
    '',
    `Every command, from its definition (\`npm run docs\`). ${EXITS} \`--json\` gives the answer for programs, \`--help\` the same as here. ${SECRETS}`,
    '',
    ...sections,
  ].join('\n');
}

/** Characters that roff would take for commands or ligatures. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/u.test(escaped) ? `\\&${escaped}` : escaped;
}

export function renderManualPage(): string {
  const all = commands();
  const [root] = all;
  const lines = [
    '.TH SEALGATE 1 "" "Sealgate" "Sealgate"',
    '.SH NAME',
    `sealgate \\- ${roff((root?.description ?? '').replace(/\.$/u, ''))}`,
    '.SH SYNOPSIS',
    ...all.filter(isLeaf).flatMap((command) => ['.B', roff(command.usage), '.br']),
    '.SH DESCRIPTION',
    roff(`${EXITS} ${SECRETS}`),
    '.SH COMMANDS',
  ];
  for (const command of all.filter(isLeaf)) {
    lines.push(`.SS "${roff(nameOf(command))}"`, roff(command.description));
    for (const { name, description } of command.arguments) lines.push('.TP', `.I "${roff(name)}"`, roff(description));
    for (const { flags, description } of command.options) lines.push('.TP', `.B "${roff(flags)}"`, roff(description));
    for (const [example, meaning] of command.examples) {
      lines.push('.PP', ...(meaning === '' ? [] : [roff(`${meaning}:`)]), '.nf', `    ${roff(example)}`, '.fi');
    }
  }
  lines.push('.SH FILES', '.I sealgate.yaml', roff('is the configuration that commands read unless -c names another.'));
  return `${lines.join('\n')}\n`;
}
