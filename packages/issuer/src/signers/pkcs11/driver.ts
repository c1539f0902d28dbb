/**
 * Signatures by a PKCS#11 token: a pool of sessions over `Cryptoki`, and what happens when the token goes away and comes back.
 *
 * A call in the module cannot be interrupted. When the caller's deadline passes, the caller is told so, and the session stays taken
 * until the module has answered; it is then used again. After a failure that a new connection may mend, the signature is tried once
 * more on one. A refused PIN is never tried again: three wrong ones lock a token for good.
 */
import { withinDeadline } from '../deadline.ts';
import type { SignerDriver } from '../external-signer.ts';
import { SignerError } from '../signer-error.ts';
import type { SigningAlgorithm } from '../signing-algorithm.ts';
import type { Cryptoki } from './cryptoki.ts';
import { createPermits } from './permits.ts';
import {
  type KeySelector,
  type KeySession,
  type TokenConnection,
  type TokenSelector,
  connectToken,
  openKeySession,
} from './token-key.ts';

export interface Pkcs11Options {
  readonly token: TokenSelector;
  readonly key: KeySelector;
  /** Called at each login; the PIN is kept nowhere else. */
  readonly pin: () => string;
  readonly algorithm: SigningAlgorithm;
  /** Signatures at once. Tokens allow only so many sessions. */
  readonly sessions: number;
  /** How long {@link SignerDriver.close} waits for calls in progress. */
  readonly closeTimeoutMs: number;
}

/** A connection and those of its sessions that are not in use. */
interface LiveConnection extends TokenConnection {
  readonly idle: KeySession[];
}

/** @param cryptoki - Released when the driver is closed. */
export function pkcs11Driver(cryptoki: Cryptoki, options: Pkcs11Options): SignerDriver {
  const permits = createPermits(options.sessions);
  let connecting: Promise<LiveConnection> | undefined;
  let refused: SignerError | undefined;

  /** The connection there is, or one new one whoever asks. */
  const connect = (): Promise<LiveConnection> => {
    if (refused !== undefined) return Promise.reject(refused);
    if (connecting !== undefined) return connecting;
    const attempt = connectToken(cryptoki, { ...options, pin: options.pin() }).then((connection) => ({
      ...connection,
      idle: [connection.first],
    }));
    connecting = attempt;
    attempt.catch((error: unknown) => {
      if (connecting === attempt) connecting = undefined;
      if (error instanceof SignerError && (error.code === 'pin_refused' || error.code === 'pin_locked'))
        refused = error;
    });
    return attempt;
  };

  const isCurrent = async (connection: LiveConnection): Promise<boolean> =>
    connecting !== undefined && (await connecting.catch(() => undefined)) === connection;

  const signOnce = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const pending = connect();
    const connection = await pending;
    const { plan, slot, idle, alwaysAuthenticate } = connection;
    try {
      const session = idle.pop() ?? (await openKeySession(cryptoki, slot, options.key));
      const pin = alwaysAuthenticate ? options.pin() : undefined;
      const signature = await cryptoki
        .sign(session.session, session.key, plan.mechanism, plan.input(bytes), pin)
        .catch(async (error: unknown) => {
          // What the session is left with is unknown: an operation may still be active in it.
          await cryptoki.closeSession(session.session);
          throw error;
        });
      if (await isCurrent(connection)) idle.push(session);
      else await cryptoki.closeSession(session.session);
      return signature;
    } catch (error) {
      if (isLoss(error) && connecting === pending) connecting = undefined;
      if (error instanceof SignerError && error.code === 'pin_refused') refused = error;
      throw error;
    }
  };

  return {
    name: `pkcs11:${nameOf(options.token.label ?? options.token.serial, options.key)}`,

    async publicKey() {
      return (await connect()).publicKey;
    },

    async sign(bytes, signal) {
      await permits.acquire(signal);
      // Not awaited by whoever gives up: the permit goes back when the module has answered.
      return signOnce(bytes)
        .catch((error: unknown) => {
          if (!isLoss(error) || signal.aborted) throw error;
          return signOnce(bytes);
        })
        .finally(() => permits.release());
    },

    async close() {
      try {
        await withinDeadline(options.closeTimeoutMs, async (signal) => {
          for (let taken = 0; taken < options.sessions; taken += 1) await permits.acquire(signal);
          const connection = await connecting?.catch(() => undefined);
          signal.throwIfAborted();
          for (const { session } of connection?.idle ?? []) await cryptoki.closeSession(session);
          await cryptoki.release();
        });
      } catch (error) {
        // A call hangs in the module: to finalise it under that call could crash the process.
        if (!(error instanceof SignerError && error.code === 'timeout')) throw error;
      }
    },
  };
}

function isLoss(error: unknown): boolean {
  return error instanceof SignerError && error.code === 'token_lost';
}

function nameOf(token: string | undefined, { label, id }: KeySelector): string {
  return `${token ?? ''}/${label ?? (id === undefined ? '' : Buffer.from(id).toString('hex'))}`;
}
