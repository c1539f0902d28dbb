/**
 * Counts kept in Redis or Valkey, so that limits hold across processes and machines.
 *
 * One round trip for each request. When the store cannot be asked, or does not answer in time, `take` says so at once and for a moment
 * asks nobody: the caller then counts by itself. It connects again by itself, and starts when the store is down.
 */
import type { Logger } from '@sealgate/service';
import { readFileSync } from 'node:fs';
import type { StoreConfig } from '../../config/store-schema.ts';
import { LIMIT_SCRIPT, LIMIT_SCRIPT_SHA1 } from './script.ts';

/** One limit to take from. */
export interface StoredTake {
  /** Names limit and holder. */
  readonly key: string;
  /** Limits of one stage are taken all or none. */
  readonly stage: '1' | '2';
  /** Kind and three numbers, as the script takes them. */
  readonly shape: readonly [kind: 'bucket' | 'window' | 'quota', string, string, string];
  /** Requests in the reserves of other workers, as far as is known: beside what the answer says is left. 0 where there are none. */
  readonly ofOthers: number;
}

export interface LimitStore {
  /**
   * Takes one request from each limit.
   *
   * @returns for each, until the first that refuses, as `Counter.take`; undefined when the store cannot tell.
   */
  take(takes: readonly StoredTake[]): Promise<readonly number[] | undefined>;
  /** Whether the store would be asked now. */
  readonly available: boolean;
  close(): void;
}

export interface RedisStoreOptions {
  readonly config: StoreConfig;
  readonly logger: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called for each question that was not answered. */
  readonly onUnanswered: () => void;
}

/** After a question that was not answered, nothing is asked for so long: requests must not wait one after the other. */
const REST_MS = 1000;
const LONGEST_RECONNECT_MS = 2000;

export function createRedisStore(options: RedisStoreOptions): LimitStore {
  const { config, logger, monotonicMs } = options;
  let client: Connection | undefined;
  let restsUntilMs = 0;
  let closed = false;
  let lost = false;

  const connect = async (): Promise<void> => {
    // Only who uses a store pays for loading its client.
    const { createClient } = await import('@redis/client');
    if (closed) return;
    const made = createClient(clientOptions(options));
    made.on('ready', () => {
      if (lost) logger.info({ store: config.url }, 'the limit store is back');
      lost = false;
      restsUntilMs = 0;
    });
    made.on('error', (error: Error) => {
      if (!lost) logger.warn({ store: config.url, err: error }, 'the limit store is lost; limits count locally');
      lost = true;
    });
    client = made;
    await made.connect();
  };
  connect().catch((error: unknown) => {
    if (!closed) logger.error({ store: config.url, err: error }, 'the limit store cannot be used');
  });

  const isAvailable = (): boolean => client?.isReady === true && monotonicMs() >= restsUntilMs;

  return {
    get available() {
      return isAvailable();
    },
    async take(takes) {
      if (client === undefined || !isAvailable()) {
        options.onUnanswered();
        return undefined;
      }
      const answer = await withinTime(evaluate(client, config.prefix, takes), config.timeout);
      if (answer === undefined) {
        restsUntilMs = monotonicMs() + REST_MS;
        options.onUnanswered();
      }
      return answer;
    },
    close() {
      closed = true;
      if (client?.isOpen === true) client.destroy();
    },
  };
}

/** What is used of the client. */
interface Connection {
  readonly isReady: boolean;
  readonly isOpen: boolean;
  destroy(): void;
  sendCommand(words: string[]): Promise<unknown>;
}

function clientOptions({ config, random }: RedisStoreOptions) {
  const { url, username, password, ca, connectTimeout } = config;
  const socket = {
    connectTimeout,
    reconnectStrategy: (retries: number) => Math.min(LONGEST_RECONNECT_MS, 50 * 2 ** retries) * (0.5 + random() / 2),
  };
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    name: 'sealgate',
    disableOfflineQueue: true,
    pingInterval: 5000,
    socket: ca === undefined ? socket : { ...socket, tls: true as const, ca: readFileSync(ca, 'utf8') },
  };
}

async function evaluate(
  client: Connection,
  prefix: string,
  takes: readonly StoredTake[],
): Promise<readonly number[] | undefined> {
  const words: string[] = [String(takes.length)];
  for (const { key } of takes) words.push(prefix + key);
  words.push('');
  for (const { stage, shape } of takes) words.push(stage, ...shape);
  try {
    return readAnswer(await client.sendCommand(['EVALSHA', LIMIT_SCRIPT_SHA1, ...words]), takes.length);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) return undefined;
  }
  // A new server: it learns the script with the first request.
  try {
    return readAnswer(await client.sendCommand(['EVAL', LIMIT_SCRIPT, ...words]), takes.length);
  } catch {
    return undefined;
  }
}

/** One number for each limit, or fewer of which the last is a refusal; anything else is no answer. */
function readAnswer(reply: unknown, limits: number): readonly number[] | undefined {
  if (!Array.isArray(reply)) return undefined;
  const numbers = reply.map(Number);
  const whole = numbers.length === limits || (numbers.length > 0 && (numbers.at(-1) ?? 0) < 0);
  return whole && numbers.every(Number.isFinite) ? numbers : undefined;
}

async function withinTime<Value>(work: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
