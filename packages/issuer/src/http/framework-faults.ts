/** What the HTTP framework refuses by itself (media type, size, length), in our words. */
import type { FastifyRequest } from 'fastify';

export interface FrameworkFault {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const FAULTS: Readonly<Record<string, FrameworkFault>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'media_type_unsupported',
    detail: 'this endpoint does not take a body of this content-type',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', detail: 'the body is too large' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'invalid_request',
    detail: 'the body does not have the length it says',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'invalid_request', detail: 'the body is empty' },
  FST_ERR_BAD_URL: { status: 400, code: 'invalid_request', detail: 'the path is not valid' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 404, code: 'not_found', detail: 'there is nothing here' },
};

/** Told to the log alone: nobody is there to read the answer. */
const ABORTED: FrameworkFault = {
  status: 400,
  code: 'request_aborted',
  detail: 'the connection ended before the body did',
};

/** The fault, or `undefined` for errors that are not the framework's. */
export function frameworkFault(error: unknown, { raw }: FastifyRequest): FrameworkFault | undefined {
  if (error !== null && error === raw.errored) return ABORTED;
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  const known = FAULTS[error.code];
  if (known !== undefined) return known;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  const isClients = error.code.startsWith('FST_ERR_') && status >= 400 && status < 500;
  return isClients ? { status, code: 'invalid_request', detail: 'the request is not valid' } : undefined;
}
