/** The device behind a request, as far as the request says. */
import type { FastifyRequest } from 'fastify';
import { describeDevice, type Device } from '../sessions/device.ts';

export function deviceOf(request: FastifyRequest): Device {
  return describeDevice(request.ip, request.headers['user-agent']);
}
