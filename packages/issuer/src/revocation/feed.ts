/**
 * The feed: one stream to each verifier with the revocation log and the key set, in order and without gaps (ADR 8). This module decides
 * what each stream is told; `http/feed-routes.ts` authenticates and carries it, `confirmations.ts` counts what came back.
 */
import type { KeyRing } from '../keys/key-ring.ts';
import { createId, toSeconds, type Runtime } from '../runtime.ts';
import type { Store } from '../store/store.ts';
import type { Confirmations } from './confirmations.ts';
import { readChanges, readLive, readLogHead } from './log.ts';
import type { RevocationRecord } from './record.ts';

export const HEARTBEAT_SECONDS = 5;
/** The log is looked at as often in any case: a lost notification costs this, not more. */
const LOOK_EVERY_MS = 1_000;
const PAGE = 1_000;
const SNAPSHOT_PART = 5_000;
/** Heartbeats that a verifier may let pass without confirming what it was sent. */
const PATIENCE_HEARTBEATS = 2;

/** Where a stream's text goes. */
export interface FeedSink {
  /** False when the reader is too far behind: nothing more can be sent. */
  write(text: string): boolean;
  /** Resolves when what was written has left. */
  drained(): Promise<void>;
  close(): void;
}

export interface FeedReader {
  readonly clientId: string;
  /** What the verifier calls itself. */
  readonly name: string;
  /** What it says of its program; empty if nothing. */
  readonly agent: string;
  /** `<log>:<seq>` of the last event it has applied, if it resumes. */
  readonly lastEventId: string | undefined;
}

interface Stream {
  readonly connection: string;
  readonly clientId: string;
  readonly sink: FeedSink;
  /** The last record sent, once the stream is caught up; before, the log does not push to it. */
  sentSeq: number;
  live: boolean;
  /** `sentSeq` at the last heartbeats, oldest first. */
  readonly history: number[];
}

export interface FeedOptions {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly confirmations: Confirmations;
  readonly runtime: Runtime;
  /** Opaque id of this process. */
  readonly process: string;
  /** Told when the log cannot be read; the feed tries again. */
  readonly onTrouble: (error: unknown) => void;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #stops: (() => void)[] = [];
  #log = '';
  /** The last record that was pushed to the live streams. */
  #seq = 0;
  #looking = false;
  #lookAgain = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Begins to follow the log. */
  async start(): Promise<void> {
    const { store, ring } = this.#options;
    const head = await readLogHead(store);
    this.#log = head.log;
    this.#seq = head.seq;
    const heartbeat = setInterval(() => this.#heartbeat(), HEARTBEAT_SECONDS * 1000);
    const look = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#stops.push(
      () => clearInterval(heartbeat),
      () => clearInterval(look),
      store.subscribe((message) => {
        if (message.about === 'log') this.#look();
        if (message.about === 'client') this.#endStreamsOf(message.id);
      }),
      ring.onChange(() => this.#sendToAll(event('keys', undefined, ring.document.body))),
    );
  }

  /**
   * Serves one verifier until it goes.
   *
   * @returns what to call when its connection has ended.
   */
  async connect(reader: FeedReader, sink: FeedSink): Promise<() => void> {
    const { runtime, process, confirmations } = this.#options;
    const connection = createId(runtime, `${process}.`);
    const stream: Stream = { connection, clientId: reader.clientId, sink, sentSeq: 0, live: false, history: [] };
    this.#streams.set(connection, stream);
    const leave = () => this.#leave(stream);
    try {
      // Counted before the log is read: what is committed from now on waits for this verifier.
      await confirmations.add({
        connection,
        name: reader.name,
        clientId: reader.clientId,
        agent: reader.agent,
        confirmedSeq: 0,
        connectedMs: runtime.nowMs(),
        confirmedMs: undefined,
      });
      await this.#begin(stream, reader.lastEventId);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Ends every stream. */
  close(): void {
    for (const stop of this.#stops) stop();
    for (const stream of this.#streams.values()) this.#leave(stream);
  }

  async #begin(stream: Stream, lastEventId: string | undefined): Promise<void> {
    const { store, ring, runtime, confirmations } = this.#options;
    const { log, seq, floor } = await readLogHead(store);
    // The key set that is sent is no older than the log: whoever confirms a number has the keys of its time.
    await ring.reload();
    const hello = {
      connection: stream.connection,
      log,
      seq,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      now: runtime.nowMs() / 1000,
    };
    this.#send(stream, event('hello', undefined, JSON.stringify(hello)));
    this.#send(stream, event('keys', undefined, ring.document.body));
    const resumed = resumeFrom(lastEventId, log);
    if (resumed !== undefined && resumed >= floor && resumed <= seq) {
      stream.sentSeq = resumed;
      await confirmations.confirm(stream.connection, resumed, stream.clientId);
    } else {
      await this.#sendSnapshot(stream, seq);
    }
    await this.#catchUp(stream);
  }

  async #sendSnapshot(stream: Stream, seq: number): Promise<void> {
    const { store, runtime } = this.#options;
    let part: RevocationRecord[] = [];
    for await (const page of readLive(store, seq, toSeconds(runtime.nowMs()), PAGE)) {
      if (part.length + page.length > SNAPSHOT_PART) {
        this.#send(stream, event('snapshot-part', undefined, JSON.stringify({ records: part })));
        await stream.sink.drained();
        part = [];
      }
      part.push(...page);
    }
    const snapshot = JSON.stringify({ log: this.#log, seq, records: part });
    this.#send(stream, event('snapshot', this.#eventId(seq), snapshot));
    stream.sentSeq = seq;
  }

  /** Sends what was committed meanwhile; from then on the log pushes. */
  async #catchUp(stream: Stream): Promise<void> {
    for (;;) {
      const records = await readChanges(this.#options.store, stream.sentSeq, PAGE);
      await this.#sendKeysBefore(records);
      for (const record of records) this.#sendChange(stream, record, this.#changeEvent(record));
      if (records.length < PAGE && stream.sentSeq >= this.#seq) break;
      await stream.sink.drained();
    }
    stream.live = true;
  }

  /** Reads the log on; a call during a read causes one more. */
  #look(): void {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#readOn().finally(() => (this.#looking = false));
  }

  async #readOn(): Promise<void> {
    try {
      while (this.#lookAgain) {
        this.#lookAgain = false;
        const records = await readChanges(this.#options.store, this.#seq, PAGE);
        await this.#sendKeysBefore(records);
        for (const record of records) {
          this.#seq = record.seq;
          const text = this.#changeEvent(record);
          for (const stream of this.#streams.values()) if (stream.live) this.#sendChange(stream, record, text);
        }
        if (records.length === PAGE) this.#lookAgain = true;
      }
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }

  /** A record about a key goes out after the key set that it was written with, so that a confirmation covers both. */
  async #sendKeysBefore(records: readonly RevocationRecord[]): Promise<void> {
    if (records.some(({ kind }) => kind === 'key')) await this.#options.ring.reload();
  }

  #sendChange(stream: Stream, record: RevocationRecord, text: string): void {
    if (record.seq <= stream.sentSeq) return;
    stream.sentSeq = record.seq;
    this.#send(stream, text);
  }

  #heartbeat(): void {
    const now = this.#options.runtime.nowMs() / 1000;
    const text = event('heartbeat', undefined, JSON.stringify({ seq: this.#seq, now }));
    const confirmed = new Map(this.#options.confirmations.list().map((each) => [each.connection, each.confirmedSeq]));
    for (const stream of this.#streams.values()) {
      const overdue = stream.history.length > PATIENCE_HEARTBEATS ? (stream.history.shift() ?? 0) : 0;
      if (stream.live) stream.history.push(stream.sentSeq);
      // A verifier that reads and never confirms holds up every revocation: let it come back, and be known as gone until then.
      if ((confirmed.get(stream.connection) ?? 0) < overdue) this.#leave(stream);
      else this.#send(stream, text);
    }
  }

  #sendToAll(text: string): void {
    for (const stream of this.#streams.values()) this.#send(stream, text);
  }

  #send(stream: Stream, text: string): void {
    if (!stream.sink.write(text)) this.#leave(stream);
  }

  /** The client has changed: its verifiers come back and prove themselves again. */
  #endStreamsOf(clientId: string): void {
    for (const stream of this.#streams.values()) if (stream.clientId === clientId) this.#leave(stream);
  }

  #leave(stream: Stream): void {
    if (!this.#streams.delete(stream.connection)) return;
    this.#options.confirmations.remove(stream.connection);
    stream.sink.close();
  }

  #changeEvent(record: RevocationRecord): string {
    return event('change', this.#eventId(record.seq), JSON.stringify(record));
  }

  #eventId(seq: number): string {
    return `${this.#log}:${seq}`;
  }
}

/** One server-sent event. JSON holds no line break. */
function event(name: string, id: string | undefined, data: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

function resumeFrom(lastEventId: string | undefined, log: string): number | undefined {
  const [, itsLog, seq] = /^([A-Za-z0-9_-]{1,64}):(\d{1,15})$/u.exec(lastEventId ?? '') ?? [];
  return itsLog === log ? Number(seq) : undefined;
}
