/**
 * Takes CPU time per call of several contenders in turns: A B C, A B C, ... User and system time of this process, all threads: a
 * library that hands its work to a thread pool pays for it here too. Wall time would count the neighbours.
 */
import type { Contender, Round } from '../section.ts';

/** Something to call again and again. A promise is awaited before the next call. */
export interface Task {
  readonly name: string;
  readonly call: () => unknown;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** CPU time that one round of one contender should take, microseconds. */
  readonly roundMicroseconds: number;
}

/** Rounds of every task, in µs of CPU per call. The first round of each warms up and is thrown away. */
export async function measure(tasks: readonly Task[], options: RoundsOptions): Promise<Contender[]> {
  const counts = new Map<Task, number>();
  for (const task of tasks) {
    await batch(task, 2_000);
    const perCall = await batch(task, 200);
    counts.set(task, Math.max(20, Math.ceil(options.roundMicroseconds / perCall)));
    await batch(task, counts.get(task) ?? 20);
  }
  const rounds = new Map<Task, Round[]>(tasks.map((task) => [task, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const task of tasks) rounds.get(task)?.push({ value: await batch(task, counts.get(task) ?? 20) });
  }
  return tasks.map((task) => ({ name: task.name, rounds: rounds.get(task) ?? [] }));
}

/** µs of CPU per call over `count` calls. */
async function batch({ call }: Task, count: number): Promise<number> {
  const asynchronous = call() instanceof Promise;
  const before = process.cpuUsage();
  if (asynchronous) for (let index = 0; index < count; index++) await call();
  else for (let index = 0; index < count; index++) call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
