/** The client of AWS KMS: how it is made from configuration, and what its errors mean. Shared by signer and master key source. */
import type * as AwsKms from '@aws-sdk/client-kms';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { Secret } from '@sealgate/service';
import { SignerError, type SignerErrorCode } from './signer-error.ts';

/** Where AWS KMS is, and who asks. */
export interface AwsAccess {
  readonly region: string;
  /** Another address than AWS's own for the region: a VPC endpoint, or a server of the same protocol. */
  readonly endpoint?: string | undefined;
  /** Default: what the AWS SDK finds (environment, profile, web identity, container or instance role). */
  readonly credentials?:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: Secret;
        readonly sessionToken?: Secret | undefined;
      }
    | undefined;
}

/** The SDK tries each request so often, on failures that may pass. */
const ATTEMPTS = 3;

export function createAwsClient(kms: typeof AwsKms, { region, endpoint, credentials }: AwsAccess): KMSClient {
  return new kms.KMSClient({
    region,
    maxAttempts: ATTEMPTS,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKeyId,
            secretAccessKey: credentials.secretAccessKey.reveal(),
            ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken.reveal() }),
          },
        }),
  });
}

/**
 * Throws if a key is named by an ARN of another region or is not a key of AWS KMS at all: the request would reach a service that
 * cannot know the key.
 *
 * @throws {SignerError} `options_invalid`.
 */
export function assertRegion(keyId: string, region: string): void {
  if (!keyId.startsWith('arn:')) return;
  const [, , service, keyRegion] = keyId.split(':');
  if (service === 'kms' && keyRegion === region) return;
  throw new SignerError('options_invalid', {
    signer: `aws-kms:${keyId}`,
    detail: `the key's ARN names ${service ?? '?'} in ${keyRegion ?? '?'}, and the configured region is ${region}`,
  });
}

const MEANINGS: Readonly<Record<string, SignerErrorCode>> = {
  NotFoundException: 'key_not_found',
  InvalidArnException: 'key_not_found',
  AccessDeniedException: 'key_not_permitted',
  DisabledException: 'key_unusable',
  KMSInvalidStateException: 'key_unusable',
  KeyUnavailableException: 'key_unusable',
  InvalidKeyUsageException: 'key_mismatch',
  UnsupportedOperationException: 'key_mismatch',
  ValidationException: 'request_refused',
  IncorrectKeyException: 'integrity_failed',
  InvalidCiphertextException: 'integrity_failed',
  ThrottlingException: 'throttled',
  LimitExceededException: 'throttled',
  CredentialsProviderError: 'credentials_refused',
  TokenProviderError: 'credentials_refused',
  ExpiredTokenException: 'credentials_refused',
  IncompleteSignature: 'credentials_refused',
  IncompleteSignatureException: 'credentials_refused',
  InvalidClientTokenId: 'credentials_refused',
  InvalidSignatureException: 'credentials_refused',
  MissingAuthenticationTokenException: 'credentials_refused',
  SignatureDoesNotMatch: 'credentials_refused',
  UnrecognizedClientException: 'credentials_refused',
  ETIMEDOUT: 'timeout',
  TimeoutError: 'timeout',
};

/** Whose text names the principal, the action and the key, and nothing secret. */
const WORTH_QUOTING: ReadonlySet<SignerErrorCode> = new Set(['key_not_permitted', 'key_not_found', 'key_unusable']);

/** What an error of the AWS SDK means. One without a status had no answer; the SDK calls a dropped connection a time-out too. */
export function awsFailure(error: unknown): SignerError {
  if (error instanceof SignerError) return error;
  if (!(error instanceof Error)) return new SignerError('service_failed');
  const status = statusOf(error);
  const network = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const reason = network !== undefined && status === undefined ? network : error.name;
  const code =
    MEANINGS[reason] ?? (status === undefined ? 'unreachable' : status === 429 ? 'throttled' : 'service_failed');
  return new SignerError(code, {
    reason,
    ...(status === undefined ? {} : { status }),
    ...(WORTH_QUOTING.has(code) && error.message !== '' ? { detail: error.message.slice(0, 400) } : {}),
  });
}

function statusOf(error: Error): number | undefined {
  const metadata = '$metadata' in error ? (error.$metadata as { readonly httpStatusCode?: number }) : undefined;
  return metadata?.httpStatusCode;
}
