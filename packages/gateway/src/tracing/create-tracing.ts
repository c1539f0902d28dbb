/** Tracer and exporter as the configuration wants them; undefined where it wants none. */
import type { Logger } from '@sealgate/service';
import { randomUUID } from 'node:crypto';
import type { GatewayConfig } from '../config/schema.ts';
import { SpanExporter } from './span-exporter.ts';
import { createTracer, type Tracer } from './tracer.ts';

export interface Tracing {
  readonly tracer: Tracer;
  readonly exporter: SpanExporter;
}

export interface TracingOptions {
  readonly logger: Logger;
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
  readonly fetch: typeof globalThis.fetch;
}

export function createTracing(
  { tracing: config }: Pick<GatewayConfig, 'tracing'>,
  { logger, wallMs, fetch }: TracingOptions,
): Tracing | undefined {
  if (config === undefined) return undefined;
  const exporter = new SpanExporter({
    endpoint: config.endpoint,
    headers: Object.fromEntries(Object.entries(config.headers).map(([name, value]) => [name, value.reveal()])),
    resource: { serviceName: config.serviceName, instanceId: randomUUID() },
    logger,
    fetch,
  });
  return { tracer: createTracer({ config, exporter, wallMs }), exporter };
}
