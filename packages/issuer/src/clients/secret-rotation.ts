/**
 * The secrets of a client, of which two may be live, so that one is replaced without a moment in which neither or nobody's counts: add the
 * second, put it to use, remove the first. A secret is made here, told once, and kept as a keyed hash (`client-secrets.ts`).
 */
import { IssuerError } from '../errors.ts';
import { createId, type Runtime } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Transaction } from '../store/store.ts';
import { touchClient } from './client-changes.ts';
import type { Client, StoredSecret } from './client.ts';
import type { ClientSecrets } from './client-secrets.ts';
import { insertSecret } from './clients.ts';

/** Says to people and to secret scanners what it is. */
const PREFIX = 'sgc_';
const SECRET_BYTES = 32;
const MOST_LIVE = 2;

const remove = query((db, p: { id: string; client: string }) =>
  db.deleteFrom('client_secret').where('id', '=', p.id).where('client', '=', p.client),
);

/** A secret that is told once. */
export interface NewSecret {
  readonly id: string;
  readonly secret: string;
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
}

/** 256 bits. */
export function generateSecret(runtime: Runtime): string {
  return PREFIX + Buffer.from(runtime.random(SECRET_BYTES)).toString('base64url');
}

/** Those that count at this moment. */
export function liveSecrets({ secrets }: Client, nowMs: number): readonly StoredSecret[] {
  return secrets.filter(({ expiresMs }) => expiresMs === null || nowMs < expiresMs);
}

/**
 * As part of `tx`, which holds `client`. Secrets that have run out are removed.
 *
 * @throws {IssuerError} `client_public`, `client_secrets_full`.
 */
export async function addSecret(
  tx: Transaction,
  { secrets, runtime }: { readonly secrets: ClientSecrets; readonly runtime: Runtime },
  client: Client,
  expiresMs: number | undefined,
): Promise<NewSecret> {
  if (client.authentication === 'none') throw new IssuerError('client_public');
  const now = runtime.nowMs();
  const live = liveSecrets(client, now);
  if (live.length >= MOST_LIVE) throw new IssuerError('client_secrets_full');
  for (const { id } of client.secrets.filter((each) => !live.includes(each)))
    await tx.run(remove, { id, client: client.id });
  const secret = generateSecret(runtime);
  const id = createId(runtime, 'sec_');
  const mac = secrets.mac(client.id, secret);
  await tx.run(insertSecret, { id, client: client.id, mac, now, expires: expiresMs ?? null });
  await touchClient(tx, client.id, now);
  return { id, secret, createdMs: now, expiresMs };
}

/** As part of `tx`, which holds `client`. @throws {IssuerError} `client_secret_unknown`, `client_secret_last`. */
export async function removeSecret(tx: Transaction, client: Client, id: string, nowMs: number): Promise<void> {
  if (!client.secrets.some((each) => each.id === id)) throw new IssuerError('client_secret_unknown');
  if (liveSecrets(client, nowMs).every((each) => each.id === id)) throw new IssuerError('client_secret_last');
  await tx.run(remove, { id, client: client.id });
  await touchClient(tx, client.id, nowMs);
}

/** Replaces whatever secrets there are by one that is known already. */
export async function setOnlySecret(
  tx: Transaction,
  { secrets, runtime }: { readonly secrets: ClientSecrets; readonly runtime: Runtime },
  client: Client,
  secret: string,
): Promise<void> {
  const now = runtime.nowMs();
  for (const { id } of client.secrets) await tx.run(remove, { id, client: client.id });
  const mac = secrets.mac(client.id, secret);
  await tx.run(insertSecret, { id: createId(runtime, 'sec_'), client: client.id, mac, now, expires: null });
  await touchClient(tx, client.id, now);
}
