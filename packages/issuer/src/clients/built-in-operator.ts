/**
 * The first administrator (ADR 21): whoever holds the master key can derive the secret of the client `sealgate-operator`, which may do
 * nothing but administrate. It is a stored client like any other, made at the start and kept in step with the master key and the issuer's
 * address, so that its tokens are revoked, audited and refused as any are; an administrator may disable it, and it stays so.
 */
import type { Audit } from '../audit/audit-log.ts';
import type { Runtime } from '../runtime.ts';
import type { MasterKey } from '../secrets/master-key.ts';
import type { Store } from '../store/store.ts';
import { changeClient, lockClient } from './client-changes.ts';
import { insertClient, readClient } from './clients.ts';
import type { Client } from './client.ts';
import type { ClientSecrets } from './client-secrets.ts';
import { setOnlySecret } from './secret-rotation.ts';

export const BUILT_IN_OPERATOR_ID = 'sealgate-operator';
/** What a client must be allowed for a call of the administration. */
export const ADMIN_SCOPE = 'sealgate:admin';

/** What tokens for the administration of an issuer are for (`aud`). */
export function adminAudience(issuerUrl: string): string {
  return `${issuerUrl}/admin/v1`;
}

export interface OperatorCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The credential of whoever holds the master key. */
export function builtInOperatorCredential(masterKey: MasterKey): OperatorCredential {
  const secret = masterKey.mac(`sealgate/operator/v1/${BUILT_IN_OPERATOR_ID}`).toString('base64url');
  return { clientId: BUILT_IN_OPERATOR_ID, clientSecret: secret };
}

export interface OperatorParts {
  readonly store: Store;
  readonly audit: Audit;
  readonly secrets: ClientSecrets;
  readonly runtime: Runtime;
  readonly credential: OperatorCredential;
}

/** Makes the client, or brings it in step. Writes nothing where all is as it should be. */
export async function ensureBuiltInOperator(parts: OperatorParts, issuerUrl: string): Promise<void> {
  const { store, audit, secrets, runtime, credential } = parts;
  const id = BUILT_IN_OPERATOR_ID;
  const audience = adminAudience(issuerUrl);
  const mac = secrets.mac(id, credential.clientSecret);
  const known = await readClient(store, id);
  if (known !== undefined && isInStep(known, audience, mac)) return;
  await store.write(async (tx) => {
    const now = runtime.nowMs();
    const made = await tx.run(insertClient, {
      id,
      name: 'Sealgate operator',
      authentication: 'secret',
      grants: JSON.stringify(['client_credentials']),
      scopes: JSON.stringify([ADMIN_SCOPE]),
      audiences: JSON.stringify([audience]),
      introspection: 0,
      dpopBound: 0,
      certificateBound: 0,
      now,
    });
    const client = await lockClient(tx, id);
    if (client === undefined || isInStep(client, audience, mac)) return;
    const event = made === 1 ? 'client_created' : 'client_changed';
    await audit.append(tx, { event, actor: { kind: 'issuer' }, client: id });
    await changeClient(tx, client, { audiences: [audience] }, now);
    await setOnlySecret(tx, parts, client, credential.clientSecret);
  });
}

function isInStep({ audiences, secrets }: Client, audience: string, mac: Uint8Array): boolean {
  const isFor = audiences.length === 1 && audiences[0] === audience;
  return isFor && secrets.length === 1 && secrets.every((each) => Buffer.from(each.mac).equals(mac));
}
