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
  readonly confirmedSeq: number;
  readonly connectedMs: number;
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

  /** Resolves when every verifier that is connected now has confirmed `seq`, or after `confirmWithin`. */
  wait(seq: number): Promise<void> {
    const missing = this.#missing(seq);
    if (missing.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#options.onUnconfirmed([...missing].map((id) => this.#connections.get(id)?.name ?? `process ${id}`));
        finish();
      }, this.#options.confirmWithinMs);
      const waiting: Waiting = { seq, missing, done: finish };
      this.#waiting.add(waiting);
    });
  }

  /** Verifiers connected to this process. */
  list(): readonly ConnectedVerifier[] {
    return [...this.#connections.values()];
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
    this.#connections.set(connection, { ...verifier, confirmedSeq: seq });
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
