/** Asks each instance of an upstream, again and again, whether it is well. Results stand in `Target.healthy`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamConfig } from '../config/upstream-schema.ts';
import type { Target } from './target.ts';

export interface HealthChecks {
  stop(): void;
}

interface HealthOptions {
  readonly path: string;
  readonly every: number;
  readonly timeout: number;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

const DEFAULTS = { every: 5000, timeout: 2000, healthyAfter: 2, unhealthyAfter: 3 };

/** Starts at once; the first answer counts alone, so that an instance that is down gets no traffic at start. */
export function startHealthChecks(
  targets: readonly Target[],
  config: NonNullable<UpstreamConfig['health']>,
  onChange?: (target: Target) => void,
): HealthChecks {
  const options = typeof config === 'string' ? { path: config, ...DEFAULTS } : config;
  const stop = new AbortController();
  for (const target of targets) void watch(target, options, stop.signal, onChange);
  return { stop: () => stop.abort() };
}

async function watch(
  target: Target,
  options: HealthOptions,
  stopped: AbortSignal,
  onChange: ((target: Target) => void) | undefined,
): Promise<void> {
  let inARow = 0;
  let first = true;
  while (!stopped.aborted) {
    const well = await ask(target, options, stopped);
    if (stopped.aborted) return;
    inARow = well === target.healthy ? 0 : inARow + 1;
    const needed = first ? 1 : well ? options.healthyAfter : options.unhealthyAfter;
    if (inARow >= needed) {
      target.healthy = well;
      inARow = 0;
      onChange?.(target);
    }
    first = false;
    await sleep(options.every, undefined, { ref: false, signal: stopped }).catch(() => undefined);
  }
}

async function ask(target: Target, options: HealthOptions, stopped: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(options.timeout)]);
    const { statusCode, body } = await target.dispatcher.request({ method: 'GET', path: options.path, signal });
    await body.dump();
    return statusCode >= 200 && statusCode < 400;
  } catch {
    return false;
  }
}
