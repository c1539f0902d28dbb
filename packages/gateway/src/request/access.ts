/** Whether a client address may use the gateway, or a route: `deny` first, then `allow`. */
import type { AccessConfig } from '../config/access-schema.ts';
import { AddressSet } from './address-set.ts';

export class Access {
  readonly #allow: AddressSet | undefined;
  readonly #deny: AddressSet | undefined;

  constructor({ allow, deny }: AccessConfig) {
    this.#allow = allow === undefined ? undefined : new AddressSet(allow);
    this.#deny = deny === undefined ? undefined : new AddressSet(deny);
  }

  /** @param ip - The client's address, not a proxy's. */
  admits(ip: string): boolean {
    if (this.#deny?.has(ip) === true) return false;
    return this.#allow === undefined || this.#allow.has(ip);
  }
}
