/**
 * Health, as orchestrators ask for it: `/healthz` (is the process alive: never depends on anything outside it) and `/readyz` (should it
 * get traffic: named checks, and not while draining). This builds the answers; a server sends them.
 */

export interface CheckResult {
  readonly ok: boolean;
  /** Why, for an operator; no secrets. */
  readonly detail?: string;
}

export type HealthCheck = () => CheckResult | Promise<CheckResult>;

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: {
    readonly status: 'ok' | 'unavailable';
    readonly checks?: Readonly<Record<string, CheckResult>>;
  };
}

export interface Health {
  /** @throws {TypeError} if the name is taken. */
  register(name: string, check: HealthCheck): void;
  /** From now on not ready: a load balancer stops sending before connections are closed. */
  drain(): void;
  readonly draining: boolean;
  /** The answer for `/healthz`. */
  live(): HealthAnswer;
  /** The answer for `/readyz`: all checks, at the same time. A check that throws has failed. */
  ready(): Promise<HealthAnswer>;
}

export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  let draining = false;
  return {
    register(name, check) {
      if (checks.has(name)) throw new TypeError(`a health check named ${name} exists`);
      checks.set(name, check);
    },
    drain() {
      draining = true;
    },
    get draining() {
      return draining;
    },
    live: () => ({ status: 200, body: { status: 'ok' } }),
    async ready() {
      const results = await Promise.all([...checks].map(async ([name, check]) => [name, await run(check)] as const));
      if (draining) results.push(['draining', { ok: false, detail: 'the server is shutting down' }]);
      const ok = results.every(([, result]) => result.ok);
      const body = { status: ok ? ('ok' as const) : ('unavailable' as const), checks: Object.fromEntries(results) };
      return { status: ok ? 200 : 503, body };
    },
  };
}

async function run(check: HealthCheck): Promise<CheckResult> {
  try {
    return await check();
  } catch {
    return { ok: false, detail: 'the check failed' };
  }
}
