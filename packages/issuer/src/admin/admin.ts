/**
 * What an administrator may do, in process: the demonstration's seeding and the tests use it, and `http/admin/` answers with it. Who may call
 * is decided there; here stands who called, for the audit, and whose users it is about.
 */
import { IssuerError } from '../errors.ts';
import { readLogHead } from '../revocation/log.ts';
import type { ConnectedVerifier, PeerVerifiers } from '../revocation/confirmations.ts';
import { auditAdmin, type AuditAdmin } from './audit.ts';
import { clientAdmin, type ClientAdmin } from './clients.ts';
import { AdminContext, type AdminCaller, type AdminParts } from './context.ts';
import { keyAdmin, type KeyAdmin } from './keys.ts';
import { revocationAdmin, type RevocationAdmin } from './revocations.ts';
import { sessionAdmin, type SessionAdmin } from './sessions.ts';
import { userAdmin, type UserAdmin } from './users.ts';

export interface IssuerAdmin extends UserAdmin, ClientAdmin, SessionAdmin, RevocationAdmin {
  /** Verifiers that read the feed of this process. */
  verifiers(): readonly ConnectedVerifier[];
  /** Those of other processes that share the database, as far as they tell. */
  peers(): readonly PeerVerifiers[];
  /** The newest number of the revocation log. */
  newestRevocation(): Promise<number>;
  readonly keys: KeyAdmin;
  readonly audit: AuditAdmin;
}

export function createAdmin(parts: AdminParts, caller: AdminCaller): IssuerAdmin {
  const context = new AdminContext(parts, caller);
  const { confirmations, store } = parts;
  const everybodys = {
    ...clientAdmin(context),
    ...revocationAdmin(context),
    verifiers: () => confirmations.list(),
    peers: () => confirmations.peers(),
    newestRevocation: async () => (await readLogHead(store)).seq,
  };
  const guard = caller.tenant === undefined ? <Part>(part: Part) => part : refusing;
  return {
    ...userAdmin(context),
    ...sessionAdmin(context),
    ...guard(everybodys),
    keys: guard(keyAdmin(context)),
    audit: guard(auditAdmin(context)),
  };
}

/** The same calls, each of them refused: what is everybody's is nothing for the administrator of one tenant. */
function refusing<Part extends object>(part: Part): Part {
  const refuse = () => {
    throw new IssuerError('beyond_tenant');
  };
  return Object.fromEntries(Object.keys(part).map((name) => [name, refuse])) as Part;
}
