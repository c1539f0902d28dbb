/**
 * The tables, as both databases hold them. Three column types are enough for both: whole numbers (every time is milliseconds
 * since the Unix epoch, every wire time seconds, and the name says which), text (JSON is text), and bytes.
 */

/** One row: where the revocation log stands. Updating it is what orders transactions that write to the log. */
export interface LogHeadTable {
  id: 1;
  /** Opaque id of this log; another one means that sequence numbers of before say nothing. */
  log: string;
  seq: number;
  /** A verifier that has applied `floor` or later can be given the changes since; the rows before it may be gone. */
  floor: number;
}

export type RevocationKind = 'token' | 'session' | 'family' | 'subject' | 'client' | 'key';

export interface RevocationTable {
  seq: number;
  kind: RevocationKind;
  holder: string;
  before_seconds: number;
  expires_seconds: number;
}

export interface StatusListTable {
  list: number;
  size: number;
  next_index: number;
  created_ms: number;
}

/** One row for each access token that has not expired: ADR 5. */
export interface AccessTokenTable {
  list: number;
  idx: number;
  jti: string;
  kid: string;
  subject: string;
  client: string;
  session: string | null;
  family: string | null;
  issued_seconds: number;
  expires_seconds: number;
}

export interface UserAccountTable {
  id: string;
  username: string;
  password_hash: string;
  roles: string;
  tenant: string | null;
  disabled_ms: number | null;
  /** No token is issued to this holder before this second: ADR 6. */
  not_before_seconds: number;
  created_ms: number;
  updated_ms: number;
}

export interface ClientTable {
  id: string;
  name: string;
  authentication: 'none' | 'secret';
  grants: string;
  scopes: string;
  audiences: string;
  introspection: number;
  dpop_bound: number;
  certificate_bound: number;
  disabled_ms: number | null;
  not_before_seconds: number;
  /** Counts changes: a cached copy is current while its version is. */
  version: number;
  created_ms: number;
  updated_ms: number;
}

export interface ClientSecretTable {
  id: string;
  client: string;
  mac: Uint8Array;
  created_ms: number;
  expires_ms: number | null;
}

export interface SessionTable {
  id: string;
  subject: string;
  client: string;
  created_ms: number;
  last_used_ms: number;
  idle_expires_ms: number;
  expires_ms: number;
  authenticated_ms: number;
  methods: string;
  first_address: string;
  last_address: string;
  first_user_agent: string;
  last_user_agent: string;
  revoked_ms: number | null;
  revoked_reason: string | null;
}

export interface RefreshFamilyTable {
  id: string;
  session: string;
  subject: string;
  client: string;
  scope: string;
  audience: string;
  /** What a public client's refresh tokens are bound to: thumbprints of a DPoP key and of a certificate. */
  jkt: string | null;
  certificate: string | null;
  /** Generation of the newest member: the one live leaf. */
  generation: number;
  created_ms: number;
  last_used_ms: number;
  idle_expires_ms: number;
  expires_ms: number;
  revoked_ms: number | null;
  revoked_reason: string | null;
}

export interface RefreshTokenTable {
  hash: Uint8Array;
  family: string;
  generation: number;
  created_ms: number;
  consumed_ms: number | null;
  /** The successor's bytes, sealed under a key that only the presented token yields. */
  sealed_successor: Uint8Array | null;
}

export type KeyState = 'announced' | 'active' | 'retiring' | 'retired' | 'compromised';

export interface SigningKeyTable {
  kid: string;
  alg: string;
  state: KeyState;
  public_jwk: string;
  sealed_private: Uint8Array | null;
  /** Where the private half is, if it is in a key store: that store's name for it. */
  external: string | null;
  created_ms: number;
  activated_ms: number | null;
  retiring_ms: number | null;
  ended_ms: number | null;
  /** Number in the revocation log that stands behind the key's announcement: who has confirmed it knows the key. */
  marker_seq: number | null;
  /** An announced key is not promoted before. */
  promote_after_ms: number | null;
}

/** Keys that outlive the master key, sealed under it: replacing the master key seals them again. */
export interface DataKeyTable {
  name: string;
  sealed: Uint8Array;
  created_ms: number;
}

/** Events that wait to be sealed: written by the unit of work that they tell of. */
export interface AuditPendingTable {
  id: string;
  body: string;
  /** Proves that an issuer wrote it. */
  mac: string;
}

/** Sealed events; the columns repeat what the text says, to find it. */
export interface AuditEventTable {
  seq: number;
  id: string;
  at_ms: number;
  event: string;
  subject: string | null;
  body: string;
  mac: string;
}

/** One row: how far the audit reaches. Held by whoever seals. */
export interface AuditHeadTable {
  id: 1;
  floor_seq: number;
  floor_mac: string;
  seq: number;
  mac: string;
  signature: string;
}

/** DPoP proofs that were taken, until they would be refused for their age. */
export interface DpopProofTable {
  hash: Uint8Array;
  expires_seconds: number;
}

/** How often something was tried: `limits/attempt-limits.ts`. */
export interface AttemptCountTable {
  /** Kind of limit, and a keyed hash of the account, address or device. */
  key: string;
  attempts: number;
  /** The count begins anew from here on. */
  ends_ms: number;
}

/** What lets a user set a password without the old one: `users/reset-tokens.ts`. */
export interface PasswordResetTable {
  hash: Uint8Array;
  user: string;
  created_ms: number;
  expires_ms: number;
}

export interface SchemaMigrationTable {
  id: string;
  applied_ms: number;
}

export interface Tables {
  log_head: LogHeadTable;
  revocation: RevocationTable;
  status_list: StatusListTable;
  access_token: AccessTokenTable;
  user_account: UserAccountTable;
  client: ClientTable;
  client_secret: ClientSecretTable;
  session: SessionTable;
  refresh_family: RefreshFamilyTable;
  refresh_token: RefreshTokenTable;
  signing_key: SigningKeyTable;
  data_key: DataKeyTable;
  audit_pending: AuditPendingTable;
  audit_event: AuditEventTable;
  audit_head: AuditHeadTable;
  dpop_proof: DpopProofTable;
  attempt_count: AttemptCountTable;
  password_reset: PasswordResetTable;
  schema_migration: SchemaMigrationTable;
}
