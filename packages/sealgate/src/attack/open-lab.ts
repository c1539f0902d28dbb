/** Sets up what probes act through: connections to the target, the pace, the listener that must not be fetched from, and the judge. */
import { isLoopbackHost } from '@sealgate/service';
import type { AttackOptions } from './attack-options.ts';
import type { Lab, Scene } from './attack.ts';
import type { Given } from './given.ts';
import { cannotJudge, learnToJudge } from './judge/controls.ts';
import { bearer } from './probes.ts';
import type { Subject } from './subject.ts';
import { openFetchTrap } from './wire/fetch-trap.ts';
import { createHttpExchange } from './wire/http-exchange.ts';
import { createPacer } from './wire/pacer.ts';
import { exchangeRaw } from './wire/raw-exchange.ts';

export interface OpenLab extends Lab {
  /** Requests so far. */
  readonly requests: () => number;
  readonly close: () => void;
}

export interface LabOptions {
  readonly options: AttackOptions;
  readonly subject: Subject;
  readonly given: Given;
  readonly nowSeconds: number;
}

/** @throws {CommandError} `cannot_judge` if the controls do not come out as they must. */
export async function openLab({ options, subject, given, nowSeconds }: LabOptions): Promise<OpenLab> {
  const { url, ratePerSecond } = options;
  const exchange = createHttpExchange(url);
  const pace = createPacer(ratePerSecond);
  // A token can only name an address of this machine if the target runs here too.
  const trap = isLoopbackHost(url.hostname) ? await openFetchTrap() : undefined;
  let requests = 0;
  const paced = async <T>(work: () => Promise<T>): Promise<T> => {
    await pace();
    requests += 1;
    return work();
  };
  const send: Lab['send'] = (request) => paced(() => exchange.send(request));
  const scene: Scene = {
    given,
    subject,
    target: `${url.pathname}${url.search}`,
    origin: url.origin,
    trap,
    nowSeconds,
  };
  const close = (): void => {
    exchange.close();
    trap?.close();
  };
  try {
    const judge = await learnToJudge(send, scene.target, subject.token);
    return {
      scene,
      judge,
      send,
      sendRaw: (octets, wanted) => paced(() => exchangeRaw(url, octets, wanted)),
      upgrade: (request) => paced(() => exchange.upgrade(request)),
      logOut: once(() => logOut(given.logoutUrl, subject.token)),
      requests: () => requests,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function logOut(url: URL | undefined, token: string): Promise<void> {
  if (url === undefined) return;
  const exchange = createHttpExchange(url);
  try {
    const target = `${url.pathname}${url.search}`;
    const answer = await exchange.send({ method: 'POST', target, headers: [bearer(token), ['content-length', '0']] });
    if (answer === undefined || answer.status >= 400) {
      throw cannotJudge(`--logout was answered with ${answer?.status ?? 'nothing'}: the token was not revoked`);
    }
  } finally {
    exchange.close();
  }
}

function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: work() };
    return result.value;
  };
}
