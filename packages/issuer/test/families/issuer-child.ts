/**
 * An issuer in a process of its own, under the orders of `issuer-children.ts`: it does nothing until it is told to start, its clock is a file
 * that the test writes, and it may be killed at any instant.
 */
import { openSync, readSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createLogger, createMetrics, parseConfig } from '@sealgate/service';
import { createIssuer, issuerConfigSchema, type Issuer, type IssuerConfigInput } from '../../src/index.ts';

export interface StartOrder {
  readonly kind: 'start';
  readonly config: IssuerConfigInput;
  /** Base of relative paths. */
  readonly folder: string;
  /** Holds the time in milliseconds, as a 64-bit float. */
  readonly clock: string;
}

export type Order =
  | StartOrder
  | { readonly kind: 'restart' }
  | { readonly kind: 'set-password'; readonly user: string; readonly password: string };

// What Node compiled is kept at the end of a process, and this one does not come to its end.
flushCompileCache();

let issuer: Issuer | undefined;
let start: (() => Promise<string>) | undefined;

async function follow(order: Order): Promise<string> {
  if (order.kind === 'set-password') {
    await issuer?.admin.setPassword(order.user, order.password);
    return '';
  }
  if (order.kind === 'restart') {
    await issuer?.close();
    return (await start?.()) ?? '';
  }
  const config = parseConfig(order.config, issuerConfigSchema, { folder: order.folder });
  const clock = openSync(order.clock, 'r');
  const reading = Buffer.alloc(8);
  const nowMs = () => {
    readSync(clock, reading, 0, 8, 0);
    return reading.readDoubleLE();
  };
  start = async () => {
    const logger = createLogger({ level: 'error', stream: process.stderr });
    issuer = await createIssuer({ config, nowMs, logger, metrics: createMetrics() });
    const { host, port } = await issuer.listen();
    return `http://${host}:${port}`;
  };
  return start();
}

process.on('message', ({ id, order }: { readonly id: number; readonly order: Order }) => {
  follow(order).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
// Nobody is left behind: without the test there is nothing to do.
process.on('disconnect', () => process.exit());
