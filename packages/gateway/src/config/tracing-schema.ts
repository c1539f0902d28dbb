/** Configuration of traces (W3C Trace Context, OpenTelemetry): `gateway.tracing`. Without it nothing is traced, and trace headers pass as they came. */
import { httpUrl, secret } from '@sealgate/service';
import * as z from 'zod';

const headerName = () => z.string().regex(/^[A-Za-z0-9-]+$/u, 'expected a header name of letters, digits and "-"');

export const tracingSchema = z.strictObject({
  endpoint: httpUrl().describe(
    'Where spans go, as OTLP over HTTP in JSON, such as `http://127.0.0.1:4318/v1/traces` of an OpenTelemetry collector.',
  ),
  headers: z
    .record(headerName(), secret())
    .default({})
    .describe('Headers for the collector, such as a key: name to `file:PATH` or `env:NAME`.'),
  sampleRatio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'Share of the traces begun here that are recorded. A trace that is continued is recorded where its caller says so.',
    ),
  acceptFrom: z
    .enum(['nobody', 'proxies', 'anybody'])
    .default('proxies')
    .describe(
      'Whose `traceparent` is continued: of `trustProxies`, of nobody, or of anybody, who can then choose trace ids and have every request of his recorded. ' +
        'Others begin a trace of their own.',
    ),
  serviceName: z.string().min(1).max(255).default('sealgate-gateway').describe('`service.name` of the spans.'),
});

export type TracingConfig = z.output<typeof tracingSchema>;
