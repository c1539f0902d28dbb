/**
 * Limits on guessing passwords (ATTACKS.md I5): an attempt counts for the account and for the address it comes from, whether or not the
 * account exists. From a device that is known to the account it counts for that device alone, so that nobody else's guesses lock
 * it out. A login that succeeds is not counted.
 */
import type { Metrics } from '@sealgate/service';
import type { Audit } from '../audit/audit-log.ts';
import type { AuditEventName, Origin } from '../audit/event.ts';
import { addressBlock } from '../limits/address-block.ts';
import { TooManyAttempts, type AttemptLimits, type Counted, type Limit } from '../limits/attempt-limits.ts';
import { Turns, type Turn } from '../limits/turns.ts';
import type { Transaction } from '../store/store.ts';
import type { KnownDevice, KnownDevices } from './known-devices.ts';
import type { User } from './users.ts';

export interface LoginLimitSettings {
  readonly account: Limit;
  readonly address: Limit;
  readonly device: Limit;
}

export interface Attempt {
  /** The canonical name; as it was typed where no user can have it. */
  readonly account: string;
  readonly user: Pick<User, 'id'> | undefined;
  readonly deviceToken?: string | undefined;
  /** The session that it is made in: known by more than a device token. */
  readonly sessionId?: string;
  readonly origin: Origin;
}

/** An attempt that may go on. */
export interface AdmittedAttempt {
  readonly device: KnownDevice | undefined;
  /** The password was right. As part of what is done then. */
  succeeded(tx: Transaction): Promise<void>;
  /** There was no time to look at the password: nobody has learned anything. */
  notLookedAt(): Promise<void>;
}

export interface LoginLimitParts {
  readonly limits: AttemptLimits;
  readonly devices: KnownDevices;
  readonly settings: LoginLimitSettings;
  readonly audit: Audit;
  readonly metrics: Metrics;
}

export class LoginLimits {
  readonly #parts: LoginLimitParts;
  readonly #turns: Turns;
  readonly #limited: { inc(labels: { by: string }): void };

  constructor(parts: LoginLimitParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts.limits);
    this.#limited = parts.metrics.counter({
      name: 'sealgate_issuer_login_limited_total',
      help: 'Attempts at a password that were refused unlooked at, by the limit that refused them',
      labelNames: ['by'],
    });
  }

  get devices(): KnownDevices {
    return this.#parts.devices;
  }

  /**
   * Counts the attempt and makes it. Where a limit is full of attempts that are under way, it waits for one of them to end.
   *
   * @throws {TooManyAttempts}, and what `make` throws.
   */
  async during<T>(
    event: AuditEventName,
    attempt: Attempt,
    make: (admitted: AdmittedAttempt) => Promise<T>,
  ): Promise<T> {
    const { limits, devices } = this.#parts;
    // As long for an account that does not exist.
    const recognised = devices.recognise(attempt.deviceToken, attempt.user?.id ?? '');
    const device = attempt.user && recognised;
    const counted = this.#counted(attempt, device);
    const turn = await this.#turn(event, attempt, counted);
    const [own, ...shared] = counted;
    let madeRoom = false;
    try {
      return await make({
        device,
        succeeded: async (tx) => {
          madeRoom = true;
          await limits.giveBack(tx, shared);
          if (own !== undefined) await limits.forget(tx, own);
        },
        notLookedAt: async () => {
          madeRoom = true;
          await limits.undo(counted);
        },
      });
    } finally {
      turn.end(madeRoom);
    }
  }

  async #turn(event: AuditEventName, { user, origin }: Attempt, counted: readonly Counted[]): Promise<Turn> {
    try {
      return await this.#turns.take(counted);
    } catch (error) {
      if (!(error instanceof TooManyAttempts)) throw error;
      this.#limited.inc({ by: error.kind });
      // Once in each span: refusing must stay cheaper than asking.
      if (error.isFirst) {
        const reason = `limited_by_${error.kind}`;
        const actor = { kind: 'anonymous' } as const;
        await this.#parts.audit.record({ event, outcome: 'refused', reason, actor, subject: user?.id, origin });
      }
      throw error;
    }
  }

  /** What is forgotten on success first, then what is given back: a right password says nothing of others at its address. */
  #counted({ account, user, sessionId, origin }: Attempt, device: KnownDevice | undefined): readonly Counted[] {
    const { settings } = this.#parts;
    if (sessionId !== undefined) return [{ kind: 'session', holder: sessionId, limit: settings.device }];
    if (user !== undefined && device !== undefined) {
      return [{ kind: 'device', holder: `${user.id} ${device.id}`, limit: settings.device }];
    }
    return [
      { kind: 'account', holder: account, limit: settings.account },
      { kind: 'address', holder: addressBlock(origin.address), limit: settings.address },
    ];
  }
}
