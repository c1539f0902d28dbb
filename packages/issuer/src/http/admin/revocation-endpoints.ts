/** `/admin/v1/revocations`: the log, and what is put into it by hand. */
import type * as z from 'zod';
import type { IssuerAdmin } from '../../admin/admin.ts';
import type { WaitOption } from '../../admin/context.ts';
import type { Confirmation } from '../../revocation/confirmations.ts';
import { FirstPartyError } from '../problems.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { confirmationSchema, newRevocationBody, revocationPageSchema, revocationQuery, waitQuery } from './schemas.ts';
import { waitMs } from './wait.ts';
import { readCursor, wireConfirmation, wirePage } from './wire.ts';

export const REVOCATION_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'listRevocations',
    method: 'GET',
    path: '/revocations',
    summary: 'Records of the revocation log that still hit something, the newest first.',
    query: revocationQuery,
    answer: revocationPageSchema,
    handle: async ({ admin, query: { id, limit, cursor } }) => {
      const page = await admin.listRevocations({ id, after: sequenceOf(cursor), limit });
      return { body: wirePage(page, (record) => ({ ...record })) };
    },
  }),
  endpoint({
    id: 'revoke',
    method: 'POST',
    path: '/revocations',
    summary: 'Revokes. Answers when every connected verifier has confirmed, or when the time to wait is over.',
    query: waitQuery,
    body: newRevocationBody,
    status: 201,
    answer: confirmationSchema,
    refusals: ['not_found'],
    handle: async ({ admin, query, body }) => ({ body: wireConfirmation(await revoke(admin, body, waitMs(query))) }),
  }),
];

async function revoke(
  admin: IssuerAdmin,
  body: z.output<typeof newRevocationBody>,
  wait: WaitOption,
): Promise<Confirmation> {
  switch (body.kind) {
    case 'token':
      return admin.revokeToken(body.jti === undefined ? { token: body.token ?? '' } : { jti: body.jti }, wait);
    case 'session':
      return admin.revokeSession(body.id, wait);
    case 'family':
      return admin.revokeFamily(body.id, wait);
    case 'subject':
      return admin.revokeUser(body.id, wait);
    case 'client':
      return admin.revokeClient(body.id, wait);
    default:
      return body satisfies never;
  }
}

/** @throws {FirstPartyError} `invalid_request`. */
export function sequenceOf(cursor: string | undefined): string | undefined {
  const text = readCursor(cursor);
  if (text === undefined || /^\d{1,15}$/u.test(text)) return text;
  throw new FirstPartyError('invalid_request', 'query member "cursor": not one that was answered here');
}
