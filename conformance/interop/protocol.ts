/**
 * The line protocol between the matrix and a program in another language: one JSON object a line, asked on standard input and
 * answered on standard output, in order.
 *
 * - `{ id, op: "hello" }` -> `{ id, libraries: { NAME: VERSION } }`
 * - `{ id, op: "sign", library, alg, jwk, pem?, claims }` -> `{ id, ok: true, token }`; `jwk` and `pem` (PKCS #8) are private
 * - `{ id, op: "verify", library, alg, jwk, pem?, token, audience }` -> `{ id, ok: true, claims }`; they are public (SPKI)
 * - whatever the library refuses, or does not support: `{ id, ok: false, error }`
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { AUDIENCE, type Claims, type KeyMaterial, type Library } from './library.ts';

interface Answer {
  readonly id: number;
  readonly ok?: boolean;
  readonly token?: string;
  readonly claims?: Claims;
  readonly error?: string;
  readonly libraries?: Readonly<Record<string, string>>;
}

/** A program that was started and answers. */
export interface Program {
  ask(request: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): void;
}

/** Starts a program that speaks the protocol. What it prints on standard error goes to ours. */
export function startProgram(command: string, args: readonly string[], cwd: string): Program {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let next = 0;
  let ended: Error | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  const fail = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.once('error', fail);
  child.once('exit', (code) => fail(new Error(`${command} ended with ${code} before it had answered`)));
  child.stdin.on('error', fail);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        const id = next++;
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
      }),
    close: () => child.stdin.end(),
  };
}

/** The libraries of a program, as it names them. */
export async function librariesOf(program: Program, source: string, tokens: number): Promise<Library[]> {
  const { libraries = {} } = await program.ask({ op: 'hello' });
  return Object.entries(libraries).map(([name, version]) => ({
    name,
    version,
    source,
    tokens,
    async sign({ alg, privateJwk, privatePem }: KeyMaterial, claims: Claims) {
      const answer = await program.ask({ op: 'sign', library: name, alg, jwk: privateJwk, pem: privatePem, claims });
      return expect(answer, answer.token);
    },
    async verify({ alg, publicJwk, publicPem }: KeyMaterial, token: string) {
      const key = { alg, jwk: publicJwk, pem: publicPem };
      const answer = await program.ask({ op: 'verify', library: name, ...key, token, audience: AUDIENCE });
      return expect(answer, answer.claims);
    },
  }));
}

function expect<T>(answer: Answer, value: T | undefined): T {
  if (answer.ok !== true || value === undefined) throw new Error(answer.error ?? 'refused');
  return value;
}
