/** A worker's end of what workers share: asks the supervisor. Where that cannot be asked any more, the worker is about to end: nothing is granted. */
import type { Channel } from './channel.ts';
import type { Fleet } from './fleet.ts';
import type { ToSupervisor } from './protocol.ts';

export function joinFleet(size: number, supervisor: Channel<ToSupervisor>): Fleet {
  return {
    size,
    proofs: {
      take: (owner, id, untilSeconds, nowSeconds) =>
        supervisor.ask('takeProof', { owner, id, untilSeconds, nowSeconds }).catch(() => 'full' as const),
      timesTaken: (owner, id) => supervisor.ask('timesTaken', { owner, id }).catch(() => 0),
    },
    limits: {
      available: true,
      take: (takes) => supervisor.ask('takeLimits', takes).catch(() => undefined),
      close: () => undefined,
    },
    places: {
      enter: (key, limit) => supervisor.ask('enterPlace', { key, limit }).catch(() => false),
      leave: (key) => supervisor.tell('leavePlace', key),
    },
  };
}
