/**
 * What users do about their own account, with an access token of one of their sessions: see their sessions, end one, end all but this one,
 * change the password. Whatever is revoked is answered when the verifiers have confirmed (ADR 7).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { AuditEvent } from '../audit/event.ts';
import { revokeSessions } from '../revocation/revoke.ts';
import { toSeconds } from '../runtime.ts';
import { listSessions, type SessionView } from '../sessions/sessions.ts';
import { findUser, setPasswordHash } from '../users/users.ts';
import { authenticateSession } from './bearer.ts';
import type { IssuerParts } from './context.ts';
import { parseBody } from './json-body.ts';
import { originOf } from './origin-of.ts';
import { answeringPasswordFaults } from './password-faults.ts';
import { FirstPartyError } from './problems.ts';

const passwordBody = z.strictObject({
  current_password: z.string().min(1).max(1024),
  new_password: z.string().min(1).max(1024),
});

export function accountRoutes(app: FastifyInstance, parts: IssuerParts): void {
  const { store, audit, runtime, confirmations, events } = parts;
  const revoking = (reason: string) => ({ nowMs: runtime.nowMs(), reason, ttlSeconds: parts.accessTokenTtlSeconds });

  app.get('/v1/sessions', async (request, reply) => {
    const { token, sessionId } = await authenticateSession(parts, request);
    const sessions = await listSessions(store, token.claims.sub, runtime.nowMs());
    const body = { sessions: sessions.map((session) => wireSession(session, sessionId)) };
    return reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));
  });

  app.delete('/v1/sessions/:sid', async (request: FastifyRequest<{ Params: { sid: string } }>, reply) => {
    const { token } = await authenticateSession(parts, request);
    const { sid } = request.params;
    const own = await listSessions(store, token.claims.sub, runtime.nowMs());
    // Another user's session is as unknown as one that never was.
    if (!own.some(({ id }) => id === sid)) throw new FirstPartyError('not_found', 'there is no such session');
    await end(request, token.claims.sub, [sid]);
    return reply.header('cache-control', 'no-store').code(204).send();
  });

  app.delete('/v1/sessions', async (request, reply) => {
    const { token, sessionId } = await authenticateSession(parts, request);
    const own = await listSessions(store, token.claims.sub, runtime.nowMs());
    const others = own.map(({ id }) => id).filter((id) => id !== sessionId);
    await end(request, token.claims.sub, others);
    return reply.header('cache-control', 'no-store').code(204).send();
  });

  app.post('/v1/password', async (request, reply) => {
    const { token, sessionId } = await authenticateSession(parts, request);
    const body = parseBody(passwordBody, request.body);
    const subject = token.claims.sub;
    const account = { account: subject, user: { id: subject }, sessionId, origin: originOf(request) };
    const seq = await parts.loginLimits.during('password_changed', account, async (attempt) => {
      const hash = await checkAndHash(parts, request, subject, body.current_password, body.new_password);
      return store.write(async (tx) => {
        // The user first: a login that is under way with the old password comes before this and is ended, or fails.
        if (!(await setPasswordHash(tx, subject, hash, runtime.nowMs()))) return undefined;
        const own = await listSessions(tx, subject, runtime.nowMs());
        const others = own.map(({ id }) => id).filter((id) => id !== sessionId);
        await attempt.succeeded(tx);
        await audit.append(tx, { ...changed(request, subject), session: sessionId });
        return revokeSessions(tx, others, revoking('password_changed'));
      });
    });
    if (seq !== undefined) await confirmations.wait(seq);
    events.revoked('password_changed', request.id);
    return reply.header('cache-control', 'no-store').code(204).send();
  });

  async function end(request: FastifyRequest, subject: string, ids: readonly string[]): Promise<void> {
    const seq = await store.write(async (tx) => {
      for (const session of ids) {
        const actor = { kind: 'user', id: subject } as const;
        await audit.append(tx, { event: 'session_ended', actor, subject, session, origin: originOf(request) });
      }
      return revokeSessions(tx, ids, revoking('ended'));
    });
    await confirmations.wait(seq);
    events.revoked('session', request.id);
  }
}

function changed(request: FastifyRequest, subject: string): AuditEvent {
  return { event: 'password_changed', actor: { kind: 'user', id: subject }, subject, origin: originOf(request) };
}

async function checkAndHash(
  parts: IssuerParts,
  request: FastifyRequest,
  subject: string,
  current: string,
  next: string,
): Promise<string> {
  return answeringPasswordFaults(async () => {
    const user = await findUser(parts.store, subject);
    await parts.policy.assertAcceptable(next, user?.username ?? '');
    if (!(await parts.passwords.verify(current, user?.passwordHash))) {
      await parts.audit.record({ ...changed(request, subject), outcome: 'refused', reason: 'wrong_password' });
      throw new FirstPartyError('invalid_credentials', 'the current password is wrong');
    }
    return parts.passwords.hash(next);
  });
}

function wireSession(session: SessionView, currentId: string): object {
  const { id, clientId, createdMs, lastUsedMs, idleExpiresMs, expiresMs, methods, firstDevice, lastDevice } = session;
  return {
    id,
    current: id === currentId,
    client_id: clientId,
    created_at: toSeconds(createdMs),
    last_used_at: toSeconds(lastUsedMs),
    idle_expires_at: toSeconds(idleExpiresMs),
    expires_at: toSeconds(expiresMs),
    amr: methods,
    first_seen: { address: firstDevice.address, user_agent: firstDevice.userAgent },
    last_seen: { address: lastDevice.address, user_agent: lastDevice.userAgent },
  };
}
