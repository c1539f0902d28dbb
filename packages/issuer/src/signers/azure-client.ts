/** The client of Azure Key Vault: how it is made from configuration, and what its errors mean. Shared by signer and master key source. */
import type * as AzureIdentity from '@azure/identity';
import type * as KeyVaultKeys from '@azure/keyvault-keys';
import type { TokenCredential } from '@azure/identity';
import type { CryptographyClient, KeyClient, KeyVaultKey } from '@azure/keyvault-keys';
import type { Secret } from '@sealgate/service';
import type { AzureTransport } from './key-store-dependencies.ts';
import { SignerError, type SignerErrorCode } from './signer-error.ts';

/** The SDK tries each request so often again, on failures that may pass. */
const RETRY = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 1000 } as const;

/** Who asks. */
export interface AzureAccess {
  /** Default: what `DefaultAzureCredential` finds (environment, workload identity, managed identity). */
  readonly credentials?:
    | { readonly tenantId: string; readonly clientId: string; readonly clientSecret: Secret }
    | undefined;
}

export function createAzureCredential(
  identity: typeof AzureIdentity,
  { credentials }: AzureAccess,
  transport: AzureTransport,
): TokenCredential {
  const options = { retryOptions: RETRY, ...transport };
  if (credentials === undefined) return new identity.DefaultAzureCredential(options);
  const { tenantId, clientId, clientSecret } = credentials;
  return new identity.ClientSecretCredential(tenantId, clientId, clientSecret.reveal(), options);
}

/** A key by its URL: `https://VAULT.vault.azure.net/keys/NAME[/VERSION]`. */
export interface AzureKeyName {
  readonly vaultUrl: string;
  readonly name: string;
  readonly version: string | undefined;
}

/** @throws {SignerError} `options_invalid`. */
export function parseAzureKeyUrl(text: string): AzureKeyName {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, collection, name, version, ...rest] = url?.pathname.split('/') ?? [];
  if (url?.protocol !== 'https:' || collection !== 'keys' || name === undefined || name === '' || rest.length > 0) {
    throw new SignerError('options_invalid', {
      detail: 'the key of an Azure Key Vault is named by a URL, as "https://VAULT.vault.azure.net/keys/NAME/VERSION"',
    });
  }
  return { vaultUrl: url.origin, name, version: version === '' ? undefined : version };
}

/** A key that was fetched, and the client that uses exactly this version of it. */
export interface AzureKey {
  readonly key: KeyVaultKey;
  readonly id: string;
  readonly operations: CryptographyClient;
}

export function createAzureClient(
  keys: typeof KeyVaultKeys,
  vaultUrl: string,
  credential: TokenCredential,
  transport: AzureTransport,
): KeyClient {
  return new keys.KeyClient(vaultUrl, credential, { retryOptions: RETRY, ...transport });
}

/** Fetches a key; without a version the newest one, which then stays in use. @throws {SignerError} */
export async function fetchAzureKey(
  client: KeyClient,
  { name, version }: AzureKeyName,
  abortSignal: AbortSignal,
): Promise<AzureKey> {
  const key = await askAzure(client.getKey(name, { abortSignal, ...(version === undefined ? {} : { version }) }));
  const found = key.properties.version;
  if (key.name !== name || found === undefined || (version ?? found) !== found || key.id === undefined) {
    throw new SignerError('integrity_failed', { detail: 'Azure Key Vault answered for another key' });
  }
  return { key, id: key.id, operations: client.getCryptographyClient(name, { keyVersion: found }) };
}

/** @throws {SignerError} what the client's error means. */
export async function askAzure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw azureFailure(error);
  }
}

const STATUS_MEANINGS: Readonly<Record<number, SignerErrorCode>> = {
  400: 'request_refused',
  401: 'credentials_refused',
  403: 'key_not_permitted',
  404: 'key_not_found',
  408: 'timeout',
  429: 'throttled',
};

/** Whose text names the principal, the action and the key, and nothing secret. */
const WORTH_QUOTING: ReadonlySet<SignerErrorCode> = new Set(['key_not_found', 'key_not_permitted', 'key_unusable']);

const UNUSABLE = /^Key(?:Disabled|Expired|NotYetValid)$/u;

const IDENTITY_ERRORS: ReadonlySet<string> = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);

/** What an error of the Azure SDK means. */
export function azureFailure(error: unknown): SignerError {
  if (error instanceof SignerError) return error;
  if (!(error instanceof Error)) return new SignerError('service_failed');
  if (IDENTITY_ERRORS.has(error.name)) return new SignerError('credentials_refused', { reason: error.name });
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  const reason = innerCode(error) ?? ('code' in error && typeof error.code === 'string' ? error.code : error.name);
  if (status === undefined) {
    // Without an answer: no connection, or an answer that the client would not follow (its checks of the challenge).
    const network = reason === 'REQUEST_SEND_ERROR' || /^E[A-Z_]+$/u.test(reason);
    return new SignerError(network ? 'unreachable' : 'answer_malformed', { reason });
  }
  const meaning = UNUSABLE.test(reason) ? 'key_unusable' : (STATUS_MEANINGS[status] ?? 'service_failed');
  const detail = WORTH_QUOTING.has(meaning) && error.message !== '' ? { detail: error.message.slice(0, 400) } : {};
  return new SignerError(meaning, { reason, status, ...detail });
}

/** `error.innererror.code` of the answer's body: for 403 it says why. */
function innerCode(error: Error): string | undefined {
  const details = 'details' in error ? (error.details as ErrorDetails | undefined) : undefined;
  const code = details?.error?.innerError?.code;
  return typeof code === 'string' ? code : undefined;
}

interface ErrorDetails {
  readonly error?: { readonly innerError?: { readonly code?: unknown } };
}
