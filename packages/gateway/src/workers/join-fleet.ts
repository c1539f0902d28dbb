/** A worker's end of what workers share: asks the supervisor. Where that cannot be asked any more, the worker is about to end: nothing is granted. */
import type { Reserves } from '../limits/reserves.ts';
import type { Channel } from './channel.ts';
import type { Fleet } from './fleet.ts';
import type { ToSupervisor } from './protocol.ts';

export function joinFleet(size: number, supervisor: Channel<ToSupervisor>, reserves: Reserves): Fleet {
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
      enter: (place) => supervisor.ask('enterPlace', place).catch(() => false),
      leave: (place) => supervisor.tell('leavePlace', place),
    },
    reserves,
  };
}
