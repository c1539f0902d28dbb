/**
 * What the audit tells: one event, who did what, from where, on what, and how it came out. Never a token, a secret, a password, or a
 * name that somebody typed into a login (people type passwords there): whom an unknown name concerns is said by a keyed hash.
 *
 * Knows nothing of storage: `audit-log.ts` writes events, `chain.ts` seals them.
 */
import type { Device } from '../sessions/device.ts';
import type { Runtime } from '../runtime.ts';

/** Every kind of event, with what it says. `docs/audit.md` lists them. */
export const AUDIT_EVENTS = {
  login: 'A user logged in, or was refused.',
  refresh: 'A refresh token was presented: successor given, or refused and why. `reused` revoked its family.',
  client_token: 'A client got a token in its own name.',
  client_authentication: 'A client did not prove itself.',
  logout: 'A user ended the session in use.',
  session_ended: 'A user or an operator ended a session.',
  token_revoked: 'A client gave up a token of its own, or an operator revoked a token or a refresh family.',
  password_changed: 'A user changed the password, or was refused.',
  password_reset_requested: 'Somebody asked for a mail to set a password. Refused: no mail was sent, and why.',
  password_reset: 'A user set a password by a mailed link; every session ended.',
  key_announced: 'A signing key was published; it does not sign yet. Or one that was is to sign sooner (`hastened`).',
  key_promoted: 'A signing key signs from now on.',
  key_retired: 'A signing key is gone: every token it signed has expired.',
  key_compromised: 'A signing key was distrusted everywhere.',
  user_created: 'An operator created a user.',
  user_disabled: 'An operator disabled a user; every session ended.',
  user_enabled: 'An operator enabled a user again.',
  user_changed: 'An operator changed a user.',
  user_password_set: 'An operator set a password; every session ended.',
  user_password_reset_forced:
    'An operator made a password count no more and had a link mailed to set another; every session ended.',
  user_revoked: 'An operator revoked everything of a user.',
  user_deleted: 'An operator deleted a user; every session ended.',
  client_created: 'An operator created a client.',
  client_changed: 'An operator changed a client.',
  client_secret_added: 'An operator had a secret made for a client.',
  client_secret_removed: 'An operator removed a secret of a client.',
  client_disabled: 'An operator disabled a client; everything issued to it was revoked.',
  client_enabled: 'An operator enabled a client again.',
  client_revoked: 'An operator revoked everything that was issued to a client.',
  client_deleted: 'An operator deleted a client; everything issued to it was revoked.',
  administration_refused: 'A call of the administration was refused, and why. Of many in a short time some are told.',
  audit_pruned: 'Rows older than the configured time were removed, up to the number that is told.',
  audit_forged: 'Rows that no issuer wrote were found among those that waited to be sealed, and left out.',
} as const;

export type AuditEventName = keyof typeof AUDIT_EVENTS;

/** Where a request came from. */
export interface Origin extends Device {
  readonly requestId: string;
}

/** Who did it. `issuer` is the issuer itself, `operator` whoever calls it in process, `anonymous` somebody who did not prove who they are. */
export type Actor =
  | { readonly kind: 'user' | 'client'; readonly id: string }
  | { readonly kind: 'issuer' | 'operator' | 'anonymous' };

/** An actor in a word, as filters name one: the kind, and the id where it has one. */
export const ACTOR_NAME = /^(?:issuer|operator|anonymous|(?:user|client):[\w.~-]{1,128})$/u;

/** The text of an actor as it stands in an event. @param name - Of the form {@link ACTOR_NAME}. */
export function actorText(name: string): string {
  const [kind, id] = name.split(':');
  return JSON.stringify({ kind, id });
}

export interface AuditEvent {
  readonly event: AuditEventName;
  readonly actor: Actor;
  /** Default `success`. */
  readonly outcome?: 'success' | 'refused';
  /** Why it was refused, or what made it happen: a word from a fixed set. */
  readonly reason?: string | undefined;
  /** The user whom it concerns. */
  readonly subject?: string | undefined;
  readonly client?: string | undefined;
  readonly session?: string | undefined;
  /** What else it was done to, as `kind:id`. */
  readonly target?: string | undefined;
  readonly origin?: Origin | undefined;
}

/** What the columns beside the text repeat of it, so that it can be looked up. */
export interface EventFacts {
  readonly id: string;
  readonly atMs: number;
  readonly event: string;
  readonly subject: string | null;
}

/** An event as it is stored: the JSON text is what is hashed, kept and streamed. */
export interface WrittenEvent extends EventFacts {
  readonly body: string;
}

let lastMs = 0;
let inMs = 0;

/** Gives the event its id and its time, and writes it as one line of JSON. Ids of one process sort by time. */
export function writeEvent(event: AuditEvent, runtime: Runtime): WrittenEvent {
  const nowMs = runtime.nowMs();
  inMs = nowMs === lastMs ? inMs + 1 : 0;
  lastMs = nowMs;
  const order = nowMs.toString(16).padStart(12, '0') + (inMs % 0x1_0000).toString(16).padStart(4, '0');
  const id = `evt_${order}${Buffer.from(runtime.random(8)).toString('hex')}`;
  const { actor, outcome = 'success', reason, subject, client, session, target, origin } = event;
  const body = JSON.stringify({
    id,
    time: new Date(nowMs).toISOString(),
    event: event.event,
    outcome,
    reason,
    actor,
    subject,
    client_id: client,
    session,
    target,
    address: origin?.address,
    user_agent: origin?.userAgent,
    request_id: origin?.requestId,
  });
  return { id, atMs: nowMs, event: event.event, subject: subject ?? null, body };
}

/** The facts of a text that {@link writeEvent} wrote; of any other, facts that match no row. */
export function factsOf(body: string): EventFacts {
  try {
    const { id, time, event, subject } = JSON.parse(body) as Record<string, unknown>;
    return {
      id: String(id),
      atMs: Date.parse(String(time)),
      event: String(event),
      subject: typeof subject === 'string' ? subject : null,
    };
  } catch {
    return { id: '', atMs: Number.NaN, event: '', subject: null };
  }
}
