/**
 * How the optional packages are imported, and what no configuration says; tests hand in others.
 *
 * The modules are `unknown` here, so that the published types name no package that may not be installed.
 */
import type { Agent } from 'node:https';

export interface KeyStoreDependencies {
  readonly koffi?: () => Promise<unknown>;
  readonly awsKms?: () => Promise<unknown>;
  readonly googleKms?: () => Promise<unknown>;
  readonly azureKeys?: () => Promise<unknown>;
  readonly azureIdentity?: () => Promise<unknown>;
  readonly azureTransport?: AzureTransport;
}

/** How the Azure SDK's own HTTP client connects; tests hand in an agent that finds the vault on this machine. */
export interface AzureTransport {
  readonly agent?: Agent;
}
