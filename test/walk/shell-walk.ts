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

export interface RanWalk {
  readonly steps: readonly RanStep[];
  /** What the shell and curl complained of, and the last answer to a login: for whoever must find out why a step failed. */
  readonly complaints: string;
}

/** @param printed - Standard output of `sealgate serve`: the ready line, then the walk. */
export async function runWalk(printed: string): Promise<RanWalk> {
  const [, ...parts] = printed.split(STEP);
  const titles = parts.filter((_, index) => index % 2 === 0);
  const bodies = parts.filter((_, index) => index % 2 === 1);
  const script = bodies.map((body) => `echo '${MARK}'\n${body}`).join('\n');
  const whole = `${script}\necho "login: $LOGIN" >&2`;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', whole], { encoding: 'utf8' });
  const outputs = stdout.split(`${MARK}\n`).slice(1);
  const steps = titles.map((title, index) => {
    const output = (outputs[index] ?? '').replaceAll('\r\n', '\n');
    const statuses = [...output.matchAll(/HTTP\/1\.1 (\d{3})/gu)].map(([, status]) => Number(status));
    return { title, output, statuses };
  });
  return { steps, complaints: stderr };
}
