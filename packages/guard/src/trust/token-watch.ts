/**
 * Tells those who keep a stream open when its token dies (ATTACKS.md G12): revoked, or expired.
 *
 * Watchers are found by what a record names, so that a revocation costs as much as it hits, however many streams are open.
 */
import type { Principal } from '../decision/principal.ts';
import type { RevocationRecord } from '../revocation/record.ts';
import type { TokenRef } from '../revocation/token-ref.ts';
import type { RevocationView } from '../revocation/view.ts';

export type TokenDeath = 'revoked' | 'expired';

export interface TokenWatch {
  /**
   * Calls `onDeath` once, as soon as the token may no longer be used; on the next tick if that is already so.
   *
   * @returns Ends the watch.
   */
  watch(principal: Principal, onDeath: (death: TokenDeath) => void): () => void;
  close(): void;
}

export interface TokenWatchOptions {
  /** Undefined where the issuer offers no feed. */
  readonly view: RevocationView | undefined;
  /** Clock, seconds since the Unix epoch. */
  readonly now: () => number;
  /** As long as verification admits a token after `exp`. */
  readonly clockSkewSeconds: number;
}

interface Watcher {
  readonly ref: TokenRef | undefined;
  readonly die: (death: TokenDeath) => void;
}

/** Node's timers overflow beyond this. */
const MAX_TIMER_MS = 0x7fff_ffff;

export function createTokenWatch({ view, now, clockSkewSeconds }: TokenWatchOptions): TokenWatch {
  const watchers = new Map<string, Set<Watcher>>();
  const stops = new Set<() => void>();

  const recheck = (candidates: Iterable<Watcher>): void => {
    // Those that die leave the set while it is walked, which a Set allows.
    for (const watcher of candidates) {
      if (watcher.ref !== undefined && view?.isRevoked(watcher.ref) !== undefined) watcher.die('revoked');
    }
  };
  const unlisten = view?.listen({
    changed(record) {
      const hit = watchers.get(handleOf(record));
      if (hit !== undefined) recheck(hit);
    },
    replaced() {
      for (const set of watchers.values()) recheck(set);
    },
  });

  return {
    watch(principal, onDeath) {
      let timer: NodeJS.Timeout | undefined;
      const handles = principal.tokenRef === undefined ? [] : handlesOf(principal.tokenRef);
      const watcher: Watcher = {
        ref: principal.tokenRef,
        die(death) {
          stop();
          onDeath(death);
        },
      };
      const stop = (): void => {
        clearTimeout(timer);
        stops.delete(stop);
        for (const handle of handles) {
          const set = watchers.get(handle);
          if (set?.delete(watcher) === true && set.size === 0) watchers.delete(handle);
        }
      };
      const arm = (): void => {
        const leftMs = (principal.expiresAtSeconds + clockSkewSeconds - now()) * 1000;
        // The clock is read again when the timer fires: it may have been set since.
        const fire = leftMs > 0 ? arm : () => watcher.die('expired');
        timer = setTimeout(fire, Math.min(Math.max(leftMs, 0), MAX_TIMER_MS)).unref();
      };
      stops.add(stop);
      for (const handle of handles) {
        const set = watchers.get(handle);
        if (set === undefined) watchers.set(handle, new Set([watcher]));
        else set.add(watcher);
      }
      arm();
      // Revoked between the decision and now.
      if (watcher.ref !== undefined && view?.isRevoked(watcher.ref) !== undefined) {
        clearTimeout(timer);
        timer = setTimeout(() => watcher.die('revoked'), 0);
      }
      return stop;
    },
    close() {
      unlisten?.();
      for (const stop of stops) stop();
    },
  };
}

function handleOf(record: RevocationRecord): string {
  return `${record.kind} ${record.id}`;
}

function handlesOf(ref: TokenRef): string[] {
  const handles: string[] = [];
  if (ref.statusList !== undefined) handles.push(`token ${ref.statusList}:${ref.statusIndex}`);
  if (ref.sessionId !== undefined) handles.push(`session ${ref.sessionId}`);
  if (ref.subject !== undefined) handles.push(`subject ${ref.subject}`);
  if (ref.clientId !== undefined) handles.push(`client ${ref.clientId}`);
  if (ref.kid !== undefined) handles.push(`key ${ref.kid}`);
  return handles;
}
