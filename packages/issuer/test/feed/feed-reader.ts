/** A verifier made of nothing but HTTP: reads the feed event by event, and confirms only when told to. */
import type { IssuerUnderTest } from '../issuer-under-test.ts';
import { WORKER, basic } from '../issuer-under-test.ts';

export interface FeedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

export interface FeedReader {
  readonly status: number;
  /** The next event of these kinds, waiting for it if need be; others are passed over. */
  next(...kinds: string[]): Promise<FeedEvent>;
  confirm(connection: unknown, seq: unknown, at?: IssuerUnderTest): Promise<number>;
  close(): void;
}

export async function openFeed(
  issuer: IssuerUnderTest,
  options: { lastEventId?: string; name?: string; authorization?: string } = {},
): Promise<FeedReader> {
  const abort = new AbortController();
  const authorization = options.authorization ?? basic(WORKER);
  const response = await fetch(`${issuer.url}/v1/feed?verifier=${options.name ?? 'test'}`, {
    headers: { authorization, ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }) },
    signal: abort.signal,
  });
  const events = parse(response.body ?? new ReadableStream());
  return {
    status: response.status,
    next: async (...kinds) => {
      for (;;) {
        const { value, done } = await events.next();
        if (done === true) throw new Error('the feed ended');
        if (kinds.length === 0 || kinds.includes(value.event)) return value;
      }
    },
    confirm: async (connection, seq, at = issuer) =>
      (await at.postJson('/v1/feed/ack', { connection, seq }, { authorization })).status,
    close: () => abort.abort(),
  };
}

async function* parse(stream: ReadableStream<Uint8Array>): AsyncGenerator<FeedEvent> {
  let text = '';
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
    text += String(chunk);
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      yield { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? '{}') };
    }
  }
}
