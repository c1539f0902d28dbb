/** An answer that holds tokens: JSON that nobody may keep (RFC 6749 section 5.1). */
import type { FastifyReply } from 'fastify';
import type { TokenResponse } from '../grants/token-response.ts';

export function sendToken(reply: FastifyReply, response: Omit<TokenResponse, 'access_token'>): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(response));
}
