/**
 * Client secrets as they are kept: HMAC-SHA256 under a data key of its own, bound to the client. The database alone allows
 * no guessing, not even of a weak secret, and checking costs two microseconds.
 */
import { timingSafeEqual } from 'node:crypto';
import { MacKey } from '../secrets/mac.ts';
import type { Client } from './client.ts';

export class ClientSecrets {
  readonly #key: MacKey;

  /** @param key - The data key of this purpose: client secrets outlive the master key. */
  constructor(key: Buffer) {
    this.#key = new MacKey(key);
  }

  mac(clientId: string, secret: string): Uint8Array {
    // Client ids hold no NUL, so the two parts cannot be shifted.
    return this.#key.of(`${clientId}\0${secret}`);
  }

  /** Whether `presented` is one of the client's live secrets. Takes as long for a client that is not known. */
  matches(client: Client | undefined, clientId: string, presented: string, nowMs: number): boolean {
    const mac = this.mac(clientId, presented);
    let matched = false;
    for (const { mac: stored, expiresMs } of client?.secrets ?? []) {
      const live = expiresMs === null || nowMs < expiresMs;
      if (timingSafeEqual(mac, stored) && live) matched = true;
    }
    return matched;
  }
}
