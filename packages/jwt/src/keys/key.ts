/**
 * `Key`: a cryptographic key bound to one algorithm, fixed at import (RFC 8725 section 3.1).
 *
 * Opaque: the material is in a `KeyObject` behind a private field, and prints as nothing. Made by `import-key.ts`, `generate.ts`
 * and `jwks.ts` alone, which hold the rules of what may become one.
 */
import type { KeyObject } from 'node:crypto';
import { ALGORITHMS, type Algorithm } from '../algorithms.ts';

/** A key and the one algorithm it serves. Has no readable material: use `exportJwk` and its neighbours. */
export interface Key {
  /** The one algorithm it serves, fixed at import. */
  readonly alg: Algorithm;
  /** Key id (RFC 7515 section 4.1.4). */
  readonly kid: string | undefined;
  /** Which half it is, or that there is one half only. */
  readonly type: 'public' | 'private' | 'secret';
}

/** What the signature code needs, prepared once at import. */
export interface KeyMaterial {
  readonly object: KeyObject;
  /** Length of every signature of this key, bytes. */
  readonly signatureBytes: number;
}

class LocalKey implements Key {
  readonly alg: Algorithm;
  readonly kid: string | undefined;
  readonly type: 'public' | 'private' | 'secret';
  readonly #material: KeyMaterial;

  constructor(alg: Algorithm, kid: string | undefined, material: KeyMaterial) {
    this.alg = alg;
    this.kid = kid;
    this.type = material.object.type;
    this.#material = material;
    Object.freeze(this);
  }

  static materialOf(key: Key): KeyMaterial {
    if (!(#material in key)) throw new TypeError('this is not a key: make one with importKey or generateKey');
    return key.#material;
  }

  static is(value: unknown): value is Key {
    return typeof value === 'object' && value !== null && #material in value;
  }

  toJSON(): { alg: Algorithm; kid: string | undefined; type: string } {
    return { alg: this.alg, kid: this.kid, type: this.type };
  }
}

/** For the modules of this folder: wraps a `KeyObject` that has passed the checks. */
export function makeKey(alg: Algorithm, kid: string | undefined, object: KeyObject): Key {
  const info = ALGORITHMS[alg];
  const signatureBytes =
    info.family === 'rsa' ? Math.ceil((object.asymmetricKeyDetails?.modulusLength ?? 0) / 8) : info.signatureBytes;
  return new LocalKey(alg, kid, { object, signatureBytes });
}

/** @throws {TypeError} for anything that this package did not make. */
export const materialOf: (key: Key) => KeyMaterial = (key) => LocalKey.materialOf(key);

/** True for keys made by this package. */
export const isKey: (value: unknown) => value is Key = (value) => LocalKey.is(value);

/** True when two keys have the same material, algorithm, kind and id. */
export function sameKey(left: Key, right: Key): boolean {
  return (
    left.alg === right.alg &&
    left.kid === right.kid &&
    left.type === right.type &&
    materialOf(left).object.equals(materialOf(right).object)
  );
}
