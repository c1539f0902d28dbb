/**
 * What every part of the administration works with: the issuer's parts, who asks, and the two things that each of them does: tell the audit
 * in the unit of work, and revoke.
 */
import { createHash } from 'node:crypto';
import type { Algorithm } from '@sealgate/jwt';
import type { Audit } from '../audit/audit-log.ts';
import type { AuditReport, NotedHead } from '../audit/audit-reader.ts';
import type { Actor, AuditEvent, Origin } from '../audit/event.ts';
import type { Clients } from '../clients/clients.ts';
import type { ClientSecrets } from '../clients/client-secrets.ts';
import { IssuerError } from '../errors.ts';
import type { KeyRotation } from '../keys/key-rotation.ts';
import type { Confirmation, Confirmations } from '../revocation/confirmations.ts';
import type { Revoking } from '../revocation/revoke.ts';
import type { Runtime } from '../runtime.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { OwnTokens } from '../tokens/own-tokens.ts';
import type { PasswordPolicy } from '../users/password-policy.ts';
import type { PasswordReset } from '../users/password-reset.ts';
import type { Passwords } from '../users/passwords.ts';

export interface AdminParts {
  readonly rotation: KeyRotation;
  readonly audit: Audit;
  /** Seals what waits, so that it can be read. */
  readonly sealAudit: () => Promise<void>;
  readonly verifyAudit: (noted?: NotedHead, signal?: AbortSignal) => Promise<AuditReport>;
  readonly store: Store;
  readonly clients: Clients;
  readonly clientSecrets: ClientSecrets;
  readonly ownTokens: OwnTokens;
  readonly passwords: Passwords;
  readonly policy: PasswordPolicy;
  readonly passwordReset: PasswordReset | undefined;
  readonly confirmations: Confirmations;
  readonly runtime: Runtime;
  readonly accessTokenTtlSeconds: number;
  /** What access tokens are signed with, the default first. */
  readonly algorithms: readonly Algorithm[];
}

/** Who asks. */
export interface AdminCaller {
  /** For the audit. */
  readonly actor: Actor;
  readonly origin?: Origin;
  /** Whose users alone it is about; undefined for an administrator of everything. */
  readonly tenant?: string | undefined;
}

/** Part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

/** How to revoke: for how long to wait for the verifiers, milliseconds; default `revocation.confirmWithin`. */
export interface WaitOption {
  readonly waitMs?: number | undefined;
}

/** Only if the record is still the one that was read: see {@link versionOf}. */
export interface IfMatchOption {
  readonly ifMatch?: string | undefined;
}

export class AdminContext {
  readonly parts: AdminParts;
  readonly caller: AdminCaller;

  constructor(parts: AdminParts, caller: AdminCaller) {
    this.parts = parts;
    this.caller = caller;
  }

  /** Who asks, as an event has it. */
  get by(): Pick<AuditEvent, 'actor' | 'origin'> {
    const { actor, origin } = this.caller;
    return { actor, origin };
  }

  /** An event of the unit of work that does it. */
  tell(tx: Transaction, event: Omit<AuditEvent, 'actor' | 'origin'>): Promise<void> {
    return this.parts.audit.append(tx, { ...this.by, ...event });
  }

  /** For a unit of work that revokes. */
  revoking(): Revoking {
    const { runtime, accessTokenTtlSeconds: ttlSeconds } = this.parts;
    return { nowMs: runtime.nowMs(), reason: 'admin', ttlSeconds };
  }

  /** A unit of work that revokes, and the waiting for those who are to know of it. */
  async revoke(
    work: (tx: Transaction, revoking: Revoking) => Promise<number>,
    { waitMs }: WaitOption = {},
  ): Promise<Confirmation> {
    const seq = await this.parts.store.write((tx) => work(tx, this.revoking()));
    return this.parts.confirmations.wait(seq, waitMs);
  }
}

/** One record too many is read, to know whether there are more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => string,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), next: rows.length > limit && last !== undefined ? key(last) : undefined };
}

/** A word for the state of a record: another state, another word. */
export function versionOf(view: object): string {
  return createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 22);
}

/** @throws {IssuerError} `changed_meanwhile`. */
export function assertUnchanged(view: object, { ifMatch }: IfMatchOption): void {
  if (ifMatch !== undefined && ifMatch !== versionOf(view)) throw new IssuerError('changed_meanwhile');
}
