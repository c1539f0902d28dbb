/** Runs the walk that `serve` printed, in one shell, as somebody does who pastes it step by step. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface RanStep {
  readonly title: string;
  /** Output of all commands of the step, in order. */
  readonly output: string;
  /** The HTTP status lines in it, as numbers. They may follow a body that ends without a line break. */
  readonly statuses: readonly number[];
}

const STEP = /^# \d+\. (.+)$/mu;
const MARK = '=== step ===';

/** @param printed - Standard output of `sealgate serve`: the ready line, then the walk. */
export async function runWalk(printed: string): Promise<readonly RanStep[]> {
  const [, ...parts] = printed.split(STEP);
  const titles = parts.filter((_, index) => index % 2 === 0);
  const bodies = parts.filter((_, index) => index % 2 === 1);
  const script = bodies.map((body) => `echo '${MARK}'\n${body}`).join('\n');
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { encoding: 'utf8' });
  const outputs = stdout.split(`${MARK}\n`).slice(1);
  return titles.map((title, index) => {
    const output = (outputs[index] ?? '').replaceAll('\r\n', '\n');
    const statuses = [...output.matchAll(/HTTP\/1\.1 (\d{3})/gu)].map(([, status]) => Number(status));
    return { title, output, statuses };
  });
}
