/** A route in short, for people and for pages: what `GET /routes` lists and an explanation names. */
import type { CompiledRoute } from '../config/compile.ts';
import { describeConditions } from './header-match.ts';

export interface RouteSummary {
  readonly name: string;
  readonly host?: string | undefined;
  readonly path: string;
  readonly methods: readonly string[] | 'any';
  /** What it asks of header fields, such as `x-api-version: 2`; absent where it asks nothing. */
  readonly headers?: readonly string[] | undefined;
  readonly auth: 'required' | 'optional' | 'none';
  readonly upstream: string;
  /** The upstream that some of its requests go to instead. */
  readonly canary?: string | undefined;
}

export function summarizeRoute({
  name,
  host,
  path,
  methods,
  headers,
  policy,
  upstream,
  canary,
}: CompiledRoute): RouteSummary {
  return {
    name,
    host,
    path,
    methods: methods ?? 'any',
    headers: describeConditions(headers),
    auth: policy.auth,
    upstream: upstream.name,
    canary: canary?.route.upstream.name,
  };
}
