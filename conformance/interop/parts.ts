/**
 * The parts of `npm run interop`: a language or a server, with what it needs of the machine. One that cannot be had fails and says what is missing;
 * the others are tried all the same.
 */
import { type Machine, REQUIREMENTS, provide } from '../../scripts/provision.ts';

export interface Part {
  /** As it is named on the command line, in whichever case. */
  readonly name: string;
  /** What it is got, built and run with. */
  readonly programs: readonly (typeof REQUIREMENTS.interop)[number]['program'][];
}

export interface Parts {
  /** What went wrong so far, a sentence each. */
  readonly failures: string[];
  /** Does the work of a part. `undefined` where that cannot be done: `failures` says why. */
  readonly attempt: <Result>(part: Part, work: () => Promise<Result>) => Promise<Result | undefined>;
}

/** Installs what they need, all in one go, where that is allowed. */
export function provideFor(parts: readonly Part[], machine?: Machine): Parts {
  const needed = new Set<string>(parts.flatMap(({ programs }) => programs));
  const { remedies, failure } = provide(
    REQUIREMENTS.interop.filter(({ program }) => needed.has(program)),
    machine,
  );
  const failures = failure === undefined ? [] : [failure];
  return {
    failures,
    async attempt({ name, programs }, work) {
      const missing = programs.filter((program) => remedies.has(program));
      if (missing.length > 0) {
        const lines = missing.map((program) => `${program} (${remedies.get(program)})`);
        failures.push(`${name}: missing on this machine: ${lines.join(', ')}`);
        return undefined;
      }
      try {
        return await work();
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
        return undefined;
      }
    },
  };
}
