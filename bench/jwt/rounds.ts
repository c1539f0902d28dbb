/**
 * Takes CPU time per call of several contenders in turns. A round is many short slices: A B C, A B C, ..., a few milliseconds each,
 * because a virtual core changes its speed within tens of them; what was slow then was slow for all. User and system time of this
 * process, all threads: a library that hands its work to a thread pool pays for it here too. Wall time would count the neighbours.
 */
import type { Contender, Round } from '../section.ts';

/** Something to call again and again. A promise is awaited before the next call. */
export interface Task {
  readonly name: string;
  readonly call: () => unknown;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** Turns that each contender has in one round. */
  readonly slices: number;
  /** CPU time that one turn of one contender should take, microseconds. */
  readonly sliceMicroseconds: number;
}

/** Rounds of every task, in µs of CPU per call. What comes before them warms up and is thrown away. */
export async function measure(tasks: readonly Task[], options: RoundsOptions): Promise<Contender[]> {
  const runners = tasks.map((task) => ({ task, count: 0, rounds: [] as Round[] }));
  for (const runner of runners) {
    await cpuMicroseconds(runner.task, 3_000);
    const perCall = (await cpuMicroseconds(runner.task, 500)) / 500;
    runner.count = Math.max(5, Math.ceil(options.sliceMicroseconds / perCall));
  }
  for (let round = 0; round < options.rounds; round++) {
    const spent = runners.map(() => 0);
    for (let slice = 0; slice < options.slices; slice++) {
      for (const [index, { task, count }] of runners.entries()) {
        spent[index] = (spent[index] ?? 0) + (await cpuMicroseconds(task, count));
      }
    }
    for (const [index, { count, rounds }] of runners.entries()) {
      rounds.push({ value: (spent[index] ?? Number.NaN) / (count * options.slices) });
    }
  }
  return runners.map(({ task, rounds }) => ({ name: task.name, rounds }));
}

/** CPU time of `count` calls, after a few that bring back what the contender before has driven out of the processor's caches. */
async function cpuMicroseconds({ call }: Task, count: number): Promise<number> {
  const asynchronous = call() instanceof Promise;
  for (let index = 0; index < 10; index++) await call();
  const before = process.cpuUsage();
  if (asynchronous) for (let index = 0; index < count; index++) await call();
  else for (let index = 0; index < count; index++) call();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
