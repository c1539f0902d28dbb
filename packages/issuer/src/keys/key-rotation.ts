/**
 * Rotation on autopilot: looks now and then which step is due (`rotation-plan.ts`) and takes it. Any number of processes may do so at once;
 * each step happens once. Also what an operator does by hand: rotate now, and distrust a compromised key.
 */
import type { Algorithm } from '@sealgate/jwt';
import { IssuerError } from '../errors.ts';
import type { Audit } from '../audit/audit-log.ts';
import type { AuditEvent, AuditEventName } from '../audit/event.ts';
import type { Confirmation, Confirmations } from '../revocation/confirmations.ts';
import { appendRevocations, readLogHead } from '../revocation/log.ts';
import { latestTokenExpiry } from '../revocation/revoke.ts';
import { toSeconds, type Runtime } from '../runtime.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { KeyRing } from './key-ring.ts';
import { dueSteps, type RotationTimes } from './rotation-plan.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

const LOOK_EVERY_MS = 5_000;
const MARKER_LIFE_SECONDS = 600;

export interface KeyRotationOptions {
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly ring: KeyRing;
  readonly confirmations: Confirmations;
  readonly runtime: Runtime;
  readonly times: RotationTimes;
  /** A verifier that does not read the feed may use its copy of the key set for as long. */
  readonly keySetMaxAgeMs: number;
  readonly accessTokenTtlSeconds: number;
  readonly observe: (event: KeyEvent) => void;
  readonly audit: Audit;
}

/** For the log and metrics. */
export type KeyEvent =
  | { readonly kind: 'announced' | 'promoted' | 'retired' | 'compromised'; readonly kid: string }
  /** Promoted though not every connected verifier had confirmed it: an operator should look. */
  | { readonly kind: 'promoted_unconfirmed'; readonly kid: string }
  /** The active key is old, or gone, and its key store holds no other: an operator must make one. */
  | { readonly kind: 'successor_lacking'; readonly alg: Algorithm }
  | { readonly kind: 'failed'; readonly error: unknown };

export class KeyRotation {
  readonly #options: KeyRotationOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Algorithms that lack a successor, told once. */
  readonly #lacking = new Set<Algorithm>();

  constructor(options: KeyRotationOptions) {
    this.#options = options;
  }

  start(): void {
    const { observe, ring } = this.#options;
    this.#timer = setInterval(() => {
      // Read in any case: a lost notification costs this interval, not more.
      ring
        .reload()
        .then(() => this.takeDueSteps())
        .catch((error: unknown) => observe({ kind: 'failed', error }));
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes the steps that are due now. */
  async takeDueSteps(): Promise<void> {
    const { keys, confirmations, runtime, times, observe } = this.#options;
    const known = await keys.read();
    for (const step of dueSteps(known, runtime.nowMs(), times, (alg) => keys.stock(alg, known))) {
      switch (step.kind) {
        case 'announce':
          await this.#announce(step.alg, step.promoteAfterMs, { actor: { kind: 'issuer' } });
          break;
        case 'lacking':
          if (!this.#lacking.has(step.alg)) observe({ kind: 'successor_lacking', alg: step.alg });
          this.#lacking.add(step.alg);
          break;
        case 'promote': {
          const confirmed = confirmations.haveAll(step.markerSeq);
          if (!confirmed && !step.overdue) break;
          if (!(await keys.promote(step.alg, step.kid, (tx) => this.#tell(tx, 'key_promoted', step.kid)))) break;
          observe({ kind: confirmed ? 'promoted' : 'promoted_unconfirmed', kid: step.kid });
          break;
        }
        case 'retire':
          if (await keys.retire(step.kid, (tx) => this.#tell(tx, 'key_retired', step.kid)))
            observe({ kind: 'retired', kid: step.kid });
          break;
      }
    }
    await this.#options.ring.reload();
  }

  /**
   * Publishes a successor now; it signs as soon as everyone knows it.
   *
   * @param by - Who asks, for the audit.
   * @throws {IssuerError} `key_transition_refused`: the key store has no further key.
   */
  async rotate(alg: Algorithm, by: Pick<AuditEvent, 'actor' | 'origin'>): Promise<void> {
    const { runtime, keySetMaxAgeMs, ring } = this.#options;
    const outcome = await this.#announce(alg, runtime.nowMs() + keySetMaxAgeMs, by);
    if (outcome === 'known') {
      await this.#options.audit.record({
        ...by,
        event: 'key_announced',
        reason: 'hastened',
        target: `algorithm:${alg}`,
      });
    }
    if (outcome === 'lacking') {
      const detail = `every ${alg} key of "keys.signers" is in use or was used: make another in the key store, and add it`;
      throw new IssuerError('key_transition_refused', detail);
    }
    await ring.reload();
  }

  /**
   * Distrusts a key everywhere and replaces it. Resolves when the connected verifiers have confirmed.
   *
   * @param waitMs - Or when this is over; default as {@link Confirmations.wait}.
   * @throws {IssuerError} `key_unknown`.
   */
  async compromise(kid: string, by: Pick<AuditEvent, 'actor' | 'origin'>, waitMs?: number): Promise<Confirmation> {
    const { store, audit, keys, ring, confirmations, observe, runtime, accessTokenTtlSeconds } = this.#options;
    const key = (await keys.read()).find((each) => each.kid === kid);
    if (key === undefined) throw new IssuerError('key_unknown');
    const seq = await store.write(async (tx) => {
      if (!(await keys.compromise(tx, key))) return undefined;
      await audit.append(tx, { ...by, event: 'key_compromised', target: `key:${kid}` });
      const now = toSeconds(runtime.nowMs());
      const expires = Math.max(now + accessTokenTtlSeconds, await latestTokenExpiry(tx)) + 1;
      return appendRevocations(tx, [{ kind: 'key', id: kid, before: now + 1, expires }]);
    });
    await ring.reload();
    if (seq !== undefined) observe({ kind: 'compromised', kid });
    // Also of one that was distrusted before, perhaps a moment ago.
    return confirmations.wait(seq ?? (await readLogHead(store)).seq, waitMs);
  }

  async list(): Promise<readonly SigningKey[]> {
    return this.#options.keys.read();
  }

  /** @returns whether there is a successor now, and since when. */
  async #announce(
    alg: Algorithm,
    promoteAfterMs: number,
    by: Pick<AuditEvent, 'actor' | 'origin'>,
  ): Promise<'announced' | 'known' | 'lacking'> {
    const { keys, observe } = this.#options;
    let announced = '';
    const outcome = await keys.announce(alg, promoteAfterMs, async (tx, kid) => {
      announced = kid;
      await this.#options.audit.append(tx, { ...by, event: 'key_announced', target: `key:${kid}` });
      return this.#mark(tx, kid);
    });
    if (outcome === 'announced') {
      this.#lacking.delete(alg);
      observe({ kind: 'announced', kid: announced });
    }
    return outcome;
  }

  #tell(tx: Transaction, event: AuditEventName, kid: string): Promise<void> {
    return this.#options.audit.append(tx, { event, actor: { kind: 'issuer' }, target: `key:${kid}` });
  }

  /**
   * A record that distrusts nothing: its id is no key's. The feed sends the key set before any record about keys, in one ordered stream, so
   * whoever confirms this number has the set.
   */
  #mark(tx: Transaction, kid: string): Promise<number> {
    const now = toSeconds(this.#options.runtime.nowMs());
    return appendRevocations(tx, [
      { kind: 'key', id: `announced:${kid}`, before: 0, expires: now + MARKER_LIFE_SECONDS },
    ]);
  }
}
