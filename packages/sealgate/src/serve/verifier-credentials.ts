/**
 * The credential of a gateway at the issuer of the same file: derived from the master key, so that nobody has to configure a secret that both
 * already share (ADR 8).
 */
import { builtInVerifierCredential, openMasterKey, systemRuntime } from '@sealgate/issuer';
import type { SealgateConfig } from '../config/schema.ts';

export interface VerifierCredential {
  readonly id: string;
  readonly secret: string;
}

/**
 * For each of the gateway's issuers that is the file's own and has no `client`, by name.
 *
 * @throws {IssuerError} if the master key cannot be read.
 */
export function verifierCredentials({ issuer, gateway }: SealgateConfig): Record<string, VerifierCredential> {
  if (issuer === undefined || gateway === undefined) return {};
  const own = Object.entries(gateway.issuers).filter(
    ([, { url, client }]) => url === issuer.url && client === undefined,
  );
  if (own.length === 0) return {};
  const { clientId: id, clientSecret: secret } = builtInVerifierCredential(
    openMasterKey(issuer.keys.masterKey, systemRuntime),
  );
  return Object.fromEntries(own.map(([name]) => [name, { id, secret }]));
}
