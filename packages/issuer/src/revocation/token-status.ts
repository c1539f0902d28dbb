/**
 * Whether access tokens are revoked, by the database and so right to the latest commit (RFC 7662 section 2.2). Who asks in one moment is
 * answered by one read, which begins after the last of them has asked.
 */
import type { OwnAccessToken } from '../tokens/own-tokens.ts';
import { jsonStrings, query } from '../store/query.ts';
import type { RevocationKind } from '../store/schema.ts';
import type { Reader } from '../store/store.ts';
import { statusReference } from './record.ts';

const ofHolders = query((db, p: { holders: string }, kind) =>
  db
    .selectFrom('revocation')
    .select((e) => ['holder', 'kind', e.fn.max('before_seconds').as('before')])
    .where('holder', 'in', jsonStrings(p.holders, kind))
    .groupBy(['holder', 'kind']),
);

/** What the log holds of some holders: for each kind and holder, the latest `before`. */
class Found {
  readonly #before = new Map<string, number>();

  add(kind: RevocationKind, holder: string, before: number): void {
    this.#before.set(`${kind} ${holder}`, before);
  }

  hits({ claims, kid, place }: OwnAccessToken): boolean {
    if (this.#before.size === 0) return false;
    const before = (kind: RevocationKind, holder: string | undefined) => this.#before.get(`${kind} ${holder}`) ?? 0;
    return (
      this.#before.has(`token ${statusReference(place.list, place.index)}`) ||
      this.#before.has(`key ${kid}`) ||
      before('session', claims.sid) > claims.iat ||
      before('subject', claims.sub) > claims.iat ||
      before('client', claims.client_id) > claims.iat
    );
  }
}

/** Those who asked since the last read. */
interface Round {
  readonly holders: Set<string>;
  readonly found: Promise<Found>;
}

export class TokenStatus {
  readonly #reader: Reader;
  #round: Round | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async isRevoked(token: OwnAccessToken): Promise<boolean> {
    const { holders, found } = (this.#round ??= this.#begin());
    const { claims, kid, place } = token;
    holders.add(statusReference(place.list, place.index)).add(kid).add(claims.sub).add(claims.client_id);
    if (claims.sid !== undefined) holders.add(claims.sid);
    return (await found).hits(token);
  }

  #begin(): Round {
    const holders = new Set<string>();
    return { holders, found: this.#readAfterThisMoment(holders) };
  }

  async #readAfterThisMoment(holders: ReadonlySet<string>): Promise<Found> {
    await new Promise((resolve) => setImmediate(resolve));
    // Who asks from here on may ask about a later commit.
    this.#round = undefined;
    const found = new Found();
    for (const { kind, holder, before } of await this.#reader.all(ofHolders, {
      holders: JSON.stringify([...holders]),
    })) {
      found.add(kind, holder, before);
    }
    return found;
  }
}
