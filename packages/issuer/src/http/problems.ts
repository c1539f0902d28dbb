/**
 * Failures of the first-party endpoints as they answer them: problem details (RFC 9457) with a stable `code`. What the client may
 * know and no more; the reason stands in the log.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, problem } from '@sealgate/service';
import { GrantError, type GrantErrorCode } from '../grants/grant-error.ts';
import { TooManyAttempts } from '../limits/attempt-limits.ts';
import type { IssuerParts } from './context.ts';
import { recordFailedClient } from './failed-client.ts';
import { frameworkFault } from './framework-faults.ts';
import { BodyError } from './json-body.ts';

/** Every code of the first-party endpoints, with its status. `docs/errors.md` is made from this table. */
export const FIRST_PARTY_CODES = {
  invalid_request: { status: 400, title: 'The request is malformed; the detail says where.' },
  invalid_credentials: { status: 401, title: 'The user name or the password is wrong.' },
  invalid_client: { status: 401, title: 'The client is unknown or did not prove itself.' },
  invalid_grant: {
    status: 400,
    title: 'The refresh token is invalid, expired, revoked or was used before. Log in again.',
  },
  token_missing: { status: 401, title: 'An access token is needed.' },
  invalid_token: { status: 401, title: 'The access token is invalid or expired.' },
  insufficient_scope: {
    status: 403,
    title:
      'The access token does not allow this: it lacks the scope, its user the role, or the matter is another tenant’s.',
  },
  cross_site_request: { status: 403, title: 'Cookies count only with requests of the same origin’s pages.' },
  unauthorized_client: { status: 403, title: 'The client may not do this.' },
  unsupported_grant_type: { status: 400, title: 'There is no such grant.' },
  invalid_scope: { status: 400, title: 'The scope is malformed, or more than may be had.' },
  invalid_target: { status: 400, title: 'The resource is not one of this client.' },
  invalid_dpop_proof: {
    status: 400,
    title: 'The DPoP proof is missing, malformed, too old, used before or for another request.',
  },
  transport_unsuitable: {
    status: 400,
    title: 'Tokens that are bound to a DPoP key cannot come as cookies: ask for them in the body.',
  },
  use_dpop_nonce: { status: 400, title: 'Make the DPoP proof with the nonce of the header DPoP-Nonce.' },
  unknown_connection: { status: 404, title: 'No feed connection has this id. Open the feed again.' },
  too_many_attempts: { status: 429, title: 'Too many attempts. Try again after the time that retry-after says.' },
  temporarily_unavailable: { status: 503, title: 'Too much to do. Try again after the time that retry-after says.' },
  password_unacceptable: { status: 400, title: 'The new password is not acceptable; the detail says why.' },
  reset_token_invalid: { status: 400, title: 'The link was used, is too old, or never was. Ask for another.' },
  request_aborted: { status: 400, title: 'The connection ended before the body did. Seen in logs and metrics alone.' },
  media_type_unsupported: { status: 415, title: 'The endpoint does not take a body of this content-type.' },
  body_too_large: { status: 413, title: 'The body is larger than the endpoint takes.' },
  conflict: { status: 409, title: 'The state of things does not allow it; the detail says what stands in the way.' },
  precondition_failed: { status: 412, title: 'The record is not as it was when it was read: read it again.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, title: 'The path takes another method; `allow` says which.' },
  server_error: { status: 500, title: 'The request failed through no fault of its own.' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type FirstPartyCode = keyof typeof FIRST_PARTY_CODES;

/** A refusal with a code of the table. */
export class FirstPartyError extends Error {
  override readonly name = 'FirstPartyError';
  readonly code: FirstPartyCode;
  /** Value of `WWW-Authenticate`, which every 401 has (RFC 9110 section 15.5.2). */
  readonly challenge: string | undefined;
  readonly reason: string | undefined;

  constructor(code: FirstPartyCode, detail: string, options: { challenge?: string; reason?: string | undefined } = {}) {
    super(detail);
    this.code = code;
    this.challenge = options.challenge;
    this.reason = options.reason;
  }
}

/** Makes the error handler of the first-party endpoints. */
export function problemErrorHandler({ logger, events, audit }: IssuerParts) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { code, detail, challenge, reason } = describe(error, request);
    if (code === 'server_error') logger.error({ err: error, request_id: request.id }, 'a request failed');
    else events.refused(request.routeOptions.url ?? '', code, reason, request.id);
    recordFailedClient(audit, logger, error, request);
    if (error instanceof TooManyAttempts) reply.header('retry-after', String(error.retryAfterSeconds));
    sendProblem(request, reply, code, detail, challenge);
  };
}

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: FirstPartyCode,
  detail: string,
  challenge?: string,
): void {
  const { status } = FIRST_PARTY_CODES[code];
  reply.header('cache-control', 'no-store');
  if (status === 401 || challenge !== undefined) {
    reply.header('www-authenticate', challenge ?? 'Bearer realm="sealgate"');
  }
  if (status === 503) reply.header('retry-after', '1');
  const body = problem({ status, code, detail, requestId: request.id });
  reply.code(status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
}

interface Description {
  readonly code: FirstPartyCode;
  readonly detail: string;
  readonly challenge?: string | undefined;
  readonly reason?: string | undefined;
}

function describe(error: unknown, request: FastifyRequest): Description {
  if (error instanceof FirstPartyError) {
    return { code: error.code, detail: error.message, challenge: error.challenge, reason: error.reason };
  }
  if (error instanceof TooManyAttempts) {
    return { code: 'too_many_attempts', detail: error.message, reason: `limited_by_${error.kind}` };
  }
  if (error instanceof GrantError) return describeGrantError(error, request);
  if (error instanceof BodyError) return { code: 'invalid_request', detail: error.message, reason: error.fault };
  const fault = frameworkFault(error, request);
  if (fault !== undefined) return { code: isCode(fault.code) ? fault.code : 'invalid_request', detail: fault.detail };
  return { code: 'server_error', detail: 'the request failed; the log says why under its request id' };
}

function describeGrantError(error: GrantError, request: FastifyRequest): Description {
  const code: GrantErrorCode = error.code;
  const isLogin = request.routeOptions.url?.endsWith('/v1/login') === true;
  if (code === 'invalid_grant' && isLogin)
    return { code: 'invalid_credentials', detail: error.message, reason: error.reason };
  const challenge = code === 'invalid_client' ? 'Basic realm="sealgate", charset="UTF-8"' : undefined;
  return { code, detail: error.message, challenge, reason: error.reason };
}

function isCode(code: string): code is FirstPartyCode {
  return Object.hasOwn(FIRST_PARTY_CODES, code);
}
