/** A world for decisions without I/O: a clock, a key set that can change, a revocation log, and a verifier with or without cache. */
import { createVerifier, JwtError, signJwt, type Algorithm, type Key, type KeyResolver } from '@sealgate/jwt';
import {
  createRevocationView,
  type RevocationKind,
  type RevocationView,
  type TokenRef,
  type TrustedIssuers,
} from '@sealgate/guard';

export const ISSUER = 'https://id.test';
export const AUDIENCE = 'https://api.test';

/** A key set that says at once what it has, and can lose it. */
export class ChangingKeys implements KeyResolver {
  readonly #keys = new Map<string | undefined, Key>();
  reachable = true;

  add(key: Key): void {
    this.#keys.set(key.kid, key);
  }

  remove(kid: string): void {
    this.#keys.delete(kid);
  }

  find(kid: string | undefined, alg: Algorithm): Key | undefined {
    if (!this.reachable) throw new JwtError('keys_unavailable');
    const key = this.#keys.get(kid);
    return key?.alg === alg ? key : undefined;
  }

  isCurrent(key: Key): boolean {
    return this.reachable && this.#keys.get(key.kid) === key;
  }
}

export class World {
  now = 1_800_000_000;
  fresh = true;
  readonly keys = new ChangingKeys();
  readonly view: RevocationView = createRevocationView({ now: () => this.now });
  #seq = 0;

  constructor() {
    this.view.applySnapshot({ log: 'L', seq: 0 }, []);
  }

  /** Everything is shared between the trusts of one world but the verifier's cache. */
  trust(cache: boolean): TrustedIssuers {
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['ES256', 'ES384'],
      typ: 'at+jwt',
      keys: this.keys,
      now: () => this.now,
      cache,
    });
    const issuer = {
      name: 'main',
      mapping: { subject: ['sub'], clientId: [['client_id']], scopes: [['scope']], roles: [['roles']] },
      revocation: {
        onStale: 'deny' as const,
        statusListPrefix: `${ISSUER}/v1/status-lists/`,
        isFresh: () => this.fresh,
        isRevoked: (ref: TokenRef) => this.view.isRevoked(ref),
      },
      introspect: () => Promise.resolve('unknown' as const),
    };
    return {
      check: (token, source) => verifier.check(token, source),
      byUrl: (url) => (url === ISSUER ? issuer : undefined),
    };
  }

  revoke(kind: RevocationKind, id: string): void {
    this.#seq += 1;
    this.view.applyChange({ seq: this.#seq, kind, id, before: this.now + 1, expires: this.now + 100_000 });
  }

  token(key: Key, claims: Record<string, unknown> = {}): string {
    return signJwt(
      {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'alice',
        client_id: 'web',
        sid: 's1',
        jti: 'j1',
        scope: 'read',
        iat: this.now,
        exp: this.now + 600,
        status: { status_list: { idx: 1, uri: `${ISSUER}/v1/status-lists/1` } },
        ...claims,
      },
      { key, typ: 'at+jwt' },
    );
  }
}
