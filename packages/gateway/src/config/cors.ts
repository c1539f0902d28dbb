/**
 * Cross-origin access of one route (WHATWG Fetch, section 3.2; ATTACKS.md G15): an exact list of origins, never the reflected one.
 *
 * A preflight carries no credentials, so it is answered before any token is asked for, and says nothing but what scripts may do.
 */
import type { CorsConfig } from './route-schema.ts';

export interface Cors {
  readonly origins: ReadonlySet<string>;
  readonly any: boolean;
  /** For answers to actual requests, beside the origin. */
  readonly fields: readonly string[];
  /** For answers to preflights, beside the origin and the methods. */
  readonly preflightFields: readonly string[];
}

export function compileCors(config: CorsConfig): Cors {
  const credentials = config.credentials ? ['access-control-allow-credentials', 'true'] : [];
  const expose = ['x-request-id', ...config.expose].join(', ');
  return {
    origins: new Set(config.origins),
    any: config.origins.includes('*'),
    fields: [...credentials, 'access-control-expose-headers', expose],
    preflightFields: [
      ...credentials,
      'access-control-allow-headers',
      config.headers.join(', '),
      'access-control-max-age',
      String(Math.floor(config.maxAge / 1000)),
    ],
  };
}

/** Value of `Access-Control-Allow-Origin`, or undefined where this origin has no access. `null` never has. */
export function allowedOrigin(cors: Cors, origin: string): string | undefined {
  if (cors.any) return '*';
  return cors.origins.has(origin) ? origin : undefined;
}
