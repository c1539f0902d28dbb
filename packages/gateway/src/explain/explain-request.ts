/**
 * Why a request would be let through or refused, rule by rule, without sending it: path, headers and route as the gateway finds them,
 * the decision as `explain` of `@sealgate/guard` tells it, and the identity that would be passed on.
 *
 * Rate limits, sizes and the upstream are not asked: they depend on other requests. The explanation holds no token and nothing of a token that
 * was not verified.
 */
import {
  decisionRules,
  explain,
  type CompiledPolicy,
  type DecisionRule,
  type RequestFacts,
  type TraceStep,
  type TrustedIssuers,
} from '@sealgate/guard';
import type { CompiledRoute, Runtime } from '../config/compile.ts';
import { canonicalTarget, type PathFault } from '../request/canonical-path.ts';
import { readHeaderFields } from '../request/header-fields.ts';
import { hostName } from '../request/host-name.ts';
import { GATEWAY_ANSWERS, type AnswerCode } from '../server/answers.ts';
import { describeCondition } from '../routing/header-match.ts';
import { summarizeRoute, type RouteSummary } from '../routing/route-summary.ts';
import { parseAskedRequest } from './asked-request.ts';

/** The gateway's own rules, around those of the decision. */
export type ExplainedRule = 'path' | 'headers' | 'route' | DecisionRule | 'identity';

export interface ExplainedStep extends Omit<TraceStep, 'rule'> {
  readonly rule: ExplainedRule;
}

export interface ExplainedRequest {
  readonly method: string;
  /** Canonical, without the query: what routes are matched against. As it was asked where it has no one reading. */
  readonly path: string;
  /** Null where no route answers. */
  readonly route: RouteSummary | null;
  readonly allow: boolean;
  /** Status and public code that the client would get; absent where the request would be forwarded. */
  readonly status?: number;
  readonly code?: string;
  /** Every rule that was applied, in order. The first that failed decided; those after it say what else is in the way. */
  readonly steps: readonly ExplainedStep[];
  /** What would have to change for the request to pass, one sentence for each failed rule; empty when it passes. */
  readonly changes: readonly string[];
  /** Rules that were not applied, as what they need was not there. */
  readonly notReached: readonly ExplainedRule[];
}

const PATH_FAULTS: Readonly<Record<PathFault, string>> = {
  not_origin_form: 'the path does not begin with "/"',
  empty_segment: 'the path has an empty segment ("//")',
  dot_segment: 'the path has a segment "." or ".."',
  forbidden_character: 'the path has a character that must not stand there, such as a blank, "\\" or ";"',
  malformed_escape: 'the path has a "%" without two hexadecimal digits after it',
  forbidden_escape: 'the path has an escaped delimiter or control character, such as %2F, %5C, %25 or %00',
  invalid_utf8: 'the escapes in the path are not UTF-8',
  forbidden_query_character: 'the query has a character that must be escaped',
};

export interface ExplainParts {
  readonly runtime: Runtime;
  readonly trust: TrustedIssuers;
  readonly nowSeconds: number;
}

/** @throws {GatewayError} `explain_invalid`. */
export async function explainRequest(asked: unknown, parts: ExplainParts): Promise<ExplainedRequest> {
  const { token, method, url, headers } = parseAskedRequest(asked);
  const { runtime } = parts;
  const { scheme, authority, target } = splitUrl(url);
  const canonical = canonicalTarget(target);
  if (!canonical.ok) {
    const change = 'send the path in the one form that has one reading';
    const step = failed('path', PATH_FAULTS[canonical.fault], 'RFC 3986 section 6.2.2', change);
    return refusedBefore(method, target, step, 'path_ambiguous', ['headers', 'route', ...decisionRules, 'identity']);
  }
  const { path } = canonical;
  const rawHeaders = rawHeadersOf(headers, token, authority);
  const fields = readHeaderFields(rawHeaders, runtime.headerRules);
  const pathStep = passed('path', 'the path has one reading, and it is the one that is forwarded');
  if (fields.fault !== undefined) {
    const why = `the headers contradict themselves: ${fields.fault.replaceAll('_', ' ')}`;
    const step = failed('headers', why, 'RFC 9112', 'send each of these headers once, and well formed');
    const rest: ExplainedRule[] = ['route', ...decisionRules, 'identity'];
    const refused = refusedBefore(method, path, step, 'header_malformed', rest);
    return { ...refused, steps: [pathStep, ...refused.steps] };
  }
  const host = fields.host ?? '';
  const facts: RequestFacts = {
    method,
    path,
    query: canonical.target.slice(path.length + 1),
    authorization: fields.authorization,
    cookie: fields.cookie,
    nowSeconds: parts.nowSeconds,
    rawHeaders,
    scheme,
    host,
  };
  const match = runtime.routes.find(hostName(host), path, method, fields.passed);
  if (match.kind === 'route') return explainRoute(match.route, facts, pathStep, parts);
  const allowed = match.kind === 'no_method' ? match.allowed.join(', ') : undefined;
  const why = allowed === undefined ? 'no route has this path' : `routes at this path take ${allowed}`;
  const change =
    allowed === undefined ? 'call a path that a route has, or add a route' : `use one of the methods ${allowed}`;
  const step = failed('route', why, 'what no route names is refused', change);
  const code = allowed === undefined ? 'not_found' : 'method_not_allowed';
  return explainUnmatched(runtime.unmatched.policy, facts, [pathStep, step], code, parts);
}

async function explainRoute(
  route: CompiledRoute,
  facts: RequestFacts,
  pathStep: ExplainedStep,
  { trust }: ExplainParts,
): Promise<ExplainedRequest> {
  const { principal, steps, ...decision } = await explain(facts, route.policy, trust);
  const request = { method: facts.method, path: facts.path, route: summarizeRoute(route) };
  const before = [pathStep, passed('route', `the route is "${route.name}"${byHeaders(route)}`), ...steps];
  if (!decision.allow) return { ...request, ...decision, steps: before };
  const identity = principal === undefined ? undefined : principal.derive(route.identity);
  if (identity === undefined) return { ...request, ...decision, steps: before };
  if ('unsendable' in identity) {
    const why = `the claim for the header ${identity.unsendable} cannot be written as a header`;
    const step = failed('identity', why, 'identity.headers of the route', 'map this header to another claim');
    const { changes, notReached } = decision;
    return {
      ...request,
      ...answer('identity_unsendable'),
      steps: [...before, step],
      changes: [...changes, why],
      notReached,
    };
  }
  const told = `the upstream "${route.upstream.name}" is told who calls`;
  return { ...request, ...decision, steps: [...before, passed('identity', told)] };
}

function byHeaders({ headers }: CompiledRoute): string {
  return headers.length === 0 ? '' : `, chosen by ${headers.map(describeCondition).join(', ')}`;
}

/** Without a valid token, what no route answers looks like everything else: the token is judged all the same. */
async function explainUnmatched(
  policy: CompiledPolicy | undefined,
  facts: RequestFacts,
  before: readonly ExplainedStep[],
  code: AnswerCode,
  { trust }: ExplainParts,
): Promise<ExplainedRequest> {
  const request = { method: facts.method, path: facts.path, route: null };
  const routeChanges = before.flatMap(({ change }) => change ?? []);
  if (policy === undefined)
    return { ...request, ...answer(code), steps: before, changes: routeChanges, notReached: [] };
  const { principal: _caller, ...decision } = await explain(facts, policy, trust);
  return {
    ...request,
    ...decision,
    ...(decision.allow ? answer(code) : {}),
    steps: [...before, ...decision.steps],
    changes: [...routeChanges, ...decision.changes],
  };
}

const passed = (rule: ExplainedRule, why: string): ExplainedStep => ({ rule, passed: true, why });

const failed = (rule: ExplainedRule, why: string, source: string, change: string): ExplainedStep => ({
  rule,
  passed: false,
  why,
  source,
  change,
});

const answer = (code: AnswerCode) => ({ allow: false, status: GATEWAY_ANSWERS[code][0], code }) as const;

function refusedBefore(
  method: string,
  path: string,
  step: ExplainedStep,
  code: AnswerCode,
  notReached: readonly ExplainedRule[],
): ExplainedRequest {
  const changes = step.change === undefined ? [] : [step.change];
  return { method, path, route: null, ...answer(code), steps: [step], changes, notReached };
}

/** Nothing is normalised: the path is judged as it was written. */
function splitUrl(url: string): { scheme: 'http' | 'https'; authority: string | undefined; target: string } {
  const [, scheme = 'http', authority, rest] = /^(https?):\/\/([^/?]+)(.*)$/isu.exec(url) ?? [];
  if (authority === undefined) return { scheme: 'http', authority, target: url };
  const target = rest?.startsWith('/') === true ? rest : `/${rest ?? ''}`;
  return { scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', authority, target };
}

/** As Node would give them. A token beside an `Authorization` header is two, and refused as such. */
function rawHeadersOf(
  headers: Readonly<Record<string, string>>,
  token: string | undefined,
  authority: string | undefined,
): string[] {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const raw = Object.entries(headers).flat();
  if (authority !== undefined && !names.has('host')) raw.push('Host', authority);
  if (token !== undefined) raw.push('Authorization', `${names.has('dpop') ? 'DPoP' : 'Bearer'} ${token}`);
  return raw;
}
