/**
 * What is allowed in a configuration, and probably not meant: routes that are chosen by a header and ask for less than what answers without it. A
 * header is the client's word, so that whoever may not pass there only has to send it.
 */
import type { CompiledPolicy, CompiledRequirement, SenderConstraint } from '@sealgate/guard';
import { isDeepStrictEqual } from 'node:util';
import { describeCondition } from '../routing/header-match.ts';
import { covers, parsePattern } from '../routing/pattern.ts';
import { RouteTable, type Routable } from '../routing/route-table.ts';
import { headerConditions } from './header-match-schema.ts';
import { routeName } from './route-name.ts';
import { compileRoutePolicy } from './route-policy.ts';
import type { GatewayConfig } from './schema.ts';

export interface ConfigWarning {
  /** Where in the section `gateway`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Judged extends Routable {
  readonly index: number;
  readonly policy: CompiledPolicy;
  readonly access: unknown;
}

/** @param config - Parsed: nothing in it is an error. */
export function configWarnings({ routes, defaults, issuers }: GatewayConfig): readonly ConfigWarning[] {
  if (routes.every(({ headers }) => headers === undefined)) return [];
  const names = Object.keys(issuers);
  const { ordered } = new RouteTable<Judged>(
    routes.map((route, index) => ({
      index,
      name: routeName(route),
      host: route.host,
      path: route.path,
      methods: route.methods,
      headers: headerConditions(route.headers),
      policy: compileRoutePolicy(route, defaults, names),
      access: route.access,
    })),
  );
  return ordered.flatMap((route) => {
    if (route.headers.length === 0) return [];
    const answering = ordered.filter((candidate) => answersWithout(candidate, route));
    // Of several patterns the most specific answers, by one route for each method.
    const others = answering.filter(({ host, path }) => host === answering[0]?.host && path === answering[0]?.path);
    const headers = route.headers.map(describeCondition).join(', ');
    return others.flatMap((other) => {
      const missing = whatIsMissing(route, other);
      if (missing.length === 0) return [];
      const message = `"${route.name}" asks for less than "${other.name}", and any client can send ${headers}; what is missing: ${missing.join(', ')}`;
      return [{ path: ['routes', route.index], message }];
    });
  });
}

/** Whether `other` answers, without the headers, some of what `route` answers with them. */
function answersWithout(other: Judged, route: Judged): boolean {
  if (other.headers.length > 0) return false;
  if (other.host !== undefined && other.host !== route.host) return false;
  const { methods } = other;
  if (methods !== undefined && route.methods?.some((method) => methods.includes(method)) === false) return false;
  const [outer, inner] = [parsePattern(other.path), parsePattern(route.path)];
  return typeof outer === 'object' && typeof inner === 'object' && covers(outer, inner);
}

const AUTH = ['none', 'optional', 'required'] as const;
const ON_STALE = ['allow', 'introspect', 'deny'] as const;

function whatIsMissing(route: Judged, other: Judged): string[] {
  const [given, wanted] = [route.policy, other.policy];
  const isWeaker = (what: string, isSo: boolean): string[] => (isSo ? [what] : []);
  if (AUTH.indexOf(given.auth) < AUTH.indexOf(wanted.auth)) return [`\`auth: ${wanted.auth}\``];
  const claimsLost = wanted.claims.some(
    ({ text, value }) => !given.claims.some((claim) => claim.text === text && isDeepStrictEqual(claim.value, value)),
  );
  const conditions = new Set(given.conditions.map(({ text }) => text));
  return [
    ...isWeaker('scopes', isLooser(given.scopes, wanted.scopes)),
    ...isWeaker('roles', isLooser(given.roles, wanted.roles)),
    ...isWeaker('claims', claimsLost),
    ...isWeaker(
      '`when`',
      wanted.conditions.some(({ text }) => !conditions.has(text)),
    ),
    ...isWeaker('`opa`', wanted.policyService !== undefined && given.policyService === undefined),
    ...isWeaker('`senderConstrained`', isLooselyBound(given.senderConstrained, wanted.senderConstrained)),
    ...isWeaker('issuers', wanted.issuers !== undefined && !isWithin(given.issuers, wanted.issuers)),
    ...isWeaker('`access`', other.access !== undefined && !isDeepStrictEqual(route.access, other.access)),
    ...isWeaker(
      '`onStale`',
      given.onStale !== undefined && ON_STALE.indexOf(given.onStale) < ON_STALE.indexOf(wanted.onStale ?? 'deny'),
    ),
  ];
}

/** Whether something could meet `given` that does not meet `wanted`. */
function isLooser(given: CompiledRequirement | undefined, wanted: CompiledRequirement | undefined): boolean {
  if (wanted === undefined) return false;
  const { all = [], any = [] } = given ?? {};
  if (!isWithin(wanted.all, all)) return true;
  if (wanted.any.length === 0 || wanted.any.some((name) => all.includes(name))) return false;
  return any.length === 0 || !isWithin(any, wanted.any);
}

const isLooselyBound = (given: SenderConstraint | undefined, wanted: SenderConstraint | undefined): boolean =>
  wanted !== undefined && given !== wanted && (given === undefined || wanted !== 'any');

const isWithin = (names: readonly string[] | undefined, all: readonly string[]): boolean =>
  names?.every((name) => all.includes(name)) === true;
