/**
 * What a route asks of a token, and its compiled form.
 *
 * Compiled once, when a route is set up: names are checked, pointers parsed and every refusal prepared, so that a request
 * costs comparisons only. A member that is not known is an error: a policy whose `scope` was meant to be `scopes` would
 * otherwise admit everybody (ATTACKS.md G13).
 */
import { GuardError } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { assertChallengeText, prepareDenials, type Denials } from './challenge.ts';
import { compileCondition, type Condition } from './condition.ts';
import { parseJsonPointer, type JsonPointer } from './json-pointer.ts';
import type { PolicyService } from './policy-service.ts';
import type { SenderConstraint } from './sender-proof.ts';

/** What to do with a token when the issuer has not been heard of for too long. */
export type OnStale = 'deny' | 'introspect' | 'allow';

/** A plain list means `all`. Both parts may be given, and both must then hold. */
export type Requirement = readonly string[] | { readonly all?: readonly string[]; readonly any?: readonly string[] };

export interface RoutePolicy {
  /**
   * `required` (default): a valid token. `optional`: a valid token or no credentials at all; an invalid token is refused.
   * `none`: tokens are not looked at.
   */
  readonly auth?: 'required' | 'optional' | 'none';
  /** Names of the issuers whose tokens count here; every issuer of the trust when absent. */
  readonly issuers?: readonly string[];
  readonly scopes?: Requirement;
  readonly roles?: Requirement;
  /** JSON Pointer to the exact value it must have: `{ '/tenant': 'acme' }`. */
  readonly claims?: Readonly<Record<string, JsonValue>>;
  /**
   * A condition in the Common Expression Language over `claims` and `request` (`method`, `path`, `headers`, `query`); of several, all
   * must hold. Where `auth` is `optional`, a request without a token is judged with no claims.
   */
  readonly when?: string | readonly string[];
  /** Asked last, when everything else holds. Where `auth` is `optional`, also about requests without a token. */
  readonly policyService?: PolicyService;
  /**
   * Takes only tokens that are bound to a key of their sender: by DPoP (RFC 9449), by a client certificate (RFC 8705), or by either. Whatever is asked
   * for, the binding of a token that has one must be proven.
   */
  readonly senderConstrained?: SenderConstraint;
  /** Overrides the issuer's `revocation.onStale` for this route. */
  readonly onStale?: OnStale;
  /**
   * Name of a cookie that may carry the token instead of `Authorization`. With unsafe methods and WebSockets it counts only where the browser
   * says that a page of the same origin sent it.
   */
  readonly cookie?: string;
  /** Other origins whose pages may send that cookie too, such as `https://app.acme.test`. */
  readonly cookieOrigins?: readonly string[];
  /** `realm` of the challenge. Default `api`. */
  readonly realm?: string;
  /** URL of the protected resource metadata, for the challenge (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string;
}

/** A requirement taken apart; both lists must hold, an empty one holds. */
export interface CompiledRequirement {
  readonly all: readonly string[];
  readonly any: readonly string[];
}

export interface ClaimRequirement {
  /** As it was written, for traces. */
  readonly text: string;
  readonly pointer: JsonPointer;
  readonly value: JsonValue;
}

/** Made by {@link compilePolicy} only. */
export interface CompiledPolicy {
  readonly auth: 'required' | 'optional' | 'none';
  readonly issuers: readonly string[] | undefined;
  readonly scopes: CompiledRequirement | undefined;
  readonly roles: CompiledRequirement | undefined;
  readonly claims: readonly ClaimRequirement[];
  readonly conditions: readonly Condition[];
  readonly policyService: PolicyService | undefined;
  readonly senderConstrained: SenderConstraint | undefined;
  readonly onStale: OnStale | undefined;
  readonly cookie: string | undefined;
  readonly cookieOrigins: readonly string[];
  readonly denials: Denials;
}

const MEMBERS: ReadonlySet<string> = new Set([
  'auth',
  'issuers',
  'scopes',
  'roles',
  'claims',
  'when',
  'policyService',
  'senderConstrained',
  'onStale',
  'cookie',
  'cookieOrigins',
  'realm',
  'resourceMetadata',
] satisfies (keyof RoutePolicy)[]);

/** RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** RFC 6265 section 4.1.1. */
const COOKIE_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * @param knownIssuers - Names that `issuers` may use; unchecked when absent.
 * @throws {GuardError} `policy_invalid` with the member's path; `issuer_unknown`.
 */
export function compilePolicy(policy: RoutePolicy, knownIssuers?: Iterable<string>): CompiledPolicy {
  for (const member of Object.keys(policy)) {
    if (!MEMBERS.has(member)) invalid(member, `is not a member of a policy; known are ${[...MEMBERS].join(', ')}`);
  }
  const auth = oneOf(policy.auth ?? 'required', ['required', 'optional', 'none'], 'auth');
  const onStale =
    policy.onStale === undefined ? undefined : oneOf(policy.onStale, ['deny', 'introspect', 'allow'], 'onStale');
  const scopes = compileRequirement(policy.scopes, 'scopes');
  for (const scope of [...(scopes?.all ?? []), ...(scopes?.any ?? [])]) {
    if (!SCOPE_TOKEN.test(scope)) invalid('scopes', `"${scope}" cannot be a scope (RFC 6749 section 3.3)`);
  }
  const roles = compileRequirement(policy.roles, 'roles');
  const claims = Object.entries(policy.claims ?? {}).map(([text, value]) => ({
    text,
    pointer: parseJsonPointer(text, `claims.${text}`),
    value,
  }));
  const texts = typeof policy.when === 'string' ? [policy.when] : (policy.when ?? []);
  const conditions = texts.map((text) => compileCondition(text, 'when'));
  if (auth === 'none' && (conditions.length > 0 || policy.policyService !== undefined)) {
    invalid('auth', '"none" judges nothing, so neither a condition nor a policy service can be asked');
  }
  if (auth === 'none' && (scopes !== undefined || roles !== undefined || claims.length > 0)) {
    invalid('auth', '"none" looks at no token, so scopes, roles and claims cannot be required');
  }
  if (policy.cookie !== undefined && !COOKIE_NAME.test(policy.cookie)) invalid('cookie', 'is not the name of a cookie');
  const cookieOrigins = policy.cookieOrigins ?? [];
  assertStrings(cookieOrigins, 'cookieOrigins');
  for (const origin of cookieOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      invalid('cookieOrigins', `"${origin}" is no origin`);
  }
  const senderConstrained =
    policy.senderConstrained === undefined
      ? undefined
      : oneOf(policy.senderConstrained, ['dpop', 'mtls', 'any'], 'senderConstrained');
  if (auth === 'none' && senderConstrained !== undefined)
    invalid('auth', '"none" looks at no token, so none can have to be bound');
  const realm = policy.realm ?? 'api';
  assertChallengeText(realm, 'realm');
  if (policy.resourceMetadata !== undefined) assertChallengeText(policy.resourceMetadata, 'resourceMetadata');
  return Object.freeze({
    auth,
    issuers: compileIssuers(policy.issuers, knownIssuers),
    scopes,
    roles,
    claims,
    conditions,
    policyService: policy.policyService,
    senderConstrained,
    onStale,
    cookie: policy.cookie,
    cookieOrigins: Object.freeze([...cookieOrigins]),
    denials: prepareDenials({ realm, resourceMetadata: policy.resourceMetadata, scopes, senderConstrained }),
  });
}

function compileIssuers(names: readonly string[] | undefined, known: Iterable<string> | undefined) {
  if (names === undefined) return undefined;
  assertStrings(names, 'issuers');
  if (names.length === 0)
    invalid('issuers', 'is empty, so that no token could ever pass; leave it out to admit every issuer');
  if (known !== undefined) {
    const all = new Set(known);
    for (const name of names) {
      if (all.has(name)) continue;
      const detail = `"${name}" is not one of the configured issuers (${[...all].join(', ')})`;
      throw new GuardError('issuer_unknown', { path: 'issuers', detail });
    }
  }
  return Object.freeze([...names]);
}

function compileRequirement(requirement: Requirement | undefined, path: string): CompiledRequirement | undefined {
  if (requirement === undefined) return undefined;
  if (isList(requirement)) {
    assertStrings(requirement, path);
    return requirement.length === 0 ? undefined : { all: [...requirement], any: [] };
  }
  if (typeof requirement !== 'object' || requirement === null) invalid(path, 'must be a list, or { all, any }');
  for (const member of Object.keys(requirement)) {
    if (member !== 'all' && member !== 'any') invalid(`${path}.${member}`, 'is not known; use all or any');
  }
  const { all = [], any } = requirement;
  assertStrings(all, `${path}.all`);
  if (any === undefined) return all.length === 0 ? undefined : { all: [...all], any: [] };
  assertStrings(any, `${path}.any`);
  if (any.length === 0) invalid(`${path}.any`, 'is empty, so that no token could ever pass');
  return { all: [...all], any: [...any] };
}

function isList(value: Requirement): value is readonly string[] {
  return Array.isArray(value);
}

function assertStrings(value: unknown, path: string): void {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && item !== '')) {
    invalid(path, 'must be a list of non-empty strings');
  }
}

function oneOf<const Choice extends string>(value: string, choices: readonly Choice[], path: string): Choice {
  const choice = choices.find((candidate) => candidate === value);
  return choice ?? invalid(path, `must be one of ${choices.join(', ')}`);
}

function invalid(path: string, detail: string): never {
  throw new GuardError('policy_invalid', { path, detail });
}
