/**
 * `npm run bench [-- section...] [--quick]`: runs benchmark sections, prints their tables, keeps each section's figures in
 * `bench/results/` and writes `bench/RESULTS.md` from all that are kept. A `--quick` run prints and keeps nothing.
 * `--sessions 10000000` adds to the section `issuer` a contender with so many sessions in its database; writing them takes minutes.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { REQUIREMENTS, ensure } from '../scripts/provision.ts';
import { stayOffMeasuredCore, stopWithThisProcess, takePrecedence } from './load/process.ts';
import { describeMachine } from './machine.ts';
import { type SectionRun, printComparison, renderResults } from './report.ts';
import { SECTIONS } from './sections.ts';
import { judge } from './statistics.ts';

const KEPT = path.join(import.meta.dirname, 'results');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    section: { type: 'string', multiple: true, default: [] },
    sessions: { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
  },
});

const wanted = [...positionals, ...values.section];
const unknown = wanted.filter((name) => !SECTIONS.some((section) => section.name === name));
if (values.list || unknown.length > 0) {
  for (const { name, title } of SECTIONS) console.log(`${name.padEnd(12)} ${title}`);
  if (unknown.length > 0) console.error(`no section ${unknown.join(', ')}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

ensure(REQUIREMENTS.bench);
stayOffMeasuredCore();
takePrecedence();
stopWithThisProcess();
let missed = 0;
for (const section of SECTIONS) {
  if (wanted.length > 0 && !wanted.includes(section.name)) continue;
  ensure(section.needs);
  const machine = describeMachine();
  const scratch = mkdtempSync(path.join(os.tmpdir(), `sealgate-bench-${section.name}-`));
  try {
    console.log(`${section.title}${values.quick ? ' (quick: figures not to be quoted)' : ''}`);
    const comparisons = await section.run({
      quick: values.quick,
      sessions: Number(values.sessions),
      scratch,
      progress: (line) => console.error(line),
    });
    for (const comparison of comparisons) console.log(printComparison(comparison));
    missed += comparisons
      .flatMap((one) => one.targets.map((target) => judge(one, target)))
      .filter(({ met }) => !met).length;
    if (!values.quick) keep({ name: section.name, title: section.title, machine, comparisons });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
if (missed > 0) console.log(`\n${missed} target(s) not met`);

function keep(run: SectionRun): void {
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(path.join(KEPT, `${run.name}.json`), `${JSON.stringify(run, undefined, 2)}\n`);
  const order = SECTIONS.map(({ name }) => name);
  const runs = readdirSync(KEPT)
    .filter((file) => file.endsWith('.json'))
    .map((file): SectionRun => JSON.parse(readFileSync(path.join(KEPT, file), 'utf8')))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), renderResults(runs));
}
