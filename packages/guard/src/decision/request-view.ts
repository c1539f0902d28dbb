/**
 * What conditions see of a request: method, path, headers and query, read only when they are asked for.
 *
 * Credentials are not among the headers: a condition has the claims, and what it is given may end up in a trace or at a policy
 * service. A query that names a parameter twice has no single answer, and gives an error instead (so the request is refused),
 * because the service behind may take the other one.
 */
import type { RequestFacts } from './verdict.ts';

const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'dpop', 'proxy-authorization']);

export class RequestView {
  readonly #facts: RequestFacts;
  #headers: ReadonlyMap<string, string> | undefined;
  #query: ReadonlyMap<string, string> | undefined;

  constructor(facts: RequestFacts) {
    this.#facts = facts;
  }

  get method(): string {
    return this.#facts.method;
  }

  get path(): string {
    return this.#facts.path;
  }

  /** Names in lower case; repeated ones joined by ", " (RFC 9110 section 5.3). */
  get headers(): ReadonlyMap<string, string> {
    return (this.#headers ??= readHeaders(this.#facts.rawHeaders ?? []));
  }

  /** @throws {TypeError} if a parameter is named twice. */
  get query(): ReadonlyMap<string, string> {
    return (this.#query ??= readQuery(this.#facts.query ?? ''));
  }
}

function readHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (CREDENTIALS.has(name)) continue;
    const value = rawHeaders[at + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function readQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (query.has(name)) throw new TypeError('the query names a parameter twice');
    query.set(name, value);
  }
  return query;
}
