/**
 * Several workers behind one port: starts them, replaces what dies, hands a new configuration to all or to none, and ends them in order.
 *
 * It takes no connection and judges no request. What it counts for the workers is `shared-counts.ts`, what it tells of them
 * `supervisor-admin.ts`. A worker follows the issuers' feeds, and confirms revocations, for itself (ADR 22).
 */
import type { ClientCredential } from '@sealgate/guard';
import { createMetrics, type Logger, type Metrics, type StaticFolder } from '@sealgate/service';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { diffConfig } from '../config/diff.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError, type GatewayErrorCode } from '../errors.ts';
import { PROOFS_REMEMBERED, type ListenAddresses, type ReloadResult } from '../gateway.ts';
import { waitForProgram, waitForWorkers } from '../reload/fixed-settings.ts';
import { baseUrl } from '../server/base-url.ts';
import type { SupervisedReload } from './protocol.ts';
import { restartDelayMs, SETTLED_MS } from './restart-delay.ts';
import { SharedCounts, type Lender } from './shared-counts.ts';
import { SummedMetrics } from './summed-metrics.ts';
import { collectMetrics, createSupervisorAdmin } from './supervisor-admin.ts';
import { registerSupervisorMetrics, type RestartReason } from './supervisor-metrics.ts';
import { watchWorkers } from './watch-workers.ts';
import { withinTime } from './within-time.ts';
import { forkWorker, setUpWorkers, type WorkerEnd, type WorkerProcess, type WorkerProgram } from './worker-process.ts';

/** A configuration, and the text that workers read it from. */
export interface ConfigSource {
  readonly text: string;
  readonly config: GatewayConfig;
}

export interface SupervisorOptions {
  readonly source: ConfigSource;
  /** Has the configuration read again and taken over, as a {@link Reloader} does; `POST /reload` on the admin port calls it. */
  readonly reload: () => Promise<ReloadResult>;
  readonly program: WorkerProgram;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Credentials for issuers without `client` in the configuration, by name. */
  readonly credentials?: Readonly<Record<string, ClientCredential>>;
  readonly debuggerPages?: StaticFolder;
}

export interface Supervisor {
  /** Resolves when every worker serves. @throws what keeps a worker from starting; none is left behind. */
  listen(): Promise<ListenAddresses>;
  /** Hands the configuration to all workers or to none. The old one stays everywhere if this throws. */
  reload(source: ConfigSource): Promise<SupervisedReload>;
  /** Lets every worker answer what is under way, and ends them. */
  close(): Promise<void>;
}

/** One of the places that workers have. */
interface Slot {
  worker: WorkerProcess | undefined;
  /** Workers in a row that ended before they had settled. */
  failures: number;
  renewing: boolean;
}

/** A worker whose issuer is silent serves all the same, and refuses, after so long: alone, or beside others that may judge yet. */
const [STAND_ALONE_MS, STAND_BESIDE_MS] = [5000, 30_000];
/** A worker that does not answer another's need within this is left out. */
const LENDS_WITHIN_MS = 250;
/** Beyond `drainTimeout`, for a worker that does not come to its end. */
const END_WITHIN_MS = 3000;

/** How many workers a configuration asks for. */
export const workerCount = ({ workers }: Pick<GatewayConfig, 'workers'>): number =>
  workers === 'auto' ? availableParallelism() : workers;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { logger, metrics = createMetrics() } = options;
  const monotonicMs = () => performance.now();
  const counts = new SharedCounts({ maxProofs: PROOFS_REMEMBERED, monotonicMs, wallMs: Date.now });
  const summed = new SummedMetrics();
  const verifier = `gateway-${randomBytes(4).toString('hex')}`;
  const closing = new AbortController();
  /** All that have not ended. */
  const workers = new Set<WorkerProcess>();
  let source = options.source;
  /** What each worker was made for, or has taken over. */
  const sources = new WeakMap<WorkerProcess, ConfigSource>();
  let slots: Slot[] = [];
  let lastNumber = 0;
  let addresses: ListenAddresses | undefined;

  setUpWorkers(options.program);
  const { restarts } = registerSupervisorMetrics(metrics, () => [...workers]);
  const serving = (): WorkerProcess[] => slots.flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
  const admin = createSupervisorAdmin({
    config: options.source.config,
    debuggerPages: options.debuggerPages,
    serving,
    size: () => slots.length,
    async renderMetrics() {
      const own = (await metrics.registry.getMetricsAsJSON()).filter(({ name }) => !name.startsWith('nodejs_'));
      return summed.render(async () => [own, ...(await collectMetrics([...workers]))]);
    },
    reload: options.reload,
  });

  /** A new worker that serves by this configuration, in the place of whichever the slot has. @throws why it does not. */
  async function bring(slot: Slot, wanted: ConfigSource): Promise<WorkerProcess> {
    const number = ++lastNumber;
    const counted = counts.open(lenderOf(() => worker));
    const leave = (): undefined => {
      if (slot.worker === worker) renew(slot, 'asked');
    };
    const beat = (): undefined => {
      worker.missedBeats = 0;
      worker.hasBeaten = true;
    };
    const worker = forkWorker(number, { ...counted.answering, leave, beat }, logger);
    workers.add(worker);
    sources.set(worker, wanted);
    void worker.ended.then((end) => {
      workers.delete(worker);
      counted.release();
      void summed.depart(worker.metrics);
      if (slot.worker === worker) died(slot, worker, end);
      return undefined;
    });
    try {
      const { channel } = worker;
      const size = workerCount(wanted.config);
      const { credentials = {} } = options;
      const verifierName = `${verifier}-${number}`;
      await channel.ask('start', { text: wanted.text, number, size, verifierName, credentials });
      await Promise.race([channel.ask('stand', undefined), mayServeUnready()]);
      if (closing.signal.aborted) throw new GatewayError('already_closed');
      addresses = await channel.ask('listen', undefined);
    } catch (error) {
      worker.kill();
      await worker.ended;
      throw worker.hung ? new GatewayError('worker_hung') : error;
    }
    worker.state = 'serving';
    worker.servingSinceMs = monotonicMs();
    const before = slot.worker;
    slot.worker = worker;
    logger.info({ worker: number, pid: worker.pid }, 'a worker serves');
    if (before !== undefined) void retire(before);
    return worker;
  }

  /** It served, and nobody told it to end. */
  function died(slot: Slot, worker: WorkerProcess, { code, signal }: WorkerEnd): void {
    slot.worker = undefined;
    if (closing.signal.aborted) return;
    const livedMs = monotonicMs() - worker.servingSinceMs;
    const { number, pid } = worker;
    const lived = Math.round(livedMs) / 1000;
    logger.error({ worker: number, pid, exit_code: code, signal, lived_seconds: lived }, 'a worker died');
    slot.failures = livedMs > SETTLED_MS ? 1 : slot.failures + 1;
    renew(slot, worker.hung ? 'hung' : 'died');
  }

  /** Until an issuer that is silent need not be waited for any longer. */
  async function mayServeUnready(): Promise<void> {
    const { signal } = closing;
    await wait(STAND_ALONE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    if (serving().length > 0) {
      await wait(STAND_BESIDE_MS - STAND_ALONE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Brings a worker of the present configuration into the slot, as often as it takes. */
  function renew(slot: Slot, why: RestartReason): void {
    if (slot.renewing) return;
    slot.renewing = true;
    let reason = why;
    const isWanted = () => !closing.signal.aborted && slots.includes(slot);
    const run = async (): Promise<void> => {
      while (isWanted()) {
        const retryMs = restartDelayMs(slot.failures);
        if (retryMs > 0) logger.warn({ retry_ms: retryMs, failures: slot.failures }, 'the next worker waits');
        await wait(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
        if (!isWanted()) return;
        restarts.inc({ reason });
        const wanted = source;
        try {
          await bring(slot, wanted);
        } catch (error) {
          slot.failures++;
          reason = reasonAfter(error, reason);
          if (!closing.signal.aborted) logger.error({ err: error }, 'a worker could not be started');
          continue;
        }
        if (wanted === source && slot.worker !== undefined) return;
      }
    };
    void run().finally(() => {
      slot.renewing = false;
      // It may have died in the very moment in which it was there.
      if (isWanted() && slot.worker === undefined) renew(slot, 'died');
    });
  }

  /** Answers what is under way, and ends. */
  async function retire(worker: WorkerProcess): Promise<void> {
    worker.state = 'draining';
    const { drainTimeout } = (sources.get(worker) ?? source).config;
    const timer = setTimeout(() => {
      logger.error({ worker: worker.number, pid: worker.pid }, 'a worker did not come to its end, and is killed');
      worker.kill();
    }, drainTimeout + END_WITHIN_MS);
    try {
      worker.metrics = await worker.channel.ask('drain', undefined);
    } catch {
      worker.kill();
    }
    worker.release();
    await worker.ended;
    clearTimeout(timer);
  }

  async function takeOver(next: ConfigSource): Promise<SupervisedReload> {
    if (closing.signal.aborted) throw new GatewayError('already_closed');
    const changes = diffConfig(source.config, next.config);
    const needRestart = waitForProgram(changes);
    const restarted = waitForWorkers(changes).length > 0 ? await replaceAll(next) : await changeInPlace(next);
    logger.info({ changes, need_restart: needRestart, restarted }, 'configuration reloaded');
    return { changes, needRestart, restarted };
  }

  /** All workers prepare; then all take over at once, or none. */
  async function changeInPlace(next: ConfigSource): Promise<number> {
    const asked = serving();
    const prepared = await Promise.allSettled(asked.map(({ channel }) => channel.ask('prepare', next.text)));
    // A worker that died meanwhile has no say: the next one starts with what is decided here.
    const failure = prepared.find((answer) => answer.status === 'rejected' && !hasCode(answer.reason, 'worker_gone'));
    if (failure?.status === 'rejected') {
      for (const { channel } of asked) channel.tell('abandon', undefined);
      throw failure.reason;
    }
    source = next;
    for (const worker of asked) sources.set(worker, next);
    await Promise.allSettled(asked.map(({ channel }) => channel.ask('commit', undefined)));
    renewOutdated();
    return 0;
  }

  /** One after the other; the first says whether the configuration is any good. */
  async function replaceAll(next: ConfigSource): Promise<number> {
    const wanted = workerCount(next.config);
    const pilot = slots.find(({ worker }) => worker !== undefined);
    if (pilot !== undefined) {
      restarts.inc({ reason: 'reload' });
      await bring(pilot, next);
    }
    source = next;
    const dropped = slots.slice(wanted);
    slots = [...slots.slice(0, wanted), ...newSlots(wanted - slots.length)];
    for (const slot of dropped) {
      const { worker } = slot;
      slot.worker = undefined;
      if (worker !== undefined) void retire(worker);
    }
    for (const slot of slots) {
      if (slot === pilot || slot.renewing) continue;
      restarts.inc({ reason: 'reload' });
      await bring(slot, next).catch((error: unknown) => {
        logger.error({ err: error }, 'a worker could not be started');
        slot.failures++;
        renew(slot, reasonAfter(error, 'reload'));
      });
    }
    renewOutdated();
    return slots.length;
  }

  /** Workers that came to serve while the configuration changed. */
  function renewOutdated(): void {
    for (const slot of slots) {
      if (slot.worker !== undefined && sources.get(slot.worker) !== source) renew(slot, 'reload');
    }
  }

  const unwatch = watchWorkers({ workers, silenceMs: () => source.config.workerSilence, logger });
  let reloading: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    admin.health.drain();
    closing.abort();
    await Promise.all(
      [...workers].map(async (worker) => {
        if (worker.state === 'serving') return retire(worker);
        if (worker.state === 'starting') worker.kill();
        await worker.ended;
      }),
    );
    unwatch();
    await admin.close();
  }

  const supervisor: Supervisor = {
    async listen() {
      const adminAddress = await admin.listen();
      slots = newSlots(workerCount(source.config));
      try {
        await Promise.all(slots.map((slot) => bring(slot, source)));
      } catch (error) {
        await supervisor.close();
        throw error;
      }
      return { ...addresses, url: addresses?.url ?? '', adminUrl: baseUrl(adminAddress, 'http') };
    },
    reload(next) {
      const before = reloading;
      const attempt = (async () => {
        await before;
        return takeOver(next);
      })();
      reloading = attempt.catch(() => undefined);
      return attempt;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
  return supervisor;
}

/** What a worker has in reserve, while it answers. */
function lenderOf(worker: () => WorkerProcess): Lender {
  const ask = <Answer>(question: Promise<Answer>): Promise<Answer | undefined> =>
    withinTime(question, LENDS_WITHIN_MS).catch(() => undefined);
  return {
    lendRequest: (key) => ask(worker().channel.ask('lendRequest', key)),
    returnRequest: (key) => worker().channel.tell('returnRequest', key),
    lendPlace: async (place) => (await ask(worker().channel.ask('lendPlace', place))) ?? false,
    returnPlace: (place) => worker().channel.tell('returnPlace', place),
  };
}

const newSlots = (count: number): Slot[] =>
  Array.from({ length: Math.max(0, count) }, () => ({ worker: undefined, failures: 0, renewing: false }));

const hasCode = (error: unknown, code: GatewayErrorCode): boolean =>
  error instanceof GatewayError && error.code === code;

/** Why one more worker is started after one that could not be. */
const reasonAfter = (error: unknown, otherwise: RestartReason): RestartReason =>
  hasCode(error, 'worker_hung') ? 'hung' : otherwise;
