/** The issuer: login, grants, sessions, refresh families, keys, the revocation log. `createIssuer` is the way in. */
export { createIssuer, type Issuer, type IssuerOptions } from './issuer.ts';
export type { IssuerAdmin } from './admin/admin.ts';
export type { AuditAdmin, AuditView } from './admin/audit.ts';
export type { ClientView } from './admin/clients.ts';
export type { Page } from './admin/context.ts';
export type { KeyAdmin, KeyView } from './admin/keys.ts';
export type { UserView } from './admin/users.ts';
export { openAudit, type AuditOnDisk } from './audit/open-audit.ts';
export type { AuditFilter, AuditReport } from './audit/audit-reader.ts';
export type { ChainFault } from './audit/chain.ts';
export { ACTOR_NAME, AUDIT_EVENTS } from './audit/event.ts';
export { replaceMasterKey } from './keys/reseal.ts';
export {
  ADMIN_SCOPE,
  adminAudience,
  builtInOperatorCredential,
  type OperatorCredential,
} from './clients/built-in-operator.ts';
export { builtInVerifierCredential, type VerifierCredential } from './clients/built-in-verifier.ts';
export type { NewClient } from './clients/client.ts';
export { issuerConfigSchema, listenAddress, type IssuerConfig, type IssuerConfigInput } from './config.ts';
export { ISSUER_ERROR_CODES, IssuerError, type IssuerErrorCode } from './errors.ts';
export { describeAdminApi } from './http/admin/openapi.ts';
export { FIRST_PARTY_CODES, type FirstPartyCode } from './http/problems.ts';
export { createMasterKeySource, wrapMasterKey, type MasterKeySource } from './master-key-sources/master-key-source.ts';
export { wrappedMasterKeySchema, type WrappedMasterKeyConfig } from './master-key-sources/config.ts';
export type { ConnectedVerifier, Confirmation } from './revocation/confirmations.ts';
export { systemRuntime, type Runtime } from './runtime.ts';
export { type MasterKey, openMasterKey } from './secrets/master-key.ts';
export { signerConfigSchema, type SignerConfig } from './signers/config.ts';
export type { ExternalSigner } from './signers/external-signer.ts';
export type { KeyStoreDependencies } from './signers/key-store-dependencies.ts';
export { openSigner } from './signers/open-signer.ts';
export { SIGNER_ERROR_CODES, SignerError, type SignerErrorCode } from './signers/signer-error.ts';
export type { SigningAlgorithm } from './signers/signing-algorithm.ts';
export type { SessionView } from './sessions/sessions.ts';
export type { MigrationStep } from './store/migrate.ts';
export { migrateDatabase } from './store/migrate-database.ts';
export { buildPasswordFilter } from './users/password-filter.ts';
export type { NewUser } from './users/users.ts';
