/**
 * The client credentials grant (RFC 6749 section 4.4): a token for the client itself. One durable statement, which also makes sure
 * that the client is still as it was when it was authenticated.
 */
import type { Audit } from '../audit/audit-log.ts';
import type { Origin } from '../audit/event.ts';
import type { Client } from '../clients/client.ts';
import type { Clients } from '../clients/clients.ts';
import { untilSecond } from '../revocation/hold.ts';
import type { Runtime } from '../runtime.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { AccessTokenRow, AccessTokens, PreparedAccessToken } from '../tokens/access-token.ts';
import type { StatusPlaces } from '../tokens/status-index.ts';
import { grantedAudience } from './audience.ts';
import { GrantError } from './grant-error.ts';
import { grantedScope } from './scope.ts';
import type { Sender } from './sender.ts';

export interface ClientCredentialsParts {
  readonly store: Store;
  readonly audit: Audit;
  readonly clients: Clients;
  readonly places: StatusPlaces;
  readonly accessTokens: AccessTokens;
  readonly runtime: Runtime;
  readonly defaultAudience: readonly string[];
  /** Whether each token is an event of the audit too. Its row in the database is written in any case. */
  readonly auditsClientTokens: boolean;
}

export interface ClientCredentialsRequest {
  readonly scope: string | undefined;
  readonly resource: string | undefined;
  readonly sender: Sender;
  readonly origin: () => Origin;
}

// Writes nothing unless the client is unchanged and may be issued to in this second.
const insertIfUnchanged = query((db, p: AccessTokenRow & { version: number }) =>
  db
    .insertInto('access_token')
    .columns(['list', 'idx', 'jti', 'kid', 'subject', 'client', 'issued_seconds', 'expires_seconds'])
    .expression((e) =>
      e
        .selectFrom('client')
        .select((s) => [
          s.cast<number>(s.val(p.list), 'bigint').as('list'),
          s.cast<number>(s.val(p.idx), 'bigint').as('idx'),
          s.cast<string>(s.val(p.jti), 'text').as('jti'),
          s.cast<string>(s.val(p.kid), 'text').as('kid'),
          s.ref('client.id').as('subject'),
          s.ref('client.id').as('client'),
          s.cast<number>(s.val(p.issued), 'bigint').as('issued_seconds'),
          s.cast<number>(s.val(p.expires), 'bigint').as('expires_seconds'),
        ])
        .where('id', '=', p.client)
        .where('version', '=', p.version)
        .where('disabled_ms', 'is', null)
        .where('not_before_seconds', '<=', p.issued),
    ),
);

/** @throws {GrantError} `unauthorized_client`, `invalid_scope`, `invalid_target`, `invalid_client`. */
export async function grantClientCredentials(
  parts: ClientCredentialsParts,
  authenticated: Client,
  request: ClientCredentialsRequest,
): Promise<PreparedAccessToken> {
  let client = authenticated;
  for (;;) {
    const grant = checkRequest(client, request, parts.defaultAudience);
    const place = parts.places.take();
    const token = parts.accessTokens.prepare(grant, place instanceof Promise ? await place : place);
    if (await writeToken(parts, { ...token.row, version: client.version }, request.origin)) return token;
    client = await currentClient(parts, client.id);
  }
}

/** @returns false if the client is not as it was any more. */
async function writeToken(
  { store, audit, auditsClientTokens }: ClientCredentialsParts,
  row: AccessTokenRow & { version: number },
  origin: () => Origin,
): Promise<boolean> {
  if (!auditsClientTokens) return (await store.execute(insertIfUnchanged, row)) === 1;
  return store.write(async (tx) => {
    if ((await tx.run(insertIfUnchanged, row)) === 0) return false;
    const { client } = row;
    await audit.append(tx, {
      event: 'client_token',
      actor: { kind: 'client', id: client },
      client,
      target: `jti:${row.jti}`,
      origin: origin(),
    });
    return true;
  });
}

function checkRequest(client: Client, request: ClientCredentialsRequest, defaultAudience: readonly string[]) {
  if (client.disabled) throw new GrantError('invalid_client', 'client authentication failed', 'client_disabled');
  if (client.authentication === 'none' || !client.grants.has('client_credentials')) {
    throw new GrantError('unauthorized_client', 'this client may not use the client credentials grant');
  }
  const scope = grantedScope(request.scope, client.scopes);
  if (scope === undefined)
    throw new GrantError('invalid_scope', 'the scope is malformed or exceeds what this client may have');
  const audience = grantedAudience(request.resource, client.audiences, defaultAudience);
  return { subject: client.id, clientId: client.id, audience, scope, sender: request.sender };
}

/** The client as it is now; waits out the second in which its tokens were revoked (ADR 6). */
async function currentClient({ clients, runtime }: ClientCredentialsParts, id: string): Promise<Client> {
  clients.forget(id);
  const client = await clients.find(id);
  if (client === undefined) throw new GrantError('invalid_client', 'client authentication failed', 'client_removed');
  await untilSecond(client.notBeforeSeconds, runtime);
  return client;
}
