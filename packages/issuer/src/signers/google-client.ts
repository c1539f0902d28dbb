/**
 * The client of Google Cloud KMS: how it is made from configuration, how it is called, and what its errors mean. Shared by signer
 * and master key source.
 *
 * Spoken over HTTP and JSON (the client's REST mode): it needs no gRPC connection, and goes through ordinary proxies. The client's
 * own retries are off: on giving up they report a time-out whatever the service said.
 */
import type * as GoogleKms from '@google-cloud/kms';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import type * as GoogleAuthLibrary from 'google-auth-library';
import type { Secret } from '@sealgate/service';
import { crc32c } from './crc32c.ts';
import { loadOptionalPackage } from './optional-package.ts';
import { SignerError, type SignerErrorCode } from './signer-error.ts';

/** Where Google Cloud KMS is, and who asks. */
export interface GoogleAccess {
  /** Another address than Google's own, as `https://HOST[:PORT]`. */
  readonly endpoint?: string | undefined;
  /** Key file of a service account (JSON). Default: Application Default Credentials. */
  readonly credentials?: Secret | undefined;
}

/** What all of Google Cloud is reached with; the account's roles decide what it may do. */
const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

/**
 * @throws {SignerError} `options_invalid`: the credentials are not a service account's key file; `package_missing`.
 */
export async function createGoogleClient(
  kms: typeof GoogleKms,
  { endpoint, credentials }: GoogleAccess,
): Promise<KeyManagementServiceClient> {
  const address = endpoint === undefined ? {} : addressOf(new URL(endpoint));
  if (credentials === undefined) return new kms.KeyManagementServiceClient({ fallback: true, ...address });
  const { email, key } = parseServiceAccount(credentials.reveal());
  const { GoogleAuth, JWT } = await loadOptionalPackage<typeof GoogleAuthLibrary>(
    'google-auth-library',
    () => import('google-auth-library'),
  );
  const auth = new GoogleAuth({ authClient: new JWT({ email, key, scopes: SCOPES }) });
  return new kms.KeyManagementServiceClient({ fallback: true, ...address, auth });
}

function addressOf(url: URL): { apiEndpoint: string; port: number; protocol: string } {
  const secure = url.protocol === 'https:';
  return {
    apiEndpoint: url.hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    protocol: secure ? 'https' : 'http',
  };
}

/** A key file of this type names no URL to send anything to; other types do, and come from wherever they come from. */
function parseServiceAccount(text: string): { email: string; key: string } {
  try {
    const { type, client_email, private_key } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (type === 'service_account' && typeof client_email === 'string' && typeof private_key === 'string') {
      return { email: client_email, key: private_key };
    }
  } catch {
    // Said below, without the text: it holds a private key.
  }
  throw new SignerError('options_invalid', {
    detail: 'the credentials are not the JSON key file of a service account',
  });
}

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 100;

/** Codes of gRPC (google.rpc.Code), which the REST mode reports too. */
const MEANINGS: Readonly<Record<number, SignerErrorCode>> = {
  1: 'timeout',
  3: 'request_refused',
  4: 'timeout',
  5: 'key_not_found',
  7: 'key_not_permitted',
  8: 'throttled',
  9: 'key_unusable',
  14: 'unreachable',
  16: 'credentials_refused',
};

/** Worth another try within the same deadline: the requests used here change nothing at the service. */
const RETRIED: ReadonlySet<number> = new Set([8, 13, 14]);

/** Whose text names the permission and the key, and nothing secret. */
const WORTH_QUOTING: ReadonlySet<SignerErrorCode> = new Set([
  'key_not_found',
  'key_not_permitted',
  'key_unusable',
  'request_refused',
]);

/**
 * The first part of the answer of `request`, tried again on failures that may pass.
 *
 * @throws {SignerError}
 */
export async function callGoogle<T>(
  signal: AbortSignal,
  request: (options: { retry: null; timeout: number }) => Promise<readonly [T, ...unknown[]]>,
  timeoutMs: number,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [answer] = await request({ retry: null, timeout: timeoutMs });
      return answer;
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || !RETRIED.has(grpcCode(error) ?? 0)) throw googleFailure(error);
      // Full jitter, as gateways that failed together must not come back together.
      await delay(Math.random() * FIRST_DELAY_MS * 2 ** attempt, undefined, { signal });
    }
  }
}

/** What an error of Google's client means. */
export function googleFailure(error: unknown): SignerError {
  if (error instanceof SignerError) return error;
  const code = grpcCode(error);
  if (!(error instanceof Error) || code === undefined) {
    // Not from the service: the credentials were not found or not accepted, or there is no connection.
    const reason = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const network = reason !== undefined && /^E[A-Z]+$/u.test(reason);
    return new SignerError(network ? 'unreachable' : 'credentials_refused', reason === undefined ? {} : { reason });
  }
  const meaning = MEANINGS[code] ?? 'service_failed';
  return new SignerError(meaning, {
    reason: `google.rpc.Code ${code}`,
    ...(WORTH_QUOTING.has(meaning) && error.message !== '' ? { detail: error.message.slice(0, 400) } : {}),
  });
}

function grpcCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** A checksum of the client's types (`Int64Value`): a number or its digits. */
export type Checksum = { readonly value?: number | string | Long | null } | null | undefined;
interface Long {
  toString(): string;
}

/** @throws {SignerError} `integrity_failed` unless `checksum` is that of `bytes`. A missing one is wrong too. */
export function assertChecksum(bytes: Uint8Array, checksum: Checksum, what: string): void {
  if (checksum?.value?.toString() === String(crc32c(bytes))) return;
  throw new SignerError('integrity_failed', { detail: `the checksum of the ${what} is not that of its bytes` });
}

/** Bytes of the client's types: an array, or base64 where it left them as they came. */
export function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : (value ?? new Uint8Array(0));
}
