/** The routes of a configuration in the order in which they win, with what each asks of a token: for people to read, before anything runs. */
import type { CompiledPolicy, CompiledRequirement, SenderConstraint } from '@sealgate/guard';
import { headerConditions } from '../config/header-match-schema.ts';
import { routeName } from '../config/route-name.ts';
import { compileRoutePolicy } from '../config/route-policy.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { describeConditions } from './header-match.ts';
import type { RouteSummary } from './route-summary.ts';
import { RouteTable } from './route-table.ts';

export interface RouteRequirements {
  /** Names of the issuers that count here; absent for all. */
  readonly issuers?: readonly string[];
  readonly scopes?: CompiledRequirement;
  readonly roles?: CompiledRequirement;
  /** JSON Pointer to the value it must have. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How tokens must be bound to a key of their sender. */
  readonly senderConstrained?: SenderConstraint;
  /** Conditions in CEL, as they were written. */
  readonly when?: readonly string[];
  /** Whether a policy service is asked. */
  readonly policyService?: true;
}

export interface RouteDescription extends RouteSummary {
  readonly requires: RouteRequirements;
}

/** @throws {GatewayError} `route_ambiguous`, `policy_impossible`. @throws {GuardError} `policy_invalid`. */
export function describeRoutes({ routes, defaults, issuers }: GatewayConfig): readonly RouteDescription[] {
  const names = Object.keys(issuers);
  const table = new RouteTable(
    routes.map((route) => ({
      name: routeName(route),
      host: route.host,
      path: route.path,
      methods: route.methods,
      headers: headerConditions(route.headers),
      upstream: route.to,
      canary: route.canary?.to,
      policy: compileRoutePolicy(route, defaults, names),
    })),
  );
  return table.ordered.map(({ name, host, path, methods, headers, upstream, canary, policy }) => {
    const methodsOrAny = methods ?? 'any';
    return {
      name,
      host,
      path,
      methods: methodsOrAny,
      headers: describeConditions(headers),
      auth: policy.auth,
      upstream,
      canary,
      requires: requirementsOf(policy),
    };
  });
}

function requirementsOf({
  issuers,
  scopes,
  roles,
  claims,
  conditions,
  policyService,
  senderConstrained,
}: CompiledPolicy): RouteRequirements {
  return {
    ...(issuers === undefined ? {} : { issuers }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(roles === undefined ? {} : { roles }),
    ...(claims.length === 0 ? {} : { claims: Object.fromEntries(claims.map(({ text, value }) => [text, value])) }),
    ...(senderConstrained === undefined ? {} : { senderConstrained }),
    ...(conditions.length === 0 ? {} : { when: conditions.map(({ text }) => text) }),
    ...(policyService === undefined ? {} : { policyService: true }),
  };
}
