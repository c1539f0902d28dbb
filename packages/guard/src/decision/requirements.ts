/** The last rules of a decision: scopes, roles and claims of a principal against a policy. Pure. */
import { isJsonEqual } from '../json.ts';
import { readPointer } from './json-pointer.ts';
import type { CompiledPolicy, CompiledRequirement } from './policy.ts';
import type { Principal } from './principal.ts';
import type { DecisionTrace } from './trace.ts';
import type { GuardCode } from './verdict-codes.ts';

/** The first requirement the principal does not meet, or undefined. With a trace the others are judged too. */
export function findUnmet(principal: Principal, policy: CompiledPolicy, trace?: DecisionTrace): GuardCode | undefined {
  let unmet: GuardCode | undefined;
  if (policy.scopes !== undefined) {
    const held = holds(policy.scopes, principal.scopes);
    trace?.add(
      'scopes',
      held,
      describe(policy.scopes, principal.scopes),
      'RFC 6750 section 3.1',
      lacking('scope', policy.scopes, principal.scopes),
    );
    if (!held) unmet = 'insufficient_scope';
    if (!held && trace === undefined) return unmet;
  }
  if (policy.roles !== undefined) {
    const held = holds(policy.roles, principal.roles);
    trace?.add(
      'roles',
      held,
      describe(policy.roles, principal.roles),
      undefined,
      lacking('role', policy.roles, principal.roles),
    );
    if (!held) unmet ??= 'insufficient_role';
    if (!held && trace === undefined) return unmet;
  }
  for (const { text, pointer, value } of policy.claims) {
    const held = isJsonEqual(value, readPointer(principal.claims, pointer));
    trace?.add(
      'claims',
      held,
      `needs ${text} = ${JSON.stringify(value)}`,
      undefined,
      `the issuer must set ${text} to ${JSON.stringify(value)}`,
    );
    if (!held) unmet ??= 'insufficient_claims';
    if (!held && trace === undefined) return unmet;
  }
  return unmet;
}

function holds(required: CompiledRequirement, actual: readonly string[]): boolean {
  for (const name of required.all) if (!actual.includes(name)) return false;
  if (required.any.length === 0) return true;
  for (const name of required.any) if (actual.includes(name)) return true;
  return false;
}

function describe({ all, any }: CompiledRequirement, actual: readonly string[]): string {
  const needs: string[] = [];
  if (all.length > 0) needs.push(`all of [${all.join(', ')}]`);
  if (any.length > 0) needs.push(`any of [${any.join(', ')}]`);
  return `needs ${needs.join(' and ')}; the token has [${actual.join(', ')}]`;
}

/** What the token would need besides. */
function lacking(what: string, { all, any }: CompiledRequirement, actual: readonly string[]): string {
  const missing = all.filter((name) => !actual.includes(name)).map((name) => `the ${what} "${name}"`);
  if (any.length > 0 && !any.some((name) => actual.includes(name))) {
    missing.push(
      any.length === 1 ? `the ${what} "${any[0]}"` : `a ${what} of ${any.map((name) => `"${name}"`).join(', ')}`,
    );
  }
  return `the token needs ${missing.join(' and ')}`;
}
