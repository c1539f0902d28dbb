/**
 * Asks the gateway that serves this page: its routes, and why it would refuse a request (`GET /routes` and `POST /explain` of its admin port).
 * Reached from one view of the gateway form; `fetch` is handed in. The token goes to this origin, in a body, and nowhere else.
 */
import { scanJson } from './model/json-scan.ts';
import type { JsonNode } from './model/json-scan.ts';
import { member, numberMember, stringMember } from './model/json-value.ts';

export interface Route {
  readonly name: string;
  readonly host: string | undefined;
  readonly path: string;
  /** None: any method. */
  readonly methods: readonly string[];
}

/** A request to ask about. */
export interface Question {
  readonly token: string;
  readonly method: string;
  /** A path, or a whole URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Step {
  readonly rule: string;
  readonly passed: boolean;
  readonly why: string;
  readonly source: string | undefined;
  readonly change: string | undefined;
}

export interface Explained {
  readonly allow: boolean;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly route: string | undefined;
  readonly upstream: string | undefined;
  readonly steps: readonly Step[];
  readonly changes: readonly string[];
  readonly notReached: readonly string[];
}

/** `admin-token`: the port asks for its token. `question`: the gateway says what is wrong with what was asked. */
export type AskFailure =
  | { readonly failure: 'admin-token' | 'network' | 'unreadable' }
  | { readonly failure: 'question'; readonly detail: string };

const TIMEOUT_MS = 15_000;

/** Never rejects. */
export async function askRoutes(adminToken: string, fetcher: typeof fetch): Promise<readonly Route[] | AskFailure> {
  const answer = await ask('../routes', undefined, adminToken, fetcher);
  if ('failure' in answer) return answer;
  if (answer.node?.type !== 'array') return { failure: 'unreadable' };
  return answer.node.items.map((item) => ({
    name: stringMember(item, 'name') ?? '',
    host: stringMember(item, 'host'),
    path: stringMember(item, 'path') ?? '/',
    methods: strings(member(item, 'methods')),
  }));
}

/** Never rejects. */
export async function askWhy(
  { token, ...rest }: Question,
  adminToken: string,
  fetcher: typeof fetch,
): Promise<Explained | AskFailure> {
  const question = token === '' ? rest : { token, ...rest };
  const answer = await ask('../explain', JSON.stringify(question), adminToken, fetcher);
  if ('failure' in answer) return answer;
  const { node } = answer;
  const steps = member(node, 'steps');
  if (steps?.type !== 'array') return { failure: 'unreadable' };
  const route = member(node, 'route');
  return {
    allow: isTrue(member(node, 'allow')),
    status: numberMember(node, 'status'),
    code: stringMember(node, 'code'),
    method: stringMember(node, 'method') ?? '',
    path: stringMember(node, 'path') ?? '',
    route: stringMember(route, 'name'),
    upstream: stringMember(route, 'upstream'),
    steps: steps.items.map((step) => ({
      rule: stringMember(step, 'rule') ?? '',
      passed: isTrue(member(step, 'passed')),
      why: stringMember(step, 'why') ?? '',
      source: stringMember(step, 'source'),
      change: stringMember(step, 'change'),
    })),
    changes: strings(member(node, 'changes')),
    notReached: strings(member(node, 'notReached')),
  };
}

/** A request that a route would answer: its first method, and a path of its pattern. */
export function sampleRequest({ host, path, methods }: Route): Pick<Question, 'method' | 'url'> {
  const plain = path.replace(/\/\*\*$/u, '').replaceAll('*', '1');
  const sample = plain === '' ? '/' : plain;
  const url = host === undefined ? sample : `https://${host.replace(/^\*/u, 'www')}${sample}`;
  return { method: methods[0] ?? 'GET', url };
}

/** Header fields, one a line, as `Name: value`. A line that is none is left out. */
export function parseHeaderLines(text: string): Record<string, string> {
  const entries = text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/u.exec(line) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

async function ask(
  path: string,
  body: string | undefined,
  adminToken: string,
  fetcher: typeof fetch,
): Promise<{ readonly node: JsonNode | undefined } | AskFailure> {
  try {
    const response = await fetcher(path, {
      method: body === undefined ? 'GET' : 'POST',
      body: body ?? null,
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(adminToken === '' ? {} : { authorization: `Bearer ${adminToken}` }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { node } = scanJson(await response.text());
    if (response.ok) return { node };
    if (response.status === 401) return { failure: 'admin-token' };
    return { failure: 'question', detail: stringMember(node, 'detail') ?? `HTTP ${response.status}` };
  } catch {
    return { failure: 'network' };
  }
}

function strings(node: JsonNode | undefined): readonly string[] {
  return node?.type === 'array' ? node.items.flatMap((item) => (item.type === 'string' ? [item.value] : [])) : [];
}

const isTrue = (node: JsonNode | undefined): boolean => node?.type === 'boolean' && node.value;
