/**
 * Error answers for HTTP APIs: problem details (RFC 9457). The body says what the client may know, by a stable `code`; the reason why, in
 * an operator's words, stands in the log under the same `request_id`.
 */
import { STATUS_CODES } from 'node:http';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface ProblemDetails {
  /** `about:blank`: the code says it all (RFC 9457 section 4.2.1), unless a page describes the problem. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable and documented; what programs branch on. */
  readonly code: string;
  readonly detail: string;
  readonly request_id?: string;
  readonly [extension: string]: unknown;
}

export interface ProblemInput {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  readonly code: string;
  /** One sentence for the client's developer. No value from the request. */
  readonly detail: string;
  readonly requestId?: string | undefined;
  readonly type?: string;
  /** Further members (RFC 9457 section 3.2); they cannot replace the standard ones. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The body; its title is the status phrase. */
export function problem({
  status,
  code,
  detail,
  requestId,
  type = 'about:blank',
  extensions,
}: ProblemInput): ProblemDetails {
  return {
    ...extensions,
    type,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}
