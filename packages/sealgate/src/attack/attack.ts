/**
 * What an attack is: one entry of the list, by its id, with the requests that it tries. The entries stand in `attacks/`, one a file; nothing
 * in them decides what an answer means (`judge/`) or how a request travels (`wire/`).
 */
import type { Given } from './given.ts';
import type { Judge } from './judge/judge.ts';
import type { Subject } from './subject.ts';
import type { Answer, PlainRequest } from './wire/http-exchange.ts';
import type { FetchTrap } from './wire/fetch-trap.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/**
 * What became of one try. `accepted`: as the valid token is; `refused`; `broken`: a server error, or no answer at all; `unclear`: neither
 * the authorised answer nor a refusal.
 */
export type Outcome = 'accepted' | 'refused' | 'broken' | 'unclear';

export interface Tried {
  readonly outcome: Outcome;
  /** What was seen, when the outcome alone does not say it. */
  readonly note?: string;
}

export interface Probe {
  /** What differs from the authorised request: one thing. */
  readonly name: string;
  readonly attempt: (lab: Lab) => Promise<Tried>;
}

export interface Attack {
  /** As in the list of attacks: T for tokens, G for what stands in front of the API. */
  readonly id: string;
  readonly title: string;
  /** Why it matters, in one sentence. */
  readonly why: string;
  /** How to mend it, in one sentence. */
  readonly mend: string;
  readonly severity: Severity;
  /** Told when there was nothing to try: what must be given. */
  readonly needs?: string;
  /** It forges without a key: meaningless where signatures are not checked at all, which is a finding of its own. */
  readonly forges?: boolean;
  /** The valid token may be dead afterwards: such attacks come last. */
  readonly endsToken?: boolean;
  readonly probes: (scene: Scene) => readonly Probe[];
}

/** What an attacker knows before the first request. */
export interface Scene {
  readonly given: Given;
  readonly subject: Subject;
  /** Path and query of the target, as in a request line. */
  readonly target: string;
  readonly origin: string;
  /** Where a listener of this command waits to be fetched from; undefined if the target could not reach it. */
  readonly trap: FetchTrap | undefined;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
}

/** What probes act through. Every request is paced and bounded. */
export interface Lab {
  readonly scene: Scene;
  readonly judge: Judge;
  readonly send: (request: PlainRequest) => Promise<Answer | undefined>;
  /** Octets on a connection of their own, one character each; the answers on it, until there are so many. */
  readonly sendRaw: (octets: string, wanted: number) => Promise<readonly Answer[]>;
  /** The answer to an upgrade to WebSocket. */
  readonly upgrade: (request: PlainRequest) => Promise<Answer | undefined>;
  /** Ends the valid token at the given log-out address, if one was given; once, however often it is asked. */
  readonly logOut: () => Promise<void>;
}
