/**
 * The decision as a service: another proxy asks whether a request may pass, and is answered 200 with the identity headers to set, or the
 * refusal to pass on (nginx `auth_request`, Apache, Traefik and Caddy forward auth, Envoy ext_authz over HTTP, HAProxy). Envoy's gRPC
 * protocol is in `envoy/`.
 *
 * The proxy must remove the identity headers that a client may have sent; the set-ups in the documentation do. Which headers name the
 * request asked about is configured and never guessed: a client can send the others.
 */
import type { CompiledRoute, Runtime } from '../config/compile.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { createDataServer, type DataServer, type RefusedCode } from '../server/data-server.ts';
import type { ClientRequest } from '../server/client-message.ts';
import type { Asked, Exchange, ExchangeSink } from '../server/exchange.ts';
import { run, type PipelineOptions } from '../server/pipeline.ts';
import { createEnvoyAuthorization } from './envoy/envoy-authorization.ts';

export interface ForwardAuthOptions {
  readonly runtime: () => Runtime;
  readonly sink: ExchangeSink;
  readonly pipeline: PipelineOptions;
  readonly onRefused: (code: RefusedCode) => void;
  readonly makeId: () => string;
}

type From = Exclude<NonNullable<GatewayConfig['forwardAuth']>['from'], 'envoy'>;

/** Undefined where the configuration does not ask for it. */
export function createForwardAuth(config: GatewayConfig, options: ForwardAuthOptions): DataServer | undefined {
  const { forwardAuth, limits } = config;
  if (forwardAuth === undefined) return undefined;
  const { listen, from } = forwardAuth;
  if (from === 'envoy') return createEnvoyAuthorization({ listen, limits }, options);
  const pipeline = { ...options.pipeline, answersPreflights: false, forward: grant };
  return createDataServer({
    config: { listen, limits },
    runtime: options.runtime,
    sink: options.sink,
    makeId: options.makeId,
    now: options.pipeline.now,
    onRefused: options.onRefused,
    onRequest: (exchange) => run(exchange, pipeline),
    asked: (req) => READERS[from](req),
    refusesWith403: from === 'original',
  });
}

const READERS: Readonly<Record<From, (req: ClientRequest) => Asked | undefined>> = {
  original: (req) => named(req, 'x-original-method', 'x-original-uri'),
  forwarded: (req) => named(req, 'x-forwarded-method', 'x-forwarded-uri'),
  request: ({ method, url }) => ({ method, target: url }),
};

/** Each exactly once. */
function named({ rawHeaders }: ClientRequest, methodName: string, targetName: string): Asked | undefined {
  const [method, ...moreMethods] = valuesOf(rawHeaders, methodName);
  const [target, ...moreTargets] = valuesOf(rawHeaders, targetName);
  if (method === undefined || target === undefined || moreMethods.length + moreTargets.length > 0) return undefined;
  return /^[A-Z]{1,32}$/u.test(method) ? { method, target } : undefined;
}

function valuesOf(rawHeaders: readonly string[], wanted: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
}

/** 200, with what the upstream is to be told. The token stays where it is: the proxy has it. */
function grant(exchange: Exchange, _route: CompiledRoute, identity: readonly string[]): void {
  const fields: string[] = ['content-length', '0', 'cache-control', 'no-store'];
  for (let index = 0; index < identity.length; index += 2) {
    const name = identity[index] ?? '';
    if (name !== 'authorization') fields.push(name, identity[index + 1] ?? '');
  }
  exchange.addOwnFields(fields);
  exchange.res.writeHead(200, fields);
  exchange.res.end();
}
