/**
 * Status lists as signed tokens (Token Status List, sections 4 and 5), for verifiers that do not read the feed: one bit for each place,
 * 1 where an unexpired token is revoked. Right to the log as it stands when the list is asked for, and signed again when its `ttl`
 * is over; in between the same text is served from memory.
 */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { Algorithm } from '@sealgate/jwt';
import type { KeyRing } from '../keys/key-ring.ts';
import { toSeconds, type Runtime } from '../runtime.ts';
import { readLive, readLogHead } from '../revocation/log.ts';
import { query } from '../store/query.ts';
import type { RevocationKind } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { signWith } from './access-token.ts';

export const STATUS_LIST_MEDIA_TYPE = 'application/statuslist+jwt';
/** How long verifiers may use a copy. They choose the list over the feed because they can live with that. */
export const STATUS_LIST_TTL_SECONDS = 30;
export const STATUS_LIST_LIFE_SECONDS = 3600;
/** Rows looked at in one step; other work goes between. */
const STEP = 8192;
const PAGE = 1000;

const compress = promisify(deflate);

const findList = query((db, p: { list: number }) =>
  db.selectFrom('status_list').select(['size', 'next_index']).where('list', '=', p.list),
);

const tokensBetween = query((db, p: { list: number; from: number; to: number; now: number }) =>
  db
    .selectFrom('access_token')
    .select(['idx', 'subject', 'client', 'session', 'kid', 'issued_seconds'])
    .where('list', '=', p.list)
    .where('idx', '>=', p.from)
    .where('idx', '<', p.to)
    .where('expires_seconds', '>', p.now),
);

export interface StatusListOptions {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly runtime: Runtime;
  readonly algorithm: Algorithm;
  readonly issuer: () => string;
}

interface Published {
  readonly token: string;
  readonly seq: number;
  readonly signedSeconds: number;
  readonly kid: string | undefined;
}

/** Live records by what they hit: for each holder, the `before`. */
type Holders = Readonly<Record<RevocationKind, Map<string, number>>>;

export class StatusLists {
  readonly #options: StatusListOptions;
  readonly #published = new Map<number, Published>();
  readonly #building = new Map<number, Promise<Published | undefined>>();

  constructor(options: StatusListOptions) {
    this.#options = options;
  }

  /** The signed list, or `undefined` if there is none of this number. */
  async publish(list: number): Promise<string | undefined> {
    const { store, ring, runtime, algorithm } = this.#options;
    const { seq } = await readLogHead(store);
    const known = this.#published.get(list);
    const fresh = known !== undefined && toSeconds(runtime.nowMs()) - known.signedSeconds < STATUS_LIST_TTL_SECONDS;
    if (fresh && known.seq === seq && known.kid === ring.active(algorithm).kid) return known.token;
    // Whoever asks while a list is being made may have seen a later commit: it waits for that one, then makes its own.
    const underway = this.#building.get(list);
    if (underway !== undefined) {
      await underway.catch(() => undefined);
      return this.publish(list);
    }
    const building = this.#build(list, seq).finally(() => this.#building.delete(list));
    this.#building.set(list, building);
    return (await building)?.token;
  }

  async #build(list: number, seq: number): Promise<Published | undefined> {
    const { store, ring, runtime, algorithm, issuer } = this.#options;
    const row = await store.first(findList, { list });
    if (row === undefined) return undefined;
    const nowSeconds = toSeconds(runtime.nowMs());
    const bits = await this.#bits(list, row.size, row.next_index, seq, nowSeconds);
    const key = ring.active(algorithm);
    const claims = {
      iss: issuer(),
      sub: `${issuer()}/v1/status-lists/${list}`,
      iat: nowSeconds,
      exp: nowSeconds + STATUS_LIST_LIFE_SECONDS,
      ttl: STATUS_LIST_TTL_SECONDS,
      status_list: { bits: 1, lst: (await compress(bits, { level: 9 })).toString('base64url') },
    };
    const token = await signWith(key, claims, 'statuslist+jwt');
    const published = { token, seq, signedSeconds: nowSeconds, kid: key.kid };
    this.#published.set(list, published);
    return published;
  }

  async #bits(list: number, size: number, issued: number, seq: number, nowSeconds: number): Promise<Uint8Array> {
    const bits = new Uint8Array(Math.ceil(size / 8));
    const holders = await this.#holders(seq, nowSeconds);
    for (const reference of holders.token.keys()) {
      const [itsList, index] = reference.split(':').map(Number);
      if (itsList === list && index !== undefined) setBit(bits, index);
    }
    const { session, subject, client, key } = holders;
    if (session.size + subject.size + client.size + key.size === 0) return bits;
    for (let from = 0; from < issued; from += STEP) {
      const rows = await this.#options.store.all(tokensBetween, { list, from, to: from + STEP, now: nowSeconds });
      for (const row of rows) {
        const before = (map: Map<string, number>, holder: string) => row.issued_seconds < (map.get(holder) ?? 0);
        const isHit =
          key.has(row.kid) ||
          before(subject, row.subject) ||
          before(client, row.client) ||
          (row.session !== null && before(session, row.session));
        if (isHit) setBit(bits, row.idx);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return bits;
  }

  async #holders(seq: number, nowSeconds: number): Promise<Holders> {
    const holders: Holders = {
      token: new Map(),
      session: new Map(),
      family: new Map(),
      subject: new Map(),
      client: new Map(),
      key: new Map(),
    };
    for await (const page of readLive(this.#options.store, seq, nowSeconds, PAGE)) {
      for (const { kind, id, before } of page) {
        holders[kind].set(id, Math.max(before, holders[kind].get(id) ?? 0));
      }
    }
    return holders;
  }
}

/** Places are packed from the least significant bit of each byte on (section 4.1). */
function setBit(bits: Uint8Array, index: number): void {
  const byte = index >> 3;
  bits[byte] = (bits[byte] ?? 0) | (1 << (index & 7));
}
