/**
 * What takes too long for the suite: `node -C source conformance/gateway/long-run.ts idle|reload|memory|fuzz [COUNT]`.
 *
 * - `idle`: 20,000 connections that ask nothing, while others are served.
 * - `reload`: a reload every second for a minute under load; no request may fail.
 * - `memory`: 10 million requests with everything on; what the gateway holds after every quarter of a million (`memory-run.ts`).
 * - `fuzz`: a million requests bent at random, nine of ten before Node, the others before nginx and Apache (`fuzz.ts`).
 *
 * The gateway runs in a process of its own, so that what is measured is its own. Needs about 25,000 open files in each process for `idle`.
 */
import { createGateway } from '@sealgate/gateway';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { configFor, startIssuer, type RawConfig, type TestIssuer } from './fixture.ts';
import { fuzz } from './fuzz.ts';
import { describe, watchMemory, type MeasuredGateway, type Memory } from './memory-run.ts';
import { ORIGINS } from './web-server-origins.ts';

interface Address {
  readonly port: number;
}

const [mode = '', count] = process.argv.slice(2);

/** In the child: a gateway that tells its port and, when asked, its memory; reloads when told to. */
async function serve(): Promise<void> {
  const [, originUrl = '', issuerUrl = '', further = '{}'] = process.argv.slice(2);
  const overrides: RawConfig = JSON.parse(further);
  const credentials = { main: { id: 'gateway', secret: 'secret' } };
  const gateway = await createGateway({ config: configFor(originUrl, issuerUrl, overrides), credentials });
  const { url } = await gateway.listen();
  await gateway.ready;
  let reloads = 0;
  process.on('message', (message) => {
    if (message === 'memory') {
      const { rss: resident } = process.memoryUsage();
      globalThis.gc?.();
      const { heapUsed: heap, external } = process.memoryUsage();
      process.send?.({ resident, heap, external } satisfies Memory);
    } else if (message === 'reload') {
      const upstream = { urls: [originUrl], connectTimeout: `${2000 + reloads++}ms` };
      void gateway.reload(configFor(originUrl, issuerUrl, { upstreams: { origin: upstream } }));
    }
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port: Number(new URL(url).port) } satisfies Address);
}

/** As `sealgate serve` starts Node. */
const SERVING = ['--max-semi-space-size=64', '--min-semi-space-size=32', '--no-allocation-site-pretenuring'];

/** @param overrides - Of the usual configuration (`fixture.ts`). */
async function startChild(originUrl: string, issuerUrl: string, overrides: RawConfig = {}): Promise<Serving> {
  const child = fork(import.meta.filename, ['serve', originUrl, issuerUrl, JSON.stringify(overrides)], {
    execArgv: ['-C', 'source', '--expose-gc', ...SERVING],
  });
  const { port } = await heard<Address>(child);
  const memory = (): Promise<Memory> => {
    const answer = heard<Memory>(child);
    child.send('memory');
    return answer;
  };
  return { port, child, memory };
}

interface Serving extends MeasuredGateway {
  readonly child: ChildProcess;
}

async function drive(what: string, times: string | undefined): Promise<void> {
  if (what === 'memory') {
    const requests = Number(times ?? 10_000_000);
    const flat = await watchMemory({ requests, write, startGateway: startChild });
    process.exit(flat ? 0 : 1);
  }
  if (what === 'fuzz') {
    const disagreements = await fuzzRounds(Number(times ?? 1_000_000));
    process.exit(disagreements === 0 ? 0 : 1);
  }
  const runs: Readonly<Record<string, readonly [(at: Stage, count: number) => Promise<void>, number]>> = {
    idle: [holdIdle, 20_000],
    reload: [reloadUnderLoad, 60],
  };
  const [run, usual] = runs[what] ?? [];
  if (run === undefined) throw new TypeError('say which: idle, reload, memory or fuzz');
  const origin: Server = createServer((_req, res) => void res.end('ok'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const issuer = await startIssuer();
  const serving = await startChild(`http://127.0.0.1:${(origin.address() as AddressInfo).port}`, issuer.url);
  await run({ ...serving, issuer }, Number(times ?? usual));
  serving.child.disconnect();
  origin.closeAllConnections();
  origin.close();
  await issuer.close();
}

interface Stage extends Serving {
  readonly issuer: TestIssuer;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

function heard<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Message));
  });
}

/** Keeps requests under way on one connection until told to stop; counts answers by status. */
class Caller {
  readonly statuses = new Map<string, number>();
  readonly #socket: Socket;
  readonly #next: () => string;
  #asked = 0;
  #answered = 0;
  #stopped = false;

  /** @param next - The next request, octet by octet. */
  constructor(port: number, atOnce: number, next: () => string) {
    this.#next = next;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    this.#socket.on('close', () => {
      if (!this.done) this.#count('closed');
      this.#answered = this.#asked;
    });
    for (let index = 0; index < atOnce; index++) this.#ask();
  }

  get done(): boolean {
    return this.#stopped && this.#answered >= this.#asked;
  }

  get answered(): number {
    return this.#answered;
  }

  stop(): void {
    this.#stopped = true;
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(): void {
    this.#asked++;
    this.#socket.write(this.#next(), 'latin1');
  }

  /** A status line is never cut apart but by chance; answers are as small as that. */
  #read(text: string): void {
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3})/gu)) {
      this.#answered++;
      this.#count(status);
      if (!this.#stopped) this.#ask();
    }
  }

  #count(what: string): void {
    this.statuses.set(what, (this.statuses.get(what) ?? 0) + 1);
  }
}

function startCallers(port: number, issuer: TestIssuer): readonly Caller[] {
  const tokens = Array.from({ length: 2000 }, () => issuer.token({ exp: Math.floor(Date.now() / 1000) + 86_400 }));
  let turn = 0;
  const next = (): string =>
    `GET /orders/1 HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${tokens[turn++ % tokens.length]}\r\n\r\n`;
  return Array.from({ length: 16 }, () => new Caller(port, 1, next));
}

async function finish(callers: readonly Caller[]): Promise<string> {
  for (const caller of callers) caller.stop();
  while (!callers.every(({ done }) => done)) await delay(10);
  const totals = new Map<string, number>();
  for (const { statuses } of callers) {
    for (const [status, times] of statuses) totals.set(status, (totals.get(status) ?? 0) + times);
  }
  for (const caller of callers) caller.close();
  return [...totals].map(([status, times]) => `${times} x ${status}`).join(', ');
}

async function holdIdle(stage: Stage, wanted: number): Promise<void> {
  const { port } = stage;
  write(`before: ${describe(await stage.memory())}`);
  const sockets: Socket[] = [];
  let lost = 0;
  while (sockets.length < wanted) {
    const opened = Array.from({ length: Math.min(500, wanted - sockets.length) }, () =>
      connect({ port, host: '127.0.0.1' }).on('error', () => lost++),
    );
    await Promise.all(opened.map((socket) => once(socket, 'connect')));
    // Idle between two requests: one that never asked is let go sooner.
    for (const socket of opened) socket.resume().write('GET /open/x HTTP/1.1\r\nHost: api.test\r\n\r\n');
    await Promise.all(opened.map((socket) => once(socket, 'data')));
    sockets.push(...opened);
  }
  write(`${sockets.length} idle, ${lost} lost: ${describe(await stage.memory())}`);
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const began = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/open/x`);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`a client beside them got ${response.status}`);
    times.push(performance.now() - began);
  }
  times.sort((left, right) => left - right);
  write(`200 requests beside them: median ${times[100]?.toFixed(2)} ms, slowest ${times.at(-1)?.toFixed(2)} ms`);
  for (const socket of sockets) socket.destroy();
  await delay(2000);
  write(`after: ${describe(await stage.memory())}`);
}

async function reloadUnderLoad({ port, issuer, child }: Stage, seconds: number): Promise<void> {
  const callers = startCallers(port, issuer);
  for (let second = 0; second < seconds; second++) {
    await delay(1000);
    child.send('reload');
  }
  write(`${seconds} reloads: ${await finish(callers)}`);
}

const ROUND = 10_000;
const [NODE, NGINX, APACHE] = ORIGINS;

function originOf(round: number): (typeof ORIGINS)[number] {
  const origin = round % 20 === 9 ? NGINX : round % 20 === 19 ? APACHE : NODE;
  if (origin === undefined) throw new TypeError('an origin is missing');
  return origin;
}

/** In rounds of 10,000, each of another seed and with a gateway of its own; returns how often origin and decision disagreed. */
async function fuzzRounds(wanted: number): Promise<number> {
  const totals = { sent: 0, seen: 0, disagreements: 0 };
  for (let round = 0; totals.sent < wanted; round++) {
    const requests = Math.min(ROUND, wanted - totals.sent);
    const { behind, start } = originOf(round);
    const { seen, disagreements } = await fuzz({ start, requests, seed: round + 1 });
    totals.sent += requests;
    totals.seen += seen;
    totals.disagreements += disagreements.length;
    for (const line of disagreements) write(`DISAGREEMENT before ${behind}, seed ${round + 1}: ${line}`);
    write(
      `${totals.sent} sent, ${totals.seen} reached the origin (now ${behind}), ${totals.disagreements} disagreements`,
    );
  }
  return totals.disagreements;
}

if (mode === 'serve') await serve();
else await drive(mode, count);
