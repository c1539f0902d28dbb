/** The other end of `worker-process.ts`: a process that becomes a gateway when its supervisor says so, and one worker of several. */
import type { Logger, Metrics } from '@sealgate/service';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { AskedRequest } from '../explain/asked-request.ts';
import { createGateway, type Gateway, type PreparedReload } from '../gateway.ts';
import { Reserves } from '../limits/reserves.ts';
import { openChannel, type Line } from './channel.ts';
import { joinFleet } from './join-fleet.ts';
import { BEAT_MS, type ToSupervisor, type ToWorker } from './protocol.ts';

export interface WorkerOptions {
  /** To the supervisor. */
  readonly line: Line;
  /** Reads the gateway's section of a configuration. Throws what is wrong with it. */
  readonly parse: (text: string) => GatewayConfig;
  /** @param number - Of this worker; names it in every line. */
  readonly createLogger: (number: number, text: string) => Logger;
  readonly metrics: Metrics;
}

export interface RunningWorker {
  /** Somebody wants this process to end: the supervisor is asked to replace it first. */
  leave(): void;
}

export function runWorker({ line, parse, createLogger, metrics }: WorkerOptions): RunningWorker {
  let started: Gateway | undefined;
  let prepared: PreparedReload | undefined;
  const gateway = (): Gateway => {
    if (started === undefined) throw new GatewayError('worker_gone');
    return started;
  };
  const reserves = new Reserves();
  const snapshot = () => metrics.registry.getMetricsAsJSON();

  const supervisor = openChannel<ToSupervisor, ToWorker>(line, {
    async start({ text, number, size, verifierName, credentials }) {
      started = await createGateway({
        config: parse(text),
        logger: createLogger(number, text),
        metrics,
        verifierName,
        credentials,
        fleet: joinFleet(size, supervisor, reserves),
      });
      return undefined;
    },
    stand: async () => {
      await gateway().ready;
      return undefined;
    },
    listen: () => gateway().listen(),
    async prepare(text) {
      prepared = await gateway().prepare(parse(text));
      const { changes, needRestart } = prepared;
      return { changes, needRestart };
    },
    commit() {
      prepared?.commit();
      prepared = undefined;
      return undefined;
    },
    abandon() {
      prepared?.abandon();
      prepared = undefined;
      return undefined;
    },
    async drain() {
      await gateway().close();
      return snapshot();
    },
    metrics: snapshot,
    readiness: () => gateway().readiness(),
    routes: () => gateway().routes(),
    decision: (requestId) => gateway().decision(requestId),
    explain: (asked) => gateway().explain(asked as AskedRequest),
    lendRequest: (key) => reserves.lendRequest(key, performance.now()),
    returnRequest(key) {
      reserves.returnRequest(key);
      return undefined;
    },
    lendPlace: (place) => reserves.lendPlace(place),
    returnPlace(place) {
      reserves.returnPlace(place);
      return undefined;
    },
  });
  setInterval(() => supervisor.tell('beat', undefined), BEAT_MS).unref();

  return { leave: () => supervisor.tell('leave', undefined) };
}
