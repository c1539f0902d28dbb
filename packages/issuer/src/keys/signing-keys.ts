/**
 * Signing keys as data: public half in clear, private half sealed under a key derived from the master key and bound to its row. One
 * key for each algorithm is active; an index holds that, whatever number of processes start at once.
 */
import { exportJwk, exportPrivateJwk, generateKey, importKey, type Algorithm, type Key } from '@sealgate/jwt';
import { toSeconds, type Runtime } from '../runtime.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import { open, seal } from '../secrets/seal.ts';
import { query } from '../store/query.ts';
import type { KeyState, SigningKeyTable } from '../store/schema.ts';
import type { Reader, Store } from '../store/store.ts';

export interface SigningKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly state: KeyState;
  readonly publicKey: Key;
  /** Undefined once the private half has been destroyed. */
  readonly privateKey: Key | undefined;
  readonly createdSeconds: number;
}

const allKeys = query((db) => db.selectFrom('signing_key').selectAll().orderBy('created_ms'));

const insertKey = query(
  (
    db,
    p: {
      kid: string;
      alg: string;
      state: KeyState;
      publicJwk: string;
      sealed: Uint8Array;
      now: number;
      activated: number | null;
    },
  ) =>
    db
      .insertInto('signing_key')
      .values({
        kid: p.kid,
        alg: p.alg,
        state: p.state,
        public_jwk: p.publicJwk,
        sealed_private: p.sealed,
        created_ms: p.now,
        activated_ms: p.activated,
        retiring_ms: null,
        ended_ms: null,
      })
      .onConflict((c) => c.doNothing()),
);

export class SigningKeys {
  readonly #store: Store;
  readonly #sealingKey: Buffer;
  readonly #runtime: Runtime;

  constructor(store: Store, masterKey: MasterKey, runtime: Runtime) {
    this.#store = store;
    this.#sealingKey = masterKey.derive('signing-key/v1');
    this.#runtime = runtime;
  }

  /** Every key that is stored, oldest first. @throws {IssuerError} `sealed_data_rejected`. */
  async read(reader: Reader = this.#store): Promise<SigningKey[]> {
    return (await reader.all(allKeys, {})).map((row) => this.#keyOf(row));
  }

  /** Makes a first key for the algorithm where none is active. Of several processes, one key wins. */
  async ensureActive(alg: Algorithm): Promise<void> {
    const keys = await this.read();
    if (keys.some((key) => key.alg === alg && key.state === 'active')) return;
    const key = generateKey(alg);
    const kid = key.kid ?? '';
    const now = this.#runtime.nowMs();
    const plain = Buffer.from(JSON.stringify(exportPrivateJwk(key)));
    const sealed = seal(plain, this.#sealingKey, sealContext(kid, alg), this.#runtime);
    const publicJwk = JSON.stringify(exportJwk(key));
    await this.#store.write(async (tx) => {
      await tx.run(insertKey, { kid, alg, state: 'active', publicJwk, sealed, now, activated: now });
      await tx.announce({ about: 'keys' });
    });
  }

  #keyOf(row: SigningKeyTable): SigningKey {
    const alg = row.alg as Algorithm;
    const options = { alg, kid: row.kid };
    const sealed = row.sealed_private;
    const privateKey =
      sealed === null
        ? undefined
        : importKey(JSON.parse(open(sealed, this.#sealingKey, sealContext(row.kid, row.alg)).toString()), options);
    return {
      kid: row.kid,
      alg,
      state: row.state,
      publicKey: importKey(JSON.parse(row.public_jwk), options),
      privateKey,
      createdSeconds: toSeconds(row.created_ms),
    };
  }
}

function sealContext(kid: string, alg: string): string {
  return `signing-key ${alg} ${kid}`;
}
