/**
 * What a route requires, together with what `defaults` require: both hold. A route can ask for more, never for less; only
 * `auth: none` opens it.
 */
import {
  compilePolicy,
  createOpaService,
  type GuardError,
  type CompiledPolicy,
  type PolicyService,
  type Requirement,
  type SenderConstraint,
} from '@sealgate/guard';
import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../errors.ts';
import type { DefaultsConfig, RequirementConfig, RouteConfig } from './route-schema.ts';

export interface RoutePolicyOptions {
  /** Where the metadata of its protected resource are, for challenges. */
  readonly resourceMetadata?: string | undefined;
  /** Told of each question to a policy service that got no answer. */
  readonly onServiceFailed?: ((error: GuardError) => void) | undefined;
}

/**
 * @param issuers - Names of all configured issuers.
 * @throws {GatewayError} `policy_impossible`. @throws {GuardError} `policy_invalid`, `issuer_unknown`.
 */
export function compileRoutePolicy(
  route: RouteConfig,
  defaults: DefaultsConfig,
  issuers: readonly string[],
  { resourceMetadata, onServiceFailed }: RoutePolicyOptions = {},
): CompiledPolicy {
  if (route.auth === 'none') return compilePolicy({ auth: 'none' });
  const scopes = both(defaults.require?.scopes, route.require?.scopes);
  const roles = both(defaults.require?.roles, route.require?.roles);
  const senderConstrained = bothConstraints(defaults.require?.senderConstrained, route.require?.senderConstrained);
  const when = [defaults.when ?? [], route.when ?? []].flat();
  const opa = route.opa ?? defaults.opa;
  const onStale = route.onStale ?? defaults.onStale;
  const cors = route.cors ?? defaults.cors;
  return compilePolicy(
    {
      auth: route.auth,
      claims: bothClaims(defaults.require?.claims ?? {}, route.require?.claims ?? {}),
      ...(scopes === undefined ? {} : { scopes }),
      ...(roles === undefined ? {} : { roles }),
      ...(route.issuers === undefined ? {} : { issuers: route.issuers }),
      ...(route.cookie === undefined ? {} : { cookie: route.cookie }),
      // Whom browsers may send cookies for, may send the token's.
      ...(cors?.credentials === true ? { cookieOrigins: cors.origins } : {}),
      ...(senderConstrained === undefined ? {} : { senderConstrained }),
      ...(when.length === 0 ? {} : { when }),
      ...(opa === undefined ? {} : { policyService: opaService(opa, onServiceFailed) }),
      ...(onStale === undefined ? {} : { onStale }),
      ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    },
    issuers,
  );
}

/** @throws {GatewayError} `policy_impossible` where one asks for DPoP and the other for a certificate: a policy can name one. */
function bothConstraints(
  left: SenderConstraint | undefined,
  right: SenderConstraint | undefined,
): SenderConstraint | undefined {
  if (left === undefined || left === 'any') return right === undefined ? left : right;
  if (right === undefined || right === 'any' || right === left) return left;
  throw new GatewayError(
    'policy_impossible',
    `\`defaults\` ask for tokens bound by ${left}, the route for ${right}; ask for one of them, or for \`any\``,
  );
}

function opaService(
  { url, timeout, onFailure }: NonNullable<RouteConfig['opa']>,
  onFailed: RoutePolicyOptions['onServiceFailed'] = () => undefined,
): PolicyService {
  return createOpaService({ url, timeoutMs: timeout, onFailure, onFailed });
}

function both(left: RequirementConfig | undefined, right: RequirementConfig | undefined): Requirement | undefined {
  if (left === undefined && right === undefined) return undefined;
  const [first, second] = [parts(left), parts(right)];
  const all = [...new Set([...first.all, ...second.all])];
  const any =
    first.any === undefined || second.any === undefined ? (first.any ?? second.any) : intersect(first.any, second.any);
  return any === undefined ? { all } : { all, any };
}

function parts(requirement: RequirementConfig | undefined): { all: readonly string[]; any: string[] | undefined } {
  if (Array.isArray(requirement)) return { all: requirement, any: undefined };
  return { all: requirement?.all ?? [], any: requirement?.any };
}

/** Whoever is in a part of both lists is in one of each. */
function intersect(left: readonly string[], right: readonly string[]): string[] {
  const shared = left.filter((name) => right.includes(name));
  if (shared.length > 0) return shared;
  const message = `\`any\` of [${right.join(', ')}] and, in defaults, \`any\` of [${left.join(', ')}] have nothing in common`;
  throw new GatewayError('policy_impossible', message);
}

type Claims = NonNullable<NonNullable<RouteConfig['require']>['claims']>;

function bothClaims(defaults: Claims, route: Claims): Claims {
  for (const [pointer, value] of Object.entries(route)) {
    if (!Object.hasOwn(defaults, pointer) || isDeepStrictEqual(defaults[pointer], value)) continue;
    throw new GatewayError(
      'policy_impossible',
      `claim ${pointer} has another value in defaults; no token can have both`,
    );
  }
  return { ...defaults, ...route };
}
