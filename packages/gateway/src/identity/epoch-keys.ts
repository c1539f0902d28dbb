/**
 * The gateway's own signing keys: one for each epoch, derived from a secret, so that every process that has the secret has the same keys
 * at the same time, and keeps and shares nothing (HKDF, RFC 5869; Ed25519, RFC 8037).
 *
 * The key of the next epoch is published a whole epoch before it signs, that of the last one for as long after: whoever reads the set
 * within that time has every key he meets.
 */
import { exportJwk, importKey, publicKey, thumbprint, type JwkPublic, type Key } from '@sealgate/jwt';
import { hkdfSync } from 'node:crypto';

export const INTERNAL_ALGORITHM = 'EdDSA';

export interface EpochKeysOptions {
  readonly secret: string;
  /** Seconds that one key signs for. */
  readonly rotateSeconds: number;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to its 32 octets. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export class EpochKeys {
  readonly #options: EpochKeysOptions;
  readonly #keys = new Map<number, Key>();

  constructor(options: EpochKeysOptions) {
    this.#options = options;
  }

  /** The key that signs now. */
  get current(): Key {
    return this.#keyOf(this.#epoch);
  }

  /** JWK Set (RFC 7517 section 5): last, current and next. */
  get jwks(): { readonly keys: readonly JwkPublic[] } {
    const epoch = this.#epoch;
    return { keys: [epoch - 1, epoch, epoch + 1].map((each) => exportJwk(publicKey(this.#keyOf(each)))) };
  }

  get #epoch(): number {
    const { now, rotateSeconds } = this.#options;
    return Math.floor(now() / rotateSeconds);
  }

  #keyOf(epoch: number): Key {
    const known = this.#keys.get(epoch);
    if (known !== undefined) return known;
    const { secret, rotateSeconds } = this.#options;
    const info = `sealgate/internal-token/v1/${rotateSeconds}/${epoch}`;
    const seed = new Uint8Array(hkdfSync('sha256', secret, '', info, 32));
    const der = Buffer.concat([PKCS8_PREFIX, seed]);
    const kid = thumbprint(importKey(der, { alg: INTERNAL_ALGORITHM }));
    const key = importKey(der, { alg: INTERNAL_ALGORITHM, kid });
    for (const old of this.#keys.keys()) if (old < epoch - 2) this.#keys.delete(old);
    this.#keys.set(epoch, key);
    return key;
  }
}
