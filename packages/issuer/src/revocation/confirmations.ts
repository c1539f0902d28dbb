/**
 * Who has confirmed what: every feed connection with the number it has applied, here and at the processes that share the database, and
 * the waiting of a revocation for all of them (ADR 7). Sends nothing: `feed.ts` feeds the connections.
 */
import type { Runtime } from '../runtime.ts';
import type { Store, StoreMessage } from '../store/store.ts';

/** A verifier as an operator sees it. */
export interface ConnectedVerifier {
  readonly connection: string;
  readonly name: string;
  readonly clientId: string;
  /** What it says of its program, as `User-Agent`; empty if nothing. */
  readonly agent: string;
  readonly confirmedSeq: number;
  readonly connectedMs: number;
  /** When it confirmed last; undefined before it ever did. */
  readonly confirmedMs: number | undefined;
}

/** Verifiers of another process that shares the database, as far as it tells. */
export interface PeerVerifiers {
  readonly process: string;
  readonly verifiers: number;
  /** What all of them have confirmed. */
  readonly confirmedSeq: number;
}

/** Who knows of a revocation. */
export interface Confirmation {
  /** Its number in the log. */
  readonly seq: number;
  /** Verifiers that were connected when it was made. */
  readonly verifiers: number;
  /** Names of those that are connected and had not confirmed when the waiting was over. */
  readonly unconfirmed: readonly string[];
}

/** What other processes are to us: the least that any of their verifiers has confirmed. */
interface Peer {
  readonly verifiers: number;
  readonly confirmed: number;
  readonly heardMs: number;
}

interface Waiting {
  readonly seq: number;
  /** Connections that were there when it began and have not confirmed; and peer processes, by id. */
  readonly missing: Set<string>;
  readonly done: () => void;
}

/** A peer that has not been heard for as long is gone, with its verifiers: they connect to another process. */
const PEER_LIFE_MS = 4_000;
export const PRESENCE_EVERY_MS = 1_000;

export interface ConfirmationOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  /** Opaque id of this process; the first part of its connections' ids. */
  readonly process: string;
  readonly confirmWithinMs: number;
  /** Told who did not confirm in time. */
  readonly onUnconfirmed: (missing: readonly string[]) => void;
}

export class Confirmations {
  readonly #options: ConfirmationOptions;
  readonly #connections = new Map<string, ConnectedVerifier>();
  readonly #peers = new Map<string, Peer>();
  readonly #waiting = new Set<Waiting>();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: ConfirmationOptions) {
    this.#options = options;
    this.#unsubscribe = options.store.subscribe((message) => this.#hear(message));
    // With SQLite nobody else shares the database.
    if (options.store.kind === 'postgres') this.#timer = setInterval(() => this.#present(), PRESENCE_EVERY_MS);
  }

  /** A connection is there; it has confirmed what it resumed from, or nothing. Resolves when the other processes know. */
  async add(verifier: ConnectedVerifier): Promise<void> {
    this.#connections.set(verifier.connection, verifier);
    if (this.#options.store.kind === 'postgres') await this.#sendPresence().catch(() => undefined);
  }

  /** A connection is gone: nobody waits for it any more. */
  remove(connection: string): void {
    this.#connections.delete(connection);
    this.#settle(connection);
    this.#present();
  }

  /**
   * A verifier says that it has applied `seq`.
   *
   * @returns false if nobody knows the connection.
   */
  async confirm(connection: string, seq: number, clientId: string): Promise<boolean> {
    if (this.#confirmHere(connection, seq, clientId)) return true;
    const owner = connection.slice(0, connection.indexOf('.'));
    if (owner === this.#options.process || !this.#livePeers().has(owner)) return false;
    // The stream is at another process; the word came here because a load balancer sent it.
    await this.#options.store.send({ about: 'confirmation', connection, seq, client: clientId });
    return true;
  }

  /** Whether every verifier that is connected now has confirmed `seq`. */
  haveAll(seq: number): boolean {
    return this.#missing(seq).size === 0;
  }

  /**
   * Resolves when every verifier that is connected now has confirmed `seq`, or when the time is over.
   *
   * @param withinMs - Default: `confirmWithin`.
   */
  wait(seq: number, withinMs: number = this.#options.confirmWithinMs): Promise<Confirmation> {
    const missing = this.#missing(seq);
    const verifiers = this.peers().reduce((sum, peer) => sum + peer.verifiers, this.#connections.size);
    if (missing.size === 0) return Promise.resolve({ seq, verifiers, unconfirmed: [] });
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        const unconfirmed = [...missing].map((id) => this.#connections.get(id)?.name ?? `process ${id}`);
        resolve({ seq, verifiers, unconfirmed });
        return unconfirmed;
      };
      const timer = setTimeout(() => this.#options.onUnconfirmed(finish()), withinMs);
      const waiting: Waiting = { seq, missing, done: finish };
      this.#waiting.add(waiting);
    });
  }

  /** Verifiers connected to this process. */
  list(): readonly ConnectedVerifier[] {
    return [...this.#connections.values()];
  }

  /** Those of other processes. */
  peers(): readonly PeerVerifiers[] {
    return [...this.#livePeers()].map(([process, { verifiers, confirmed }]) => {
      return { process, verifiers, confirmedSeq: confirmed };
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    for (const { done } of this.#waiting) done();
    if (this.#options.store.kind === 'postgres') {
      this.#options.store.send({ about: 'departure', process: this.#options.process }).catch(() => undefined);
    }
  }

  #confirmHere(connection: string, seq: number, clientId: string): boolean {
    const verifier = this.#connections.get(connection);
    if (verifier === undefined || verifier.clientId !== clientId) return false;
    if (seq <= verifier.confirmedSeq) return true;
    this.#connections.set(connection, { ...verifier, confirmedSeq: seq, confirmedMs: this.#options.runtime.nowMs() });
    this.#settle(connection, seq);
    this.#present();
    return true;
  }

  #hear(message: StoreMessage): void {
    const own = this.#options.process;
    switch (message.about) {
      case 'presence': {
        if (message.process === own) return;
        const { process, verifiers, confirmed } = message;
        this.#peers.set(process, { verifiers, confirmed, heardMs: performance.now() });
        this.#settle(process, verifiers === 0 ? Infinity : confirmed);
        return;
      }
      case 'departure':
        this.#peers.delete(message.process);
        this.#settle(message.process);
        return;
      case 'confirmation':
        this.#confirmHere(message.connection, message.seq, message.client);
        return;
      case 'log':
      case 'client':
      case 'keys':
        return;
    }
  }

  #missing(seq: number): Set<string> {
    const missing = new Set<string>();
    for (const { connection, confirmedSeq } of this.#connections.values()) {
      if (confirmedSeq < seq) missing.add(connection);
    }
    for (const [id, peer] of this.#livePeers()) if (peer.verifiers > 0 && peer.confirmed < seq) missing.add(id);
    return missing;
  }

  #settle(id: string, confirmed = Infinity): void {
    for (const waiting of this.#waiting) {
      if (confirmed < waiting.seq || !waiting.missing.delete(id)) continue;
      if (waiting.missing.size === 0) waiting.done();
    }
  }

  #livePeers(): Map<string, Peer> {
    const oldest = performance.now() - PEER_LIFE_MS;
    for (const [id, { heardMs }] of this.#peers) if (heardMs < oldest) this.#peers.delete(id);
    return this.#peers;
  }

  #present(): void {
    if (this.#options.store.kind !== 'postgres') return;
    this.#sendPresence().catch(() => undefined);
  }

  async #sendPresence(): Promise<void> {
    const confirmed = Math.min(...[...this.#connections.values()].map(({ confirmedSeq }) => confirmedSeq));
    const verifiers = this.#connections.size;
    const { store, process } = this.#options;
    await store.send({ about: 'presence', process, verifiers, confirmed: verifiers === 0 ? 0 : confirmed });
  }
}
