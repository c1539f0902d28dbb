/** What a command sees of the world, handed in: tests run commands in their own process. */

export interface CommandIo {
  /** Answers: what was asked for, fit for a pipe. */
  readonly stdout: (text: string) => void;
  /** Everything else: complaints, and the log of a server. */
  readonly stderr: (text: string) => void;
  /** All of standard input. */
  readonly readStdin: () => Promise<string>;
  /** Seconds since 1970. */
  readonly nowSeconds: () => number;
}

/** The process's own. */
export function processIo(): CommandIo {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    async readStdin() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    nowSeconds: () => Date.now() / 1000,
  };
}
