/**
 * Setting a password by mail (OWASP, "Forgot Password Cheat Sheet"). Whoever asks learns nothing: the answer is given before anybody looks
 * whether the account exists, and the rest happens behind it. The mail goes to the name that is stored, never to the one that was typed.
 */
import type { Logger, Metrics } from '@sealgate/service';
import type { Audit } from '../audit/audit-log.ts';
import type { AuditEvent, Origin } from '../audit/event.ts';
import { GrantError } from '../grants/grant-error.ts';
import { addressBlock } from '../limits/address-block.ts';
import { TooManyAttempts, type AttemptLimits, type Limit } from '../limits/attempt-limits.ts';
import { resetLink } from '../mail/config.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Runtime } from '../runtime.ts';
import type { Store, Transaction } from '../store/store.ts';
import { createResetToken } from './reset-tokens.ts';
import { canonicalUsername } from './username.ts';
import { findUserByName, type User } from './users.ts';

/** Requests that are worked on at one time. */
const MOST_UNDER_WAY = 200;
/** One address as mail servers take it, and nothing that could be read as two. */
const MAIL_ADDRESS = /^[^\s@"(),:;<>[\\\]]{1,64}@[^\s@"(),:;<>[\\\]]{1,253}$/u;

export interface PasswordResetSettings {
  readonly ttlMs: number;
  readonly account: Limit;
  readonly address: Limit;
}

export interface PasswordResetParts {
  readonly store: Store;
  readonly audit: Audit;
  readonly limits: AttemptLimits;
  readonly mailer: Mailer;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: PasswordResetSettings;
  readonly linkTemplate: string;
}

export class PasswordReset {
  readonly #parts: PasswordResetParts;
  readonly #mails: { inc(labels: { outcome: string }): void };
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: PasswordResetParts) {
    this.#parts = parts;
    this.#mails = parts.metrics.counter({
      name: 'sealgate_issuer_reset_mails_total',
      help: 'Mails with a link to set a password, by what came of them',
      labelNames: ['outcome'],
    });
  }

  /**
   * Begins; the mail, if there is one, follows.
   *
   * @param username - As it was typed.
   * @throws {TooManyAttempts} For accounts that exist and others alike.
   * @throws {GrantError} `temporarily_unavailable`.
   */
  async request(username: string, origin: Origin): Promise<void> {
    if (this.#underWay.size >= MOST_UNDER_WAY) {
      throw new GrantError('temporarily_unavailable', 'too many requests at this moment; try again shortly');
    }
    await this.#count(username, origin);
    const work = this.#send(username, origin).catch((error: unknown) => {
      this.#mails.inc({ outcome: 'failed' });
      // Of a mail server's complaint its code is enough: the rest may name the receiver.
      this.#parts.logger.error({ reason: codeOf(error), request_id: origin.requestId }, 'a reset mail was not sent');
    });
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  /** Whether a link can be mailed to this user. */
  reaches(user: User): boolean {
    return refusalOf(user) === undefined;
  }

  /** A token that sets the user's password, as part of `tx`; {@link mail} sends it. */
  createToken(tx: Transaction, userId: string): Promise<string> {
    const { runtime, settings } = this.#parts;
    return createResetToken(tx, userId, runtime, settings.ttlMs);
  }

  /** Resolves when the mail server has taken it. */
  async mail(username: string, token: string, cause: keyof typeof OPENINGS): Promise<void> {
    const { mailer, settings, linkTemplate } = this.#parts;
    const text = letter(OPENINGS[cause](username), resetLink(linkTemplate, token), settings.ttlMs);
    await mailer.send({ to: username, subject: 'Set a new password', text });
    this.#mails.inc({ outcome: 'sent' });
  }

  /** Finishes what has begun. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#parts.mailer.close();
  }

  async #count(username: string, origin: Origin): Promise<void> {
    const { limits, settings, audit } = this.#parts;
    try {
      await limits.take([
        { kind: 'reset_account', holder: canonicalUsername(username) ?? username, limit: settings.account },
        { kind: 'reset_address', holder: addressBlock(origin.address), limit: settings.address },
      ]);
    } catch (error) {
      // Once in each span: refusing must stay cheaper than asking.
      if (error instanceof TooManyAttempts && error.isFirst) {
        await audit.record({ ...asked(origin), outcome: 'refused', reason: `limited_by_${error.kind}` });
      }
      throw error;
    }
  }

  async #send(username: string, origin: Origin): Promise<void> {
    const { store, audit } = this.#parts;
    const user = await findUserByName(store, username);
    const reason = refusalOf(user);
    if (user === undefined || reason !== undefined) {
      await audit.record({ ...asked(origin), outcome: 'refused', reason, subject: user?.id });
      return;
    }
    const token = await store.write(async (tx) => {
      await audit.append(tx, { ...asked(origin), subject: user.id });
      return this.createToken(tx, user.id);
    });
    await this.mail(user.username, token, 'asked');
  }
}

function asked(origin: Origin): AuditEvent {
  return { event: 'password_reset_requested', actor: { kind: 'anonymous' }, origin };
}

function refusalOf(user: User | undefined): string | undefined {
  if (user === undefined) return 'unknown_user';
  if (user.disabled) return 'user_disabled';
  return MAIL_ADDRESS.test(user.username) ? undefined : 'no_address';
}

/** Why there is a mail, and what comes of not heeding it. */
const OPENINGS = {
  asked: (username: string) => ({
    first: `Somebody, we hope you, asked to set a new password for ${username}.`,
    last: 'If it was not you who asked, do nothing: the password stays as it is.',
  }),
  forced: (username: string) => ({
    first: `An administrator asks you to set a new password for ${username}. The old one does not count any more.`,
    last: 'If the link is too old, have another one sent.',
  }),
} as const;

function letter({ first, last }: ReturnType<(typeof OPENINGS)['asked']>, link: string, lifeMs: number): string {
  return `${first}

Open this page within ${Math.round(lifeMs / 60_000)} minutes to choose one:

${link}

Setting it ends every session of the account. ${last}
`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
