/**
 * `POST /v1/password/reset-request` and `/v1/password/reset`: a new password for whoever receives the account's mail. The first answers the
 * same for every name, before anybody looks (`users/password-reset.ts`); the second when verifiers have confirmed that every session ended.
 */
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { revokeSubject } from '../revocation/revoke.ts';
import type { PasswordReset } from '../users/password-reset.ts';
import { userOfResetToken } from '../users/reset-tokens.ts';
import { findUser, lockUser, setPasswordHash } from '../users/users.ts';
import type { IssuerParts } from './context.ts';
import { parseBody } from './json-body.ts';
import { originOf } from './origin-of.ts';
import { answeringPasswordFaults } from './password-faults.ts';
import { FirstPartyError } from './problems.ts';

const wellFormed = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => text.isWellFormed());
const requestBody = z.strictObject({ username: wellFormed(254) });
const resetBody = z.strictObject({ token: wellFormed(128), new_password: wellFormed(1024) });

export function passwordResetRoutes(app: FastifyInstance, parts: IssuerParts, passwordReset: PasswordReset): void {
  const { store, audit, runtime, confirmations, events } = parts;

  app.post('/v1/password/reset-request', async (request, reply) => {
    const { username } = parseBody(requestBody, request.body);
    await passwordReset.request(username, originOf(request));
    return reply.header('cache-control', 'no-store').code(202).send();
  });

  app.post('/v1/password/reset', async (request, reply) => {
    const { token, new_password: next } = parseBody(resetBody, request.body);
    const id = await userOfResetToken(store, token, runtime.nowMs());
    const user = id === undefined ? undefined : await findUser(store, id);
    if (user === undefined || user.disabled) throw invalid();
    const hash = await answeringPasswordFaults(async () => {
      await parts.policy.assertAcceptable(next, user.username);
      return parts.passwords.hash(next);
    });
    const revoking = { nowMs: runtime.nowMs(), reason: 'password_reset', ttlSeconds: parts.accessTokenTtlSeconds };
    const seq = await store.write(async (tx) => {
      // The user first: of several who come with the same token at once, one finds it.
      const held = await lockUser(tx, user.id);
      if (held === undefined || held.disabled) throw invalid();
      if ((await userOfResetToken(tx, token, runtime.nowMs())) !== user.id) throw invalid();
      await setPasswordHash(tx, user.id, hash, runtime.nowMs());
      const actor = { kind: 'user', id: user.id } as const;
      await audit.append(tx, { event: 'password_reset', actor, subject: user.id, origin: originOf(request) });
      return revokeSubject(tx, user.id, revoking);
    });
    await confirmations.wait(seq);
    events.revoked('password_reset', request.id);
    return reply.header('cache-control', 'no-store').code(204).send();
  });
}

function invalid(): FirstPartyError {
  return new FirstPartyError('reset_token_invalid', 'the token was used, is too old, or never was; ask for another');
}
