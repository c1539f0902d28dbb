/**
 * AWS KMS as far as a signer and a wrapped master key need it: the JSON 1.1 protocol (`X-Amz-Target: TrentService.*`), every request's
 * Signature Version 4 checked, real keys, real signatures.
 *
 * Answers as the AWS KMS API Reference has them, and AWS's names for errors in `__type`.
 */
import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  randomBytes,
  sign,
} from 'node:crypto';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { signDigestPkcs1, signDigestPss, signDigestWithCurve } from './sign-digest.ts';
import { type Answer, type StoreRequest, type StoreServer, startStoreServer } from './store-server.ts';

export const REGION = 'eu-central-1';
export const ACCESS_KEY_ID = 'AKIDEXAMPLE';
export const SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** A key in the store. */
export interface AwsKey {
  readonly privateKey?: KeyObject;
  readonly keySpec: string;
  readonly algorithms: readonly string[];
  readonly alias?: string;
  state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Nobody may use it. */
  forbidden?: boolean;
  /** What it answers instead of its own signature. */
  forge?: ((signature: Uint8Array) => Uint8Array) | undefined;
}

export interface AwsKmsServer extends StoreServer {
  readonly endpoint: string;
  /** Every `Sign` request's `MessageType`. */
  readonly messageTypes: string[];
}

const arnOf = (id: string): string => `arn:aws:kms:${REGION}:111122223333:key/${id}`;

class AwsError extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** @param keys - By key id. */
export async function startAwsKmsServer(keys: Readonly<Record<string, AwsKey>>): Promise<AwsKmsServer> {
  const messageTypes: string[] = [];
  const wrappingKey = randomBytes(32);

  const find = (name: string): [string, AwsKey] => {
    const found = Object.entries(keys).find(
      ([id, key]) => id === name || arnOf(id) === name || (key.alias !== undefined && key.alias === name),
    );
    if (found === undefined) throw new AwsError('NotFoundException', `Key '${name}' does not exist`);
    const [id, key] = found;
    if (key.forbidden === true) {
      throw new AwsError(
        'AccessDeniedException',
        `User: arn:aws:iam::111122223333:user/x is not authorized to use ${arnOf(id)}`,
      );
    }
    if (key.state === 'Disabled') throw new AwsError('DisabledException', `${arnOf(id)} is disabled.`);
    if (key.state === 'PendingDeletion')
      throw new AwsError('KMSInvalidStateException', `${arnOf(id)} is pending deletion.`);
    return [id, key];
  };

  const operations: Readonly<Record<string, (input: Record<string, string>) => unknown>> = {
    GetPublicKey(input) {
      const [id, key] = find(input['KeyId'] ?? '');
      if (key.privateKey === undefined) throw new AwsError('UnsupportedOperationException', 'symmetric');
      return {
        KeyId: arnOf(id),
        PublicKey: createPublicKey(key.privateKey).export({ format: 'der', type: 'spki' }).toString('base64'),
        KeySpec: key.keySpec,
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: key.algorithms,
      };
    },
    Sign(input) {
      const [id, key] = find(input['KeyId'] ?? '');
      const { MessageType = 'RAW', SigningAlgorithm = '' } = input;
      if (!key.algorithms.includes(SigningAlgorithm)) throw new AwsError('InvalidKeyUsageException', 'algorithm');
      messageTypes.push(MessageType);
      const signature = signWith(key, SigningAlgorithm, MessageType, Buffer.from(input['Message'] ?? '', 'base64'));
      return {
        KeyId: arnOf(id),
        Signature: Buffer.from(key.forge === undefined ? signature : key.forge(signature)).toString('base64'),
        SigningAlgorithm,
      };
    },
    Encrypt(input) {
      const [id] = find(input['KeyId'] ?? '');
      return { KeyId: arnOf(id), CiphertextBlob: wrap(id, Buffer.from(input['Plaintext'] ?? '', 'base64'), input) };
    },
    Decrypt(input) {
      const [id] = find(input['KeyId'] ?? '');
      const blob = Buffer.from(input['CiphertextBlob'] ?? '', 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', wrappingKey, blob.subarray(0, 12));
        decipher.setAAD(contextOf(id, input)).setAuthTag(blob.subarray(12, 28));
        const plaintext = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
        return { KeyId: arnOf(id), Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      } catch {
        throw new AwsError('InvalidCiphertextException', '');
      }
    },
  };

  const wrap = (id: string, plaintext: Buffer, input: Record<string, unknown>): string => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(contextOf(id, input));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  };

  const server = await startStoreServer((request): Answer => {
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      assertSignatureV4(request);
      const [service, operation = ''] = String(request.headers['x-amz-target']).split('.');
      const run = operations[operation];
      if (service !== 'TrentService' || run === undefined) throw new AwsError('UnknownOperationException', '');
      return {
        status: 200,
        headers,
        body: run(JSON.parse(request.rawBody.toString('utf8')) as Record<string, string>),
      };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { status: error.status, headers, body: { __type: error.type, message: error.message } };
    }
  });
  return { ...server, endpoint: `http://127.0.0.1:${server.port}`, messageTypes };
}

function contextOf(id: string, input: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify([id, input['EncryptionContext'] ?? {}]));
}

function signWith(
  { privateKey, keySpec }: AwsKey,
  algorithm: string,
  messageType: string,
  message: Buffer,
): Uint8Array {
  if (privateKey === undefined) throw new AwsError('InvalidKeyUsageException', 'symmetric');
  if (message.length > 4096) throw new AwsError('ValidationException', 'message longer than 4096');
  const bits = Number(/SHA_(\d+)$/u.exec(algorithm)?.[1] ?? 0);
  if (messageType === 'DIGEST' && message.length !== bits / 8) {
    throw new AwsError('ValidationException', 'Digest is invalid length for algorithm');
  }
  if (algorithm === 'ED25519_SHA_512' && messageType === 'RAW') return sign(null, message, privateKey);
  if (algorithm === 'ML_DSA_SHAKE_256' && messageType === 'EXTERNAL_MU')
    return signRepresentative(privateKey, keySpec, message);
  if (messageType !== 'DIGEST') throw new AwsError('ValidationException', 'this server signs digests');
  if (algorithm.startsWith('ECDSA')) return signDigestWithCurve(privateKey, message, 'der');
  return algorithm.startsWith('RSASSA_PSS') ? signDigestPss(privateKey, message) : signDigestPkcs1(privateKey, message);
}

const ML_DSA: Readonly<Record<string, typeof ml_dsa44>> = {
  ML_DSA_44: ml_dsa44,
  ML_DSA_65: ml_dsa65,
  ML_DSA_87: ml_dsa87,
};

/** FIPS 204 signature over a message representative, which `node:crypto` cannot make. */
function signRepresentative(key: KeyObject, keySpec: string, mu: Buffer): Uint8Array {
  const { priv = '' } = key.export({ format: 'jwk' }) as { readonly priv?: string };
  const scheme = ML_DSA[keySpec];
  if (scheme === undefined || mu.length !== 64) throw new AwsError('ValidationException', 'not a representative');
  const { secretKey } = scheme.keygen(new Uint8Array(Buffer.from(priv, 'base64url')));
  return scheme.internal.sign(new Uint8Array(mu), secretKey, { externalMu: true });
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** AWS Signature Version 4, as its "Create a signed AWS API request" has it. */
function assertSignatureV4({ method, url, headers, rawBody }: StoreRequest): void {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u.exec(
    headers.authorization ?? '',
  );
  if (parts === null) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, credential = '', signed = '', signature] = parts;
  const [accessKeyId, date = '', region = '', service = '', terminator = ''] = credential.split('/');
  if (accessKeyId !== ACCESS_KEY_ID) {
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (region !== REGION) {
    throw new AwsError('InvalidSignatureException', `Credential should be scoped to a valid region, not '${region}'.`);
  }
  const names = signed.split(';');
  for (const required of ['host', 'x-amz-date', 'x-amz-target']) {
    if (!names.includes(required)) throw new AwsError('InvalidSignatureException', `${required} must be signed`);
  }
  const canonicalRequest = [
    method,
    url.pathname,
    url.searchParams.toString(),
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed,
    sha256(rawBody),
  ].join('\n');
  const scope = [date, region, service, terminator].join('/');
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonicalRequest)].join('\n');
  const key = [region, service, terminator].reduce(hmac, hmac(`AWS4${SECRET_ACCESS_KEY}`, date));
  if (hmac(key, toSign).toString('hex') !== signature) {
    throw new AwsError('InvalidSignatureException', 'The request signature we calculated does not match.');
  }
}
