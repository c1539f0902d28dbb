/**
 * What is measured beside requests: the feed's lag, revocations held, instances, refused connections, lost log lines. Of several workers, a
 * gauge tells the worst (`aggregator`), and the sum where requests are counted.
 */
import type { Trust } from '@sealgate/guard';
import type { Metrics } from '@sealgate/service';
import type { Counter } from 'prom-client';
import type { Runtime } from '../config/compile.ts';
import type { ServerCertificates } from '../tls/server-certificates.ts';
import type { SpanCounts } from '../tracing/span-exporter.ts';
import type { AccessLog } from './access-log.ts';

export interface GatewayMetricsSources {
  readonly trust: () => Trust;
  readonly runtime: () => Runtime;
  readonly accessLog: AccessLog;
  readonly monotonicMs: () => number;
  /** Questions to the limit store without an answer, so far. */
  readonly unansweredLimits: () => number;
  /** Of the public port, if it speaks TLS. */
  readonly certificates: ServerCertificates | undefined;
  /** Spans so far, where requests are traced. */
  readonly spans: (() => SpanCounts) | undefined;
}

/** Read when somebody asks; costs nothing on the way. */
export function registerGatewayMetrics(metrics: Metrics, sources: GatewayMetricsSources): { refused: Counter<'code'> } {
  metrics.gauge({
    name: 'sealgate_gateway_issuer_ready',
    aggregator: 'min',
    help: '1 when tokens of the issuer can be judged: keys known, and its feed current if it has one.',
    labelNames: ['issuer'],
    collect() {
      this.reset();
      for (const { name, ready } of sources.trust().state()) this.set({ issuer: name }, Number(ready));
    },
  });
  metrics.gauge({
    name: 'sealgate_gateway_feed_connected',
    aggregator: 'min',
    help: '1 while the stream of revocations is connected.',
    labelNames: ['issuer'],
    collect() {
      this.reset();
      for (const { name, feed } of sources.trust().state()) {
        if (feed !== undefined) this.set({ issuer: name }, Number(feed.connected));
      }
    },
  });
  metrics.gauge({
    name: 'sealgate_gateway_feed_lag_seconds',
    aggregator: 'max',
    help: 'Time since the last word from the issuer.',
    labelNames: ['issuer'],
    collect() {
      this.reset();
      for (const { name, feed } of sources.trust().state()) {
        if (feed?.lagSeconds !== undefined) this.set({ issuer: name }, feed.lagSeconds);
      }
    },
  });
  metrics.counter({
    name: 'sealgate_gateway_introspections_total',
    help: 'Opaque tokens: `hit` answered from memory, else asked about, by the answer. Counts of one configuration of issuers.',
    labelNames: ['issuer', 'result'],
    collect() {
      this.reset();
      for (const { name, opaqueTokens } of sources.trust().state()) {
        if (opaqueTokens === undefined) continue;
        const { hits, active, inactive, failed } = opaqueTokens;
        for (const [result, count] of Object.entries({ hit: hits, active, inactive, failed }))
          this.inc({ issuer: name, result }, count);
      }
    },
  });
  metrics.gauge({
    name: 'sealgate_gateway_upstream_available',
    aggregator: 'min',
    help: '1 while the instance gets requests: well by its health check, and its circuit not open.',
    labelNames: ['upstream', 'target'],
    collect() {
      this.reset();
      for (const { name, targets } of sources.runtime().upstreams.values()) {
        for (const target of targets) {
          this.set({ upstream: name, target: target.url }, Number(target.isAvailable(sources.monotonicMs())));
        }
      }
    },
  });
  metrics.gauge({
    name: 'sealgate_gateway_upstream_pending',
    help: 'Requests under way.',
    labelNames: ['upstream', 'target'],
    collect() {
      this.reset();
      for (const { name, targets } of sources.runtime().upstreams.values()) {
        for (const target of targets) this.set({ upstream: name, target: target.url }, target.pending);
      }
    },
  });
  metrics.counter({
    name: 'sealgate_gateway_access_log_dropped_total',
    help: 'Log lines that could not be written.',
    collect() {
      this.reset();
      this.inc(sources.accessLog.dropped);
    },
  });
  metrics.gauge({
    name: 'sealgate_gateway_limit_store_up',
    aggregator: 'min',
    help: '1 while limits are counted in the store, 0 while each process counts for itself. Absent without a store.',
    collect() {
      this.reset();
      const { store } = sources.runtime();
      if (store === undefined) this.remove();
      else this.set(Number(store.available));
    },
  });
  metrics.counter({
    name: 'sealgate_gateway_limit_store_unanswered_total',
    help: 'Requests whose limits were counted locally because the store gave no answer.',
    collect() {
      this.reset();
      this.inc(sources.unansweredLimits());
    },
  });
  if (sources.certificates !== undefined) registerCertificates(metrics, sources.certificates);
  if (sources.spans !== undefined) registerSpans(metrics, sources.spans);
  return {
    refused: metrics.counter({
      name: 'sealgate_gateway_refused_connections_total',
      help: 'What never became a request, by what was wrong.',
      labelNames: ['code'],
    }),
  };
}

function registerSpans(metrics: Metrics, counts: () => SpanCounts): void {
  metrics.counter({
    name: 'sealgate_gateway_spans_total',
    help: 'Spans that the trace collector took (`exported`), and that were lost (`dropped`) because it was away, slow or refused them.',
    labelNames: ['result'],
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(counts())) this.inc({ result }, count);
    },
  });
}

function registerCertificates(metrics: Metrics, certificates: ServerCertificates): void {
  metrics.gauge({
    name: 'sealgate_gateway_certificate_expiry_seconds',
    aggregator: 'min',
    help: 'When a certificate of the public port expires, seconds since the Unix epoch, by its first name.',
    labelNames: ['certificate'],
    collect() {
      this.reset();
      for (const { name, notAfterSeconds } of certificates.states) this.set({ certificate: name }, notAfterSeconds);
    },
  });
  metrics.counter({
    name: 'sealgate_gateway_certificate_reload_failures_total',
    help: 'Times that changed certificate files could not be used, and the old certificates stayed.',
    collect() {
      this.reset();
      this.inc(certificates.failures);
    },
  });
}
