/**
 * Known devices: whoever has logged in gets a token that says "this device knows this user's password", signed and good for nothing else. A
 * login that presents one is counted by itself, so that others who guess at the account lock nobody out of it (the "device cookie" of
 * OWASP's "Slow Down Online Guessing Attacks"). It authenticates nobody.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Runtime } from '../runtime.ts';
import type { MacKey } from '../secrets/mac.ts';

const PREFIX = 'sgd_';
const NONCE_BYTES = 12;
const PATTERN = /^sgd_([0-9a-z]{1,9})\.([\w-]{16})\.([\w-]{43})$/u;

export interface KnownDevice {
  /** Names the device in counters. */
  readonly id: string;
}

export class KnownDevices {
  readonly #key: MacKey;
  readonly #runtime: Runtime;
  /** How long a device stays known. */
  readonly rememberMs: number;

  constructor(key: MacKey, runtime: Runtime, rememberMs: number) {
    this.#key = key;
    this.#runtime = runtime;
    this.rememberMs = rememberMs;
  }

  /** The device of `token`, if it is known to this user. */
  recognise(token: string | undefined, userId: string): KnownDevice | undefined {
    const [, since = '', nonce = '', mac = ''] = PATTERN.exec(token ?? '') ?? [];
    const expected = Buffer.from(this.#sign(userId, since, nonce));
    const presented = Buffer.from(mac);
    if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) return undefined;
    const ageMs = this.#runtime.nowMs() - Number.parseInt(since, 36) * 1000;
    return ageMs < this.rememberMs ? { id: nonce } : undefined;
  }

  /** A token for the device that has just logged this user in: the same device, known from now on. */
  remember(userId: string, known: KnownDevice | undefined): string {
    const since = Math.floor(this.#runtime.nowMs() / 1000).toString(36);
    const nonce = known?.id ?? Buffer.from(this.#runtime.random(NONCE_BYTES)).toString('base64url');
    return `${PREFIX}${since}.${nonce}.${this.#sign(userId, since, nonce)}`;
  }

  #sign(userId: string, since: string, nonce: string): string {
    return this.#key.textOf(`device\n${userId}\n${since}\n${nonce}`);
  }
}
