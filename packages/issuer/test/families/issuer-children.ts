/** Issuer processes that share a database and a clock. One that is killed is replaced by a spare that stood by, so that killing is cheap. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { IssuerConfigInput } from '../../src/index.ts';
import type { Order, StartOrder } from './issuer-child.ts';

interface Member {
  child: ChildProcess;
  url: string;
}

export class IssuerChildren {
  readonly #start: StartOrder;
  readonly #clock: number;
  readonly #members: Member[] = [];
  #spare: ChildProcess | undefined;

  private constructor(config: IssuerConfigInput, folder: string) {
    const clock = path.join(folder, 'clock');
    this.#start = { kind: 'start', config, folder, clock };
    this.#clock = openSync(clock, 'w');
  }

  static async start(config: IssuerConfigInput, folder: string, count: number, nowMs: number): Promise<IssuerChildren> {
    const children = new IssuerChildren(config, folder);
    children.setClock(nowMs);
    for (let index = 0; index < count; index++) children.#members.push(await children.#member());
    return children;
  }

  /** What every process reads from now on. */
  setClock(nowMs: number): void {
    const reading = Buffer.alloc(8);
    reading.writeDoubleLE(nowMs);
    writeSync(this.#clock, reading, 0, 8, 0);
  }

  /** Where a process listens; numbers beyond the last begin again. */
  url(at: number): string {
    return this.#at(at).url;
  }

  async restart(at: number): Promise<void> {
    const member = this.#at(at);
    member.url = await command(member.child, { kind: 'restart' });
  }

  async setPassword(at: number, user: string, password: string): Promise<void> {
    await command(this.#at(at).child, { kind: 'set-password', user, password });
  }

  /** Kills a process and has another take its place. Resolves when that serves. */
  async kill(at: number): Promise<void> {
    const member = this.#at(at);
    await end(member.child);
    Object.assign(member, await this.#member());
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ child }) => end(child)));
    if (this.#spare !== undefined) await end(this.#spare);
    closeSync(this.#clock);
  }

  #at(at: number): Member {
    const member = this.#members[at % this.#members.length];
    if (member === undefined) throw new TypeError('no process is started');
    return member;
  }

  async #member(): Promise<Member> {
    const child = this.#spare ?? stand();
    this.#spare = stand();
    return { child, url: await command(child, this.#start) };
  }
}

function stand(): ChildProcess {
  return fork(path.join(import.meta.dirname, 'issuer-child.ts'), { execArgv: ['-C', 'source'] });
}

let orders = 0;

/** @throws {Error} if the process refuses, or dies before it answers. */
function command(child: ChildProcess, order: Order): Promise<string> {
  const id = ++orders;
  return new Promise((resolve, reject) => {
    const stop = () => child.off('message', hear).off('exit', die);
    const hear = (message: { id: number; answer?: string; error?: string }): void => {
      if (message.id !== id) return;
      stop();
      if (message.answer === undefined) reject(new Error(message.error));
      else resolve(message.answer);
    };
    const die = (): void => {
      stop();
      reject(new Error('the process died'));
    };
    child.on('message', hear).on('exit', die);
    child.send({ id, order }, (error) => {
      if (error !== null) die();
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
