/** The issuer: login, grants, sessions, refresh families, keys, the revocation log. `createIssuer` is the way in. */
export { createIssuer, type Issuer, type IssuerOptions } from './issuer.ts';
export type { ClientView, IssuerAdmin, UserView } from './admin.ts';
export { builtInVerifierCredential, type VerifierCredential } from './clients/built-in-verifier.ts';
export type { NewClient } from './clients/client.ts';
export { issuerConfigSchema, listenAddress, type IssuerConfig, type IssuerConfigInput } from './config.ts';
export { ISSUER_ERROR_CODES, IssuerError, type IssuerErrorCode } from './errors.ts';
export { FIRST_PARTY_CODES, type FirstPartyCode } from './http/problems.ts';
export type { ConnectedVerifier } from './revocation/confirmations.ts';
export { systemRuntime, type Runtime } from './runtime.ts';
export { type MasterKey, openMasterKey } from './secrets/master-key.ts';
export type { NewUser } from './users/users.ts';
