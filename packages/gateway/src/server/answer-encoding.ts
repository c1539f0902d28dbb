/**
 * How the gateway's own answers are written for the client that asked: problem details (RFC 9457), or for a gRPC call the status that
 * its library understands, in a response of trailers only (gRPC over HTTP/2, "Responses").
 */

const GRPC = /^application\/grpc(?:\+[a-z0-9.+-]+)?(?:\s*;|$)/u;

/** `grpc-status` by HTTP status. */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED
  405: 12,
  408: 4, // DEADLINE_EXCEEDED
  413: 8, // RESOURCE_EXHAUSTED
  429: 8,
  431: 8,
  500: 13, // INTERNAL
  502: 14, // UNAVAILABLE
  503: 14,
  504: 4,
};
const UNKNOWN = 2;

/** @param fields - Of the request: name, value, name, value. */
export function isGrpc(fields: readonly string[]): boolean {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] === 'content-type') return GRPC.test(fields[index + 1]!);
  }
  return false;
}

/** Fields of the trailers-only response, sent with status 200. */
export function grpcFields(status: number, code: string): string[] {
  return [
    'content-type',
    'application/grpc',
    'grpc-status',
    String(GRPC_STATUS[status] ?? UNKNOWN),
    // Codes are of letters and "_": nothing to encode.
    'grpc-message',
    code,
  ];
}
