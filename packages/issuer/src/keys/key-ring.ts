/**
 * The keys of this process: what signs, what verifies, and the JWK Set (RFC 7517 section 5) that says so. A copy of the database that
 * is read again whenever a process that shares it changes a key.
 */
import { createHash } from 'node:crypto';
import { exportJwk, type Algorithm, type JwkPublic, type Key, type Signer } from '@sealgate/jwt';
import { IssuerError } from '../errors.ts';
import { isPublished } from './key-states.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** The JWK Set as it is served. */
export interface KeySetDocument {
  readonly body: string;
  readonly keys: readonly JwkPublic[];
  readonly etag: string;
}

export class KeyRing {
  readonly #source: SigningKeys;
  #active = new Map<Algorithm, Key | Signer>();
  #verifying: readonly Key[] = [];
  #document: KeySetDocument;
  #reloading: Promise<void> | undefined;
  #again = false;
  readonly #listeners = new Set<() => void>();

  private constructor(source: SigningKeys, keys: readonly SigningKey[]) {
    this.#source = source;
    this.#document = this.#use(keys);
  }

  static async open(source: SigningKeys): Promise<KeyRing> {
    return new KeyRing(source, await source.read());
  }

  /** The key that signs new tokens, here or in its key store. @throws {IssuerError} `signing_key_unavailable`. */
  active(alg: Algorithm): Key | Signer {
    const key = this.#active.get(alg);
    if (key === undefined) throw new IssuerError('signing_key_unavailable', `no ${alg} key is active here`);
    return key;
  }

  /** Public keys whose signatures count. */
  get verifying(): readonly Key[] {
    return this.#verifying;
  }

  get document(): KeySetDocument {
    return this.#document;
  }

  /** Reads the database again. Calls that overlap share the next read. */
  reload(): Promise<void> {
    if (this.#reloading !== undefined) {
      this.#again = true;
      return this.#reloading;
    }
    this.#reloading = this.#read().finally(() => (this.#reloading = undefined));
    return this.#reloading;
  }

  /** Called after each change of the published set. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #read(): Promise<void> {
    do {
      this.#again = false;
      const before = this.#document.etag;
      this.#document = this.#use(await this.#source.read());
      if (this.#document.etag !== before) for (const listener of this.#listeners) listener();
    } while (this.#again);
  }

  #use(keys: readonly SigningKey[]): KeySetDocument {
    const published = keys.filter(({ state }) => isPublished(state));
    this.#verifying = published.map(({ publicKey }) => publicKey);
    this.#active = new Map();
    for (const { alg, state, signer } of keys) {
      if (state === 'active' && signer !== undefined) this.#active.set(alg, signer);
    }
    const jwks = published.map(({ publicKey }) => exportJwk(publicKey));
    const body = JSON.stringify({ keys: jwks });
    return { body, keys: jwks, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
  }
}
