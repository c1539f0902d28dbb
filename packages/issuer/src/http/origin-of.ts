/** Where a request comes from, as far as it says: for the session's device and for the audit. */
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../audit/event.ts';
import { describeDevice } from '../sessions/device.ts';

export function originOf(request: FastifyRequest): Origin {
  return { ...describeDevice(request.ip, request.headers['user-agent']), requestId: request.id };
}
