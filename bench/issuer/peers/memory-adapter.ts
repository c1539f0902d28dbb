/**
 * Storage of `oidc-provider` in plain maps. Its own in-memory adapter forgets all but the latest thousand records, which a benchmark
 * of a few thousand families would notice. Records do not expire: a run is shorter than their life.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';

const records = new Map<string, AdapterPayload>();
const byGrant = new Map<string, string[]>();

export class MemoryAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const key = this.#key(id);
    records.set(key, payload);
    if (payload.grantId === undefined) return;
    const siblings = byGrant.get(payload.grantId) ?? [];
    siblings.push(key);
    byGrant.set(payload.grantId, siblings);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return records.get(this.#key(id));
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async findByUid(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = records.get(this.#key(id));
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    records.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const key of byGrant.get(grantId) ?? []) records.delete(key);
    byGrant.delete(grantId);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }
}
