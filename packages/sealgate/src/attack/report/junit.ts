/** The report as JUnit XML, in the form that build servers read: a case for each attack, a failure for each that was found. */
import { probesWith, withVerdict } from '../result.ts';
import type { AttackResult, ProbeResult, RunResult } from '../result.ts';

export function renderJunit(run: RunResult): string {
  const { results, seconds, target } = run;
  const failures = withVerdict(run, 'found').length;
  const skipped = results.length - failures - withVerdict(run, 'withstood').length;
  const counts = `tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sealgate attack" ${counts}>`,
    `  <testsuite name="${escape(target)}" ${counts}>`,
    ...results.map(renderCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function renderCase(result: AttackResult): string {
  const { attack, seconds } = result;
  const open = `    <testcase classname="sealgate.attack" name="${escape(`${attack.id} ${attack.title}`)}" time="${seconds.toFixed(3)}"`;
  const content = contentOf(result);
  return content === undefined ? `${open}/>` : `${open}>\n      ${content}\n    </testcase>`;
}

function contentOf(result: AttackResult): string | undefined {
  const { attack, verdict, reason = '' } = result;
  switch (verdict) {
    case 'withstood':
      return undefined;
    case 'found': {
      const text = [attack.why, attack.mend, ...probesWith(result, 'accepted').map(line)].join('\n');
      return `<failure type="${attack.severity}" message="${escape(attack.title)}">${escape(text)}</failure>`;
    }
    case 'unclear':
      return `<skipped message="${escape('unclear: neither the authorised answer nor a refusal')}"/>`;
    case 'not tried':
    default:
      return `<skipped message="${escape(reason)}"/>`;
  }
}

function line({ name, note }: ProbeResult): string {
  return note === undefined ? `got through: ${name}` : `got through: ${name} (${note})`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 has no way to write (section 2.2) become question marks. */
function escape(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
