/**
 * Questions and answers between the supervisor and one worker, over the channel that Node opens to a process it forks. Either side asks, and
 * tells what needs no answer. What is said in one turn of the event loop travels together, since a message costs as much as what is in it.
 *
 * What may be said stands in `protocol.ts`. Both ends are the same program, so nothing is checked here.
 */
import { GatewayError } from '../errors.ts';
import { packFault, unpackFault, type PackedFault } from './fault.ts';

/** By name: what is sent, and what comes back. */
export type Questions = Readonly<Record<string, readonly [asked: unknown, answer: unknown]>>;

/** The process at the other end. */
export interface Line {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClosed(listener: () => void): void;
}

export interface Channel<Asked extends Questions> {
  /** @throws what the other side threw, or {GatewayError} `worker_gone`. */
  ask<Name extends keyof Asked & string>(name: Name, asked: Asked[Name][0]): Promise<Asked[Name][1]>;
  /** The same, for what is not waited for; nothing happens if nobody is there. */
  tell<Name extends keyof Asked & string>(name: Name, asked: Asked[Name][0]): void;
}

/** What one side answers to the other. */
export type Answering<Answered extends Questions> = {
  readonly [Name in keyof Answered]: (asked: Answered[Name][0]) => Answered[Name][1] | Promise<Answered[Name][1]>;
};

/** `id` 0: nobody waits for an answer. */
type Said =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly body: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: PackedFault };

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

export function openChannel<Asked extends Questions, Answered extends Questions>(
  line: Line,
  answering: Answering<Answered>,
): Channel<Asked> {
  const waiting = new Map<number, Waiting>();
  let outbox: Said[] = [];
  let nextId = 1;
  let isClosed = false;

  function say(said: Said): void {
    if (isClosed) return;
    outbox.push(said);
    if (outbox.length > 1) return;
    setImmediate(() => {
      const sent = outbox;
      outbox = [];
      if (!isClosed) line.send(sent);
    });
  }

  async function answer(id: number, name: string, body: unknown): Promise<void> {
    try {
      const answered: unknown = await answering[name]?.(body);
      if (id !== 0) say({ kind: 'answer', id, body: answered });
    } catch (error) {
      if (id !== 0) say({ kind: 'fault', id, fault: packFault(error) });
    }
  }

  line.onMessage((message) => {
    for (const said of message as readonly Said[]) {
      if (said.kind === 'ask') {
        void answer(said.id, said.name, said.body);
        continue;
      }
      const asker = waiting.get(said.id);
      waiting.delete(said.id);
      if (said.kind === 'answer') asker?.resolve(said.body as never);
      else asker?.reject(unpackFault(said.fault));
    }
  });
  line.onClosed(() => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(new GatewayError('worker_gone'));
    waiting.clear();
  });

  return {
    ask(name, body) {
      if (isClosed) return Promise.reject(new GatewayError('worker_gone'));
      const id = nextId++;
      say({ kind: 'ask', id, name, body });
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
      });
    },
    tell: (name, body) => say({ kind: 'ask', id: 0, name, body }),
  };
}
