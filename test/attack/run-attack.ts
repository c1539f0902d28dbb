/** Runs `sealgate attack` in this process, and reads what it found. */
import { run } from '../../packages/sealgate/test/run-command.ts';
import type { Ran } from '../../packages/sealgate/test/run-command.ts';

export function runAttack(args: readonly string[], stdin = ''): Promise<Ran> {
  return run(['attack', ...args], { stdin, nowSeconds: () => Date.now() / 1000 });
}

export interface Report {
  readonly target: string;
  readonly token: string;
  readonly judged: boolean;
  readonly found: readonly string[];
  readonly requests: number;
  readonly attacks: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly reason?: string;
    readonly probes: readonly { readonly name: string; readonly outcome: string; readonly note?: string }[];
  }[];
}

/** The report, or all output if there is none. */
export function reportOf({ stdout, stderr }: Ran): Report {
  if (!stdout.startsWith('{')) throw new Error(`no report: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

/** What was accepted, as `id: probe`, for messages of tests. */
export function acceptedIn({ attacks }: Report): readonly string[] {
  return attacks.flatMap(({ id, probes }) =>
    probes.filter(({ outcome }) => outcome === 'accepted').map(({ name }) => `${id}: ${name}`),
  );
}
