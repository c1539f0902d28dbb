/**
 * What administrators do with a stored client: list, change, end. Every change raises its version and tells the processes that share the
 * database, whose copies are then read again. What happens to the client's tokens is `revocation/revoke.ts`.
 */
import * as z from 'zod';
import { IssuerError } from '../errors.ts';
import { lockRows, query } from '../store/query.ts';
import type { Reader, Transaction } from '../store/store.ts';
import { clientChangeSchema, clientOf, refuseWithoutSecret, type Client, type ClientChange } from './client.ts';
import { secretsOf, settingsColumns, type ClientSettings } from './clients.ts';

const locked = query((db, p: { id: string }, kind) =>
  lockRows(db.selectFrom('client').selectAll().where('id', '=', p.id), kind),
);

const page = query((db, p: { after: string; limit: number }) =>
  db.selectFrom('client').selectAll().where('id', '>', p.after).orderBy('id').limit(p.limit),
);

const update = query((db, p: ClientSettings & { disabled: number | null }) =>
  db
    .updateTable('client')
    .set((e) => ({
      ...settingsColumns(p),
      disabled_ms: p.disabled,
      version: e('version', '+', 1),
    }))
    .where('id', '=', p.id),
);

const touch = query((db, p: { id: string; now: number }) =>
  db
    .updateTable('client')
    .set((e) => ({ updated_ms: p.now, version: e('version', '+', 1) }))
    .where('id', '=', p.id),
);

const removeSecrets = query((db, p: { client: string }) =>
  db.deleteFrom('client_secret').where('client', '=', p.client),
);

const remove = query((db, p: { id: string }) => db.deleteFrom('client').where('id', '=', p.id));

/** The client, which nobody else changes until the commit. */
export async function lockClient(tx: Transaction, id: string): Promise<Client | undefined> {
  const row = await tx.first(locked, { id });
  return row && clientOf(row, await tx.all(secretsOf, { client: id }));
}

/** By id. @param after - The last id of the page before; empty for the first. */
export async function pageOfClients(reader: Reader, after: string, limit: number): Promise<Client[]> {
  const rows = await reader.all(page, { after, limit });
  const clients: Client[] = [];
  for (const row of rows) clients.push(clientOf(row, await reader.all(secretsOf, { client: row.id })));
  return clients;
}

/**
 * As part of `tx`, which holds `client`.
 *
 * @returns the client as it is then.
 * @throws {IssuerError} `client_invalid`.
 */
export async function changeClient(
  tx: Transaction,
  client: Client,
  input: ClientChange,
  nowMs: number,
): Promise<Client> {
  const parsed = clientChangeSchema
    .superRefine((change, context) => {
      const { grants = [...client.grants], introspection = client.introspection } = change;
      if (client.authentication === 'none') refuseWithoutSecret({ grants, introspection }, context);
    })
    .safeParse(input);
  if (!parsed.success) throw new IssuerError('client_invalid', z.prettifyError(parsed.error));
  const change = parsed.data;
  const next: Client = {
    ...client,
    name: change.name ?? client.name,
    grants: new Set(change.grants ?? client.grants),
    scopes: change.scopes ?? client.scopes,
    audiences: change.audiences ?? client.audiences,
    introspection: change.introspection ?? client.introspection,
    dpopBound: change.dpopBoundAccessTokens ?? client.dpopBound,
    certificateBound: change.tlsClientCertificateBoundAccessTokens ?? client.certificateBound,
    disabled: change.disabled ?? client.disabled,
    version: client.version + 1,
    updatedMs: nowMs,
  };
  await tx.run(update, {
    id: next.id,
    name: next.name,
    grants: JSON.stringify([...next.grants]),
    scopes: JSON.stringify(next.scopes),
    audiences: JSON.stringify(next.audiences),
    introspection: next.introspection ? 1 : 0,
    dpopBound: next.dpopBound ? 1 : 0,
    certificateBound: next.certificateBound ? 1 : 0,
    disabled: next.disabled ? nowMs : null,
    now: nowMs,
  });
  await tx.announce({ about: 'client', id: next.id });
  return next;
}

/** Notes that something of the client's has changed beside its own row. */
export async function touchClient(tx: Transaction, id: string, nowMs: number): Promise<void> {
  await tx.run(touch, { id, now: nowMs });
  await tx.announce({ about: 'client', id });
}

/** With its secrets, as part of `tx`; of the client's sessions none is left. @returns false without such a client. */
export async function removeClient(tx: Transaction, id: string): Promise<boolean> {
  await tx.run(removeSecrets, { client: id });
  if ((await tx.run(remove, { id })) === 0) return false;
  await tx.announce({ about: 'client', id });
  return true;
}
