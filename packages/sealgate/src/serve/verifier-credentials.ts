/**
 * The credential of a gateway at the issuer of the same file: derived from the master key, so that nobody has to configure a secret that both
 * already share (ADR 8).
 */
import type { SealgateConfig } from '../config/schema.ts';

export interface VerifierCredential {
  readonly id: string;
  readonly secret: string;
}

/**
 * For each of the gateway's issuers that is the file's own and has no `client`, by name.
 *
 * @throws {IssuerError} if the master key cannot be read. @throws {SignerError} if its key store cannot be asked.
 */
export async function verifierCredentials({
  issuer,
  gateway,
}: SealgateConfig): Promise<Record<string, VerifierCredential>> {
  if (issuer === undefined || gateway === undefined) return {};
  const own = Object.entries(gateway.issuers).filter(
    ([, { url, client }]) => url === issuer.url && client === undefined,
  );
  if (own.length === 0) return {};
  const { builtInVerifierCredential, createMasterKeySource, systemRuntime } = await import('@sealgate/issuer');
  const { clientId: id, clientSecret: secret } = builtInVerifierCredential(
    await createMasterKeySource(issuer.keys.masterKey, systemRuntime).open(),
  );
  return Object.fromEntries(own.map(([name]) => [name, { id, secret }]));
}
