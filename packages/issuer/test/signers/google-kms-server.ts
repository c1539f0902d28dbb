/**
 * Google Cloud KMS as far as a signer and a wrapped master key need it: the REST API v1 with its JSON form of protocol buffers
 * (enumerations as numbers, 64-bit numbers as text), every request's self-signed service account token checked, real keys, real
 * signatures, the checksums of the protocol.
 */
import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { crc32c } from '../../src/signers/crc32c.ts';
import { signDigestPkcs1, signDigestPss, signDigestWithCurve } from './sign-digest.ts';
import { type Answer, type StoreRequest, type StoreServer, startStoreServer } from './store-server.ts';

const KEY_RING = 'projects/acme/locations/europe-west3/keyRings/sealgate';

/** Resource name of a key version of this server. */
export const versionName = (key: string): string => `${KEY_RING}/cryptoKeys/${key}/cryptoKeyVersions/1`;

/** Resource name of a symmetric key of this server. */
export const keyName = (key: string): string => `${KEY_RING}/cryptoKeys/${key}`;

/** Numbers of `CryptoKeyVersion.CryptoKeyVersionAlgorithm`. */
export const ALGORITHM_NUMBERS = {
  GOOGLE_SYMMETRIC_ENCRYPTION: 1,
  RSA_SIGN_PSS_2048_SHA256: 2,
  RSA_SIGN_PKCS1_2048_SHA256: 5,
  EC_SIGN_P256_SHA256: 12,
  EC_SIGN_P384_SHA384: 13,
  RSA_SIGN_PSS_4096_SHA512: 15,
  RSA_SIGN_PKCS1_4096_SHA512: 16,
  EC_SIGN_SECP256K1_SHA256: 31,
  EC_SIGN_ED25519: 40,
} as const;

/** A key in the store. */
export interface GoogleKey {
  readonly privateKey?: KeyObject;
  readonly algorithm: keyof typeof ALGORITHM_NUMBERS;
  disabled?: boolean;
  forbidden?: boolean;
  /** Changes an answer of `asymmetricSign`, `encrypt` or `decrypt` before it leaves. */
  tamper?: ((answer: Record<string, unknown>) => Record<string, unknown>) | undefined;
}

export interface GoogleKmsServer extends StoreServer {
  readonly endpoint: string;
  /** The key file of the one service account that it knows. */
  readonly credentials: string;
}

class GoogleError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @param keys - By the last part of `cryptoKeys/...`. */
export async function startGoogleKmsServer(keys: Readonly<Record<string, GoogleKey>>): Promise<GoogleKmsServer> {
  const account = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const email = 'issuer@acme.iam.gserviceaccount.com';
  const wrappingKey = randomBytes(32);

  const find = (key: string): GoogleKey => {
    const found = keys[key];
    if (found === undefined) throw new GoogleError(404, 'NOT_FOUND', `CryptoKeyVersion ${versionName(key)} not found.`);
    if (found.forbidden === true) {
      throw new GoogleError(403, 'PERMISSION_DENIED', "Permission 'cloudkms.cryptoKeyVersions.useToSign' denied.");
    }
    if (found.disabled === true) {
      throw new GoogleError(
        400,
        'FAILED_PRECONDITION',
        `${versionName(key)} is not enabled, current state is: DISABLED.`,
      );
    }
    return found;
  };

  const operations: Readonly<Record<string, (key: string, input: Record<string, unknown>) => Record<string, unknown>>> =
    {
      '/publicKey': (name) => {
        const { privateKey, algorithm } = find(name);
        if (privateKey === undefined) throw new GoogleError(400, 'INVALID_ARGUMENT', 'not an asymmetric key');
        const pem = createPublicKey(privateKey).export({ format: 'pem', type: 'spki' });
        return {
          pem,
          algorithm: ALGORITHM_NUMBERS[algorithm],
          pemCrc32c: String(crc32c(Buffer.from(pem))),
          name: versionName(name),
          protectionLevel: 2,
        };
      },
      ':asymmetricSign': (name, input) => {
        const { privateKey, algorithm } = find(name);
        if (privateKey === undefined) throw new GoogleError(400, 'INVALID_ARGUMENT', 'not an asymmetric key');
        const signature = Buffer.from(signWith(privateKey, algorithm, input));
        return {
          signature: signature.toString('base64'),
          signatureCrc32c: String(crc32c(signature)),
          ...(input['digest'] === undefined ? { verifiedDataCrc32c: true } : { verifiedDigestCrc32c: true }),
          name: versionName(name),
          protectionLevel: 2,
        };
      },
      ':encrypt': (name, input) => {
        find(name);
        const [plaintext, aad] = [checked(input, 'plaintext'), checked(input, 'additionalAuthenticatedData')];
        const nonce = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(
          Buffer.concat([Buffer.from(`${name}/`), aad]),
        );
        const ciphertext = Buffer.concat([nonce, cipher.update(plaintext), cipher.final()]);
        const sealed = Buffer.concat([ciphertext, cipher.getAuthTag()]);
        return {
          name: versionName(name),
          ciphertext: sealed.toString('base64'),
          ciphertextCrc32c: String(crc32c(sealed)),
          verifiedPlaintextCrc32c: true,
          verifiedAdditionalAuthenticatedDataCrc32c: true,
        };
      },
      ':decrypt': (name, input) => {
        find(name);
        const [sealed, aad] = [checked(input, 'ciphertext'), checked(input, 'additionalAuthenticatedData')];
        try {
          const decipher = createDecipheriv('aes-256-gcm', wrappingKey, sealed.subarray(0, 12));
          decipher.setAAD(Buffer.concat([Buffer.from(`${name}/`), aad]));
          decipher.setAuthTag(sealed.subarray(-16));
          const plaintext = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
          return {
            plaintext: plaintext.toString('base64'),
            plaintextCrc32c: String(crc32c(plaintext)),
            usedPrimary: true,
          };
        } catch {
          throw new GoogleError(
            400,
            'INVALID_ARGUMENT',
            'Decryption failed: verify that name refers to the correct CryptoKey.',
          );
        }
      },
    };

  const server = await startStoreServer((request): Answer => {
    try {
      assertServiceAccount(request, email, account.publicKey);
      const [, key = '', operation = ''] =
        /^\/v1\/projects\/acme\/locations\/europe-west3\/keyRings\/sealgate\/cryptoKeys\/([^/:]+)(?:\/cryptoKeyVersions\/1)?([/:]\w+)$/u.exec(
          decodeURIComponent(request.url.pathname),
        ) ?? [];
      const run = operations[operation];
      if (run === undefined) throw new GoogleError(404, 'NOT_FOUND', 'no such resource');
      const input =
        request.method === 'POST' ? (JSON.parse(request.rawBody.toString('utf8')) as Record<string, unknown>) : {};
      const body = run(key, input);
      return { status: 200, body: keys[key]?.tamper?.(body) ?? body };
    } catch (error) {
      if (!(error instanceof GoogleError)) throw error;
      return {
        status: error.status,
        body: { error: { code: error.status, status: error.code, message: error.message } },
      };
    }
  });
  return {
    ...server,
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: JSON.stringify({
      type: 'service_account',
      project_id: 'acme',
      private_key_id: 'k1',
      private_key: account.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      client_email: email,
      token_uri: `http://127.0.0.1:${server.port}/token`,
    }),
  };
}

/** A field and its checksum, which must be there and right. */
function checked(input: Record<string, unknown>, field: string): Buffer {
  const text = input[field];
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64');
  const given = input[`${field}Crc32c`];
  if (String(given) !== String(crc32c(bytes))) {
    throw new GoogleError(400, 'INVALID_ARGUMENT', `The checksum in field ${field}_crc32c did not match the data.`);
  }
  return bytes;
}

function signWith(key: KeyObject, algorithm: string, input: Record<string, unknown>): Uint8Array {
  if (algorithm === 'EC_SIGN_ED25519') return sign(null, checked(input, 'data'), key);
  const digests = (input['digest'] ?? {}) as Readonly<Record<string, string>>;
  const [name, text] = Object.entries(digests)[0] ?? ['', ''];
  const digest = Buffer.from(text, 'base64');
  if (!algorithm.endsWith(name.toUpperCase())) throw new GoogleError(400, 'INVALID_ARGUMENT', 'wrong digest type');
  if (String(input['digestCrc32c']) !== String(crc32c(digest)))
    throw new GoogleError(400, 'INVALID_ARGUMENT', 'checksum');
  if (algorithm.startsWith('EC_')) return signDigestWithCurve(key, digest, 'der');
  return algorithm.includes('_PSS_') ? signDigestPss(key, digest) : signDigestPkcs1(key, digest);
}

/** A self-signed JWT of the service account ("JWT authorization without OAuth"). */
function assertServiceAccount({ headers }: StoreRequest, email: string, key: KeyObject): void {
  const token = /^Bearer (.+)$/u.exec(headers.authorization ?? '')?.[1] ?? '';
  const [header = '', payload = '', signature = ''] = token.split('.');
  const valid = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
  const claims = valid ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>) : {};
  if (claims['iss'] !== email || claims['sub'] !== email || !(Number(claims['exp']) > Date.now() / 1000)) {
    throw new GoogleError(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
}
