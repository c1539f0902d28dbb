/** The report for people: a row for each attack as soon as it is over, then what was found, why it matters, and how to mend it. */
import { safeSentence } from '../../terminal/safe-text.ts';
import { styleFor } from '../../terminal/style.ts';
import type { Style } from '../../terminal/style.ts';
import { ATTACKS } from '../attack-list.ts';
import type { Scene } from '../attack.ts';
import { probesWith, withVerdict } from '../result.ts';
import type { AttackResult, ProbeResult, RunResult, Verdict } from '../result.ts';

export interface TextReport {
  readonly head: (scene: Scene) => string;
  readonly row: (result: AttackResult) => string;
  /** What was found and what is unclear, and the sum of all. */
  readonly end: (run: RunResult) => string;
}

const TITLE_COLUMNS = Math.max(...ATTACKS.map(({ title }) => title.length));
const LABEL_COLUMNS = 20;
const MOST_COLUMNS = 110;
const FEWEST_COLUMNS = 60;
const MOST_PROBES = 8;

export function createTextReport(terminal: { readonly color: boolean; readonly columns: number }): TextReport {
  const style = styleFor(terminal);
  const columns = Math.max(FEWEST_COLUMNS, Math.min(terminal.columns, MOST_COLUMNS)) - LABEL_COLUMNS;
  return {
    head: ({ origin, target, subject }) =>
      `Attacking ${origin}${target.replace(/\?.*$/u, '')} as the holder of the token ${subject.thumbprint}\n\n` +
      style.bold(row('id', 'what', 'result')),
    row: (result) => row(result.attack.id, result.attack.title, paintFor(style, result.verdict)(outcomeOf(result))),
    end(run) {
      const found = withVerdict(run, 'found').map((result) => renderFinding(result, style, columns));
      const unclear = withVerdict(run, 'unclear').map((result) => renderUnclear(result, style));
      return [...found, ...unclear, renderSummary(run, style)].map((text) => `\n${text}`).join('');
    },
  };
}

function row(id: string, title: string, result: string): string {
  return `${id.padEnd(4)} ${title.padEnd(TITLE_COLUMNS)}  ${result}\n`;
}

function paintFor({ bad, good, warn, dim }: Style, verdict: Verdict): (text: string) => string {
  return { found: bad, withstood: good, unclear: warn, 'not tried': dim }[verdict];
}

function outcomeOf(result: AttackResult): string {
  const { verdict, probes, reason = '' } = result;
  const texts: Readonly<Record<Verdict, string>> = {
    found: `FOUND: ${probesWith(result, 'accepted').length} of ${probes.length} got through`,
    withstood: `withstood (${probes.length} tried)`,
    unclear: 'unclear: see below',
    'not tried': `not tried: ${reason}`,
  };
  return texts[verdict];
}

function renderSummary(run: RunResult, { bad, good }: Style): string {
  const count = (verdict: Verdict) => withVerdict(run, verdict).length;
  const found = count('found');
  const others = `${count('withstood')} withstood, ${count('unclear')} unclear, ${count('not tried')} not tried`;
  const verdict = found === 0 ? good('Nothing found') : bad(`Found ${found}`);
  return `${verdict}: ${others}; ${run.requests} requests in ${run.seconds.toFixed(1)} s.\n`;
}

function renderFinding(result: AttackResult, { bold }: Style, columns: number): string {
  const { id, title, severity, why, mend } = result.attack;
  return [
    `${bold(`${id}  ${title}`)} (${severity})\n`,
    labelled('why it matters', wrap(why, columns)),
    labelled('how to mend it', wrap(mend, columns)),
    labelled('got through', probeLines(probesWith(result, 'accepted'))),
  ].join('');
}

function renderUnclear(result: AttackResult, { bold }: Style): string {
  const { id, title } = result.attack;
  const odd = result.probes.filter(({ outcome }) => outcome === 'unclear' || outcome === 'broken');
  return `${bold(`${id}  ${title}`)} (unclear: neither the authorised answer nor a refusal)\n${labelled('look at', probeLines(odd))}`;
}

/** Names of probes hold paths and algorithms of the target: none of it may speak to the terminal. */
function probeLines(probes: readonly ProbeResult[]): readonly string[] {
  const shown = probes
    .slice(0, MOST_PROBES)
    .map(({ name, note }) => safeSentence(note === undefined ? name : `${name} (${note})`));
  const rest = probes.length - shown.length;
  return rest > 0 ? [...shown, `and ${rest} more: see --json`] : shown;
}

/** Broken at words, so that it stays in its column. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function labelled(label: string, lines: readonly string[]): string {
  return lines.map((line, index) => `    ${(index === 0 ? label : '').padEnd(LABEL_COLUMNS - 4)}${line}\n`).join('');
}
