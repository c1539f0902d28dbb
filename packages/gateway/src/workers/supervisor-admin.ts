/**
 * The admin port of several workers: one view of all of them, so that nobody who asks has to know how many there are.
 */
import { createHealth, loadStaticSite, type Health, type StaticFolder } from '@sealgate/service';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { ExplainedDecision } from '../observe/decision-log.ts';
import { createAdminServer, type AdminServer } from '../server/admin-server.ts';
import type { Snapshot } from './summed-metrics.ts';
import { withinTime } from './within-time.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface SupervisorAdminOptions {
  readonly config: Pick<GatewayConfig, 'admin' | 'adminToken'>;
  readonly debuggerPages: StaticFolder | undefined;
  /** Those that serve at present. */
  readonly serving: () => readonly WorkerProcess[];
  /** How many should. */
  readonly size: () => number;
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly reload: () => Promise<unknown>;
}

export interface SupervisorAdmin extends AdminServer {
  readonly health: Health;
}

/** A worker that does not answer within this is left out. */
const ANSWER_WITHIN_MS = 2000;

export function createSupervisorAdmin(options: SupervisorAdminOptions): SupervisorAdmin {
  const { serving } = options;
  const any = (): WorkerProcess => {
    const [first] = serving();
    if (first === undefined) throw new GatewayError('worker_gone');
    return first;
  };
  const health = createHealth();
  health.register('workers', () => {
    const count = serving().length;
    return { ok: count > 0, detail: `${count} of ${options.size()} serve` };
  });
  // One that cannot judge refuses its part of the requests, whatever the others can.
  health.register('issuers', async () => {
    const answers = await askAll(serving(), (worker) => worker.channel.ask('readiness', undefined));
    const unready = answers.find(({ status }) => status !== 200);
    return unready?.body.checks?.['issuers'] ?? { ok: unready === undefined };
  });
  const server = createAdminServer({
    listen: options.config.admin,
    token: options.config.adminToken,
    health,
    metrics: { render: options.renderMetrics },
    routes: () => any().channel.ask('routes', undefined),
    decision: (requestId) => findDecision(serving(), requestId),
    explain: (asked) => any().channel.ask('explain', asked),
    debuggerPage: options.debuggerPages === undefined ? undefined : loadStaticSite(options.debuggerPages),
    reload: options.reload,
  });
  return { ...server, health };
}

/** Whichever worker took the request. */
async function findDecision(
  workers: readonly WorkerProcess[],
  requestId: string,
): Promise<ExplainedDecision | undefined> {
  const found = await askAll(workers, (worker) => worker.channel.ask('decision', requestId));
  return found.find((decision) => decision !== undefined);
}

/** What each has counted, or had when it was last asked; it is remembered for the case that the worker ends. */
export async function collectMetrics(workers: readonly WorkerProcess[]): Promise<Snapshot[]> {
  await askAll(
    workers.filter(({ state }) => state !== 'starting'),
    async (worker) => {
      worker.metrics = await worker.channel.ask('metrics', undefined);
    },
  );
  return workers.map(({ metrics }) => metrics);
}

/** The answers of those that give one. */
async function askAll<Answer>(
  workers: readonly WorkerProcess[],
  ask: (worker: WorkerProcess) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = await Promise.allSettled(workers.map((worker) => withinTime(ask(worker), ANSWER_WITHIN_MS)));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
