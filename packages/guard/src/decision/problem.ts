/** The body of a refusal: RFC 9457 problem details, and the header fields that go with it. */
import { STATUS_CODES } from 'node:http';
import { VERDICT_CODES, type GuardCode } from './verdict-codes.ts';
import type { Denied } from './verdict.ts';

/** `application/problem+json`. `code` says it all, so `type` is `about:blank` and `title` the status phrase (RFC 9457 section 4.2.1). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: GuardCode;
  readonly detail: string;
  readonly request_id?: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problemOf(denied: Denied, requestId?: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[denied.status] ?? 'Error',
    status: denied.status,
    code: denied.code,
    detail: VERDICT_CODES[denied.code].detail,
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}

/** Header fields of a refusal, lower case. */
export function denialHeaders(denied: Denied): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' };
  if (denied.challenge !== undefined) headers['www-authenticate'] = denied.challenge;
  if (denied.retryAfterSeconds !== undefined) headers['retry-after'] = String(denied.retryAfterSeconds);
  if (denied.dpopNonce !== undefined) headers['dpop-nonce'] = denied.dpopNonce;
  return headers;
}
