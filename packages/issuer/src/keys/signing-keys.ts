/**
 * Signing keys as data: public half in clear, private half sealed under a key derived from the master key and bound to its row, or in a key
 * store (`external-keys.ts`), which the row names. Every
 * transition is one guarded statement, so that any number of processes may try the same one and it happens once; an index holds that
 * one key for each algorithm is active. When a transition is due, `key-rotation.ts` decides.
 */
import {
  exportJwk,
  exportPrivateJwk,
  generateKey,
  importKey,
  type Algorithm,
  type Key,
  type Signer,
} from '@sealgate/jwt';
import { IssuerError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import { open, seal } from '../secrets/seal.ts';
import { lockRows, query } from '../store/query.ts';
import type { KeyState, SigningKeyTable } from '../store/schema.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import type { ExternalKeys } from './external-keys.ts';

export interface SigningKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly state: KeyState;
  readonly publicKey: Key;
  /** What signs with it. Undefined once the private half has been destroyed, or where its key store is not configured. */
  readonly signer: Key | Signer | undefined;
  /** The key store's name for it, such as `aws-kms:alias/sealgate`; undefined for a key that is sealed here. */
  readonly external: string | undefined;
  readonly createdMs: number;
  readonly activatedMs: number | undefined;
  readonly retiringMs: number | undefined;
  readonly markerSeq: number | undefined;
  readonly promoteAfterMs: number | undefined;
}

type NewRow = Readonly<{
  kid: string;
  alg: string;
  state: KeyState;
  publicJwk: string;
  sealed: Uint8Array | null;
  external: string | null;
  created: number;
  activated: number | null;
  promoteAfter: number | null;
}>;

const allKeys = query((db) => db.selectFrom('signing_key').selectAll().orderBy('created_ms').orderBy('kid'));

const holdKeys = query((db, p: { alg: string }, kind) =>
  lockRows(db.selectFrom('signing_key').select('kid').where('alg', '=', p.alg).orderBy('kid'), kind),
);

const keysOfAlgorithm = query((db, p: { alg: string }) =>
  db.selectFrom('signing_key').select(['kid', 'state']).where('alg', '=', p.alg),
);

const insertKey = query((db, p: NewRow) =>
  db
    .insertInto('signing_key')
    .values({
      kid: p.kid,
      alg: p.alg,
      state: p.state,
      public_jwk: p.publicJwk,
      sealed_private: p.sealed,
      external: p.external,
      created_ms: p.created,
      activated_ms: p.activated,
      retiring_ms: null,
      ended_ms: null,
      marker_seq: null,
      promote_after_ms: p.promoteAfter,
    })
    .onConflict((c) => c.doNothing()),
);

const noteMarker = query((db, p: { kid: string; seq: number }) =>
  db.updateTable('signing_key').set({ marker_seq: p.seq }).where('kid', '=', p.kid),
);

const beginRetiring = query((db, p: { alg: string; now: number }) =>
  db
    .updateTable('signing_key')
    .set({ state: 'retiring', retiring_ms: p.now })
    .where('alg', '=', p.alg)
    .where('state', '=', 'active'),
);

const activate = query((db, p: { kid: string; now: number }) =>
  db
    .updateTable('signing_key')
    .set({ state: 'active', activated_ms: p.now })
    .where('kid', '=', p.kid)
    .where('state', '=', 'announced'),
);

const end = query((db, p: { kid: string; from: KeyState; to: KeyState; now: number }) =>
  db
    .updateTable('signing_key')
    .set({ state: p.to, ended_ms: p.now, sealed_private: null })
    .where('kid', '=', p.kid)
    .where('state', '=', p.from),
);

const hasten = query((db, p: { kid: string; promoteAfter: number }) =>
  db
    .updateTable('signing_key')
    .set({ promote_after_ms: p.promoteAfter })
    .where('kid', '=', p.kid)
    .where('state', '=', 'announced')
    .where('promote_after_ms', '>', p.promoteAfter),
);

const sealAgain = query((db, p: { kid: string; sealed: Uint8Array }) =>
  db.updateTable('signing_key').set({ sealed_private: p.sealed }).where('kid', '=', p.kid),
);

export class SigningKeys {
  readonly #store: Store;
  readonly #sealingKey: Buffer;
  readonly #runtime: Runtime;
  readonly #external: ExternalKeys;

  constructor(store: Store, masterKey: MasterKey, runtime: Runtime, external: ExternalKeys) {
    this.#store = store;
    this.#sealingKey = masterKey.derive('signing-key/v1');
    this.#runtime = runtime;
    this.#external = external;
  }

  /** Every key that is stored, oldest first. @throws {IssuerError} `sealed_data_rejected`. */
  async read(reader: Reader = this.#store): Promise<SigningKey[]> {
    return (await reader.all(allKeys, {})).map((row) => keyOf(row, this.#sealingKey, this.#external));
  }

  /**
   * Makes a first key for the algorithm where none is active, or takes the first of its key store. Of several processes, one key wins.
   *
   * @throws {IssuerError} `signing_key_unavailable`: the active key is in a key store that is not configured, or there is none to take.
   */
  async ensureActive(alg: Algorithm): Promise<void> {
    const known = await this.read();
    const active = known.find((key) => key.alg === alg && key.state === 'active');
    if (active !== undefined) {
      if (active.signer !== undefined) return;
      const detail = `the active ${alg} key is ${active.external}, which "keys.signers" does not name: add it until another key has taken over`;
      throw new IssuerError('signing_key_unavailable', detail);
    }
    const row = this.#external.serves(alg)
      ? this.#adopt(alg, known, 'active', undefined)
      : this.#generate(alg, 'active', undefined);
    if (row === undefined) {
      const detail = `every ${alg} key of "keys.signers" has been retired or compromised: add another`;
      throw new IssuerError('signing_key_unavailable', detail);
    }
    await this.#store.write(async (tx) => {
      await tx.run(insertKey, row);
      await tx.announce({ about: 'keys' });
    });
  }

  /**
   * Makes the successor of the active key, or takes the next of its key store, unless there is one; `afterwards` is called with its `kid` and
   * answers the number in the log behind which every verifier knows it.
   *
   * @returns `lacking` where the key store has no further one.
   */
  async announce(
    alg: Algorithm,
    promoteAfterMs: number,
    afterwards: (tx: Transaction, kid: string) => Promise<number>,
  ): Promise<'announced' | 'known' | 'lacking'> {
    // Generated before the unit of work: an RSA key takes its time.
    const made = this.#external.serves(alg) ? undefined : this.#generate(alg, 'announced', promoteAfterMs);
    return this.#store.write(async (tx) => {
      const keys = await holdKeysOf(tx, alg);
      const announced = keys.find(({ state }) => state === 'announced');
      if (announced !== undefined) {
        await tx.run(hasten, { kid: announced.kid, promoteAfter: promoteAfterMs });
        return 'known';
      }
      const row = made ?? this.#adopt(alg, keys, 'announced', promoteAfterMs);
      if (row === undefined) return 'lacking';
      if ((await tx.run(insertKey, row)) === 0) return 'known';
      await tx.announce({ about: 'keys' });
      await tx.run(noteMarker, { kid: row.kid, seq: await afterwards(tx, row.kid) });
      return 'announced';
    });
  }

  /** The announced key signs from now on, and the active one no more. @returns false if another process was first. */
  async promote(alg: Algorithm, kid: string, afterwards: (tx: Transaction) => Promise<void>): Promise<boolean> {
    return this.#store.write(async (tx) => {
      const keys = await holdKeysOf(tx, alg);
      if (keys.find((key) => key.kid === kid)?.state !== 'announced') return false;
      const now = this.#runtime.nowMs();
      // First the old one: two active keys cannot be written down.
      await tx.run(beginRetiring, { alg, now });
      await tx.run(activate, { kid, now });
      await afterwards(tx);
      await tx.announce({ about: 'keys' });
      return true;
    });
  }

  /** Nothing that the key signed is alive: forget it. @returns false if another process was first. */
  async retire(kid: string, afterwards: (tx: Transaction) => Promise<void>): Promise<boolean> {
    return this.#store.write(async (tx) => {
      const ended = await tx.run(end, { kid, from: 'retiring', to: 'retired', now: this.#runtime.nowMs() });
      if (ended === 0) return false;
      await afterwards(tx);
      await tx.announce({ about: 'keys' });
      return true;
    });
  }

  /**
   * Distrusts a key, whatever its state, as part of `tx`; an active one is replaced at once. One of a key store that has no further one is
   * replaced by nothing: no token is issued before another is configured.
   *
   * @returns false if it was distrusted before.
   */
  async compromise(tx: Transaction, { kid, alg }: Pick<SigningKey, 'kid' | 'alg'>): Promise<boolean> {
    const now = this.#runtime.nowMs();
    const keys = await holdKeysOf(tx, alg);
    const from = keys.find((key) => key.kid === kid)?.state;
    if (from === undefined || from === 'compromised') return false;
    await tx.run(end, { kid, from, to: 'compromised', now });
    const announced = keys.find(({ state }) => state === 'announced');
    if (from === 'active' && announced !== undefined) await tx.run(activate, { kid: announced.kid, now });
    if (from === 'active' && announced === undefined) {
      const row = this.#external.serves(alg)
        ? this.#adopt(alg, keys, 'active', undefined)
        : this.#generate(alg, 'active', undefined);
      if (row !== undefined) await tx.run(insertKey, row);
    }
    await tx.announce({ about: 'keys' });
    return true;
  }

  /** Where the successor of an active key would come from: made here, in the key store already, or nowhere. */
  stock(alg: Algorithm, known: readonly SigningKey[]): 'made' | 'spare' | 'lacking' {
    if (!this.#external.serves(alg)) return 'made';
    return this.#external.spare(alg, known) === undefined ? 'lacking' : 'spare';
  }

  /** The row of the next key of the key store; `undefined` if each of them is known. */
  #adopt(
    alg: Algorithm,
    known: readonly { readonly kid: string }[],
    state: 'active' | 'announced',
    promoteAfterMs: number | undefined,
  ): NewRow | undefined {
    const signer = this.#external.spare(alg, known);
    if (signer === undefined) return undefined;
    const { kid, name, publicKey } = signer;
    return {
      kid,
      publicJwk: JSON.stringify(exportJwk(publicKey)),
      sealed: null,
      external: name,
      ...this.#begin(alg, state, promoteAfterMs),
    };
  }

  #begin(alg: Algorithm, state: 'active' | 'announced', promoteAfterMs: number | undefined) {
    const created = this.#runtime.nowMs();
    return {
      alg,
      state,
      created,
      activated: state === 'active' ? created : null,
      promoteAfter: promoteAfterMs ?? null,
    };
  }

  #generate(alg: Algorithm, state: 'active' | 'announced', promoteAfterMs: number | undefined): NewRow {
    const key = generateKey(alg);
    const kid = key.kid ?? '';
    const plain = Buffer.from(JSON.stringify(exportPrivateJwk(key)));
    return {
      kid,
      publicJwk: JSON.stringify(exportJwk(key)),
      sealed: seal(plain, this.#sealingKey, sealContext(kid, alg), this.#runtime),
      external: null,
      ...this.#begin(alg, state, promoteAfterMs),
    };
  }
}

/** The keys of an algorithm as they stay until the commit. Read after they are held, so that one just made is among them. */
async function holdKeysOf(tx: Transaction, alg: Algorithm): Promise<{ kid: string; state: KeyState }[]> {
  await tx.all(holdKeys, { alg });
  return tx.all(keysOfAlgorithm, { alg });
}

/** Seals every private key again, as part of replacing the master key. */
export async function resealSigningKeys(
  tx: Transaction,
  from: MasterKey,
  to: MasterKey,
  runtime: Runtime,
): Promise<void> {
  for (const { kid, alg, sealed_private: sealed } of await tx.all(allKeys, {})) {
    if (sealed === null) continue;
    const context = sealContext(kid, alg);
    const plain = open(sealed, from.derive('signing-key/v1'), context);
    await tx.run(sealAgain, { kid, sealed: seal(plain, to.derive('signing-key/v1'), context, runtime) });
  }
}

function keyOf(row: SigningKeyTable, sealingKey: Uint8Array, stores: ExternalKeys): SigningKey {
  const alg = row.alg as Algorithm;
  const options = { alg, kid: row.kid };
  const sealed = row.sealed_private;
  const signs = row.state === 'announced' || row.state === 'active';
  const unsealed = sealed === null ? undefined : open(sealed, sealingKey, sealContext(row.kid, row.alg)).toString();
  return {
    kid: row.kid,
    alg,
    state: row.state,
    publicKey: importKey(JSON.parse(row.public_jwk), options),
    signer:
      unsealed !== undefined
        ? importKey(JSON.parse(unsealed), options)
        : row.external !== null && signs
          ? stores.find(row.kid)
          : undefined,
    external: row.external ?? undefined,
    createdMs: row.created_ms,
    activatedMs: row.activated_ms ?? undefined,
    retiringMs: row.retiring_ms ?? undefined,
    markerSeq: row.marker_seq ?? undefined,
    promoteAfterMs: row.promote_after_ms ?? undefined,
  };
}

function sealContext(kid: string, alg: string): string {
  return `signing-key ${alg} ${kid}`;
}
