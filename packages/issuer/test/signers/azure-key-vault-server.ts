/**
 * Azure Key Vault as far as a signer and a wrapped master key need it, and Microsoft Entra ID as far as its client needs that: TLS
 * under their own names, the challenge that tells a client where to get a token, the client credentials grant, keys, real
 * signatures.
 *
 * Nothing asks the real services: the agent connects every name to this server.
 */
import { spawnSync } from 'node:child_process';
import {
  type KeyObject,
  constants,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { signDigestPkcs1, signDigestPss, signDigestWithCurve } from './sign-digest.ts';
import { type Answer, type StoreRequest, type StoreServer, startStoreServer } from './store-server.ts';

export const VAULT = 'https://acme.vault.azure.net';
export const TENANT = '11111111-2222-4333-8444-555555555555';
export const CLIENT_ID = '66666666-7777-4888-8999-000000000000';
/** Where a machine of Azure's asks for its managed identity, as App Service has it. */
export const IDENTITY_HOST = 'identity.azure.test';
export const IDENTITY_HEADER = 'identity-header-of-the-test';
export const CLIENT_SECRET = 'vault-client-secret-of-the-test';
const VERSION = '0123456789abcdef0123456789abcdef';

/** URL of a key of this server, with or without its version. */
export const keyUrl = (name: string, version: string | undefined = VERSION): string =>
  `${VAULT}/keys/${name}${version === undefined ? '' : `/${version}`}`;

/** A key in the vault. */
export interface AzureVaultKey {
  readonly privateKey: KeyObject;
  /** `EC-HSM` or `RSA-HSM` for keys in hardware. */
  readonly hsm?: boolean;
  readonly operations?: readonly string[];
  readonly enabled?: boolean;
  forbidden?: string;
  forge?: ((signature: Uint8Array) => Uint8Array) | undefined;
}

export interface AzureVaultServer extends StoreServer {
  /** Connects every host name to this server, and trusts its certificate alone. */
  readonly agent: Agent;
  /** What the challenge says; another resource is what an impostor would name. */
  challengeResource: string;
}

class VaultError extends Error {
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;
  constructor(status: number, code: string, inner?: string) {
    super(code);
    this.status = status;
    this.code = code;
    this.inner = inner;
  }
}

/** @param keys - By name. */
export async function startAzureVaultServer(keys: Readonly<Record<string, AzureVaultKey>>): Promise<AzureVaultServer> {
  const accessToken = randomBytes(24).toString('base64url');
  const tls = makeCertificate(['*.vault.azure.net', 'login.microsoftonline.com', IDENTITY_HOST]);
  const state = { challengeResource: 'https://vault.azure.net' };

  const handle = (request: StoreRequest): Answer => {
    const host = request.headers.host ?? '';
    if (host === 'login.microsoftonline.com') return answerAsEntra(request, accessToken);
    if (host === IDENTITY_HOST) return answerAsIdentityEndpoint(request, accessToken);
    if (request.headers.authorization !== `Bearer ${accessToken}`) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="${state.challengeResource}"`;
      return { status: 401, headers: { 'www-authenticate': challenge }, body: { error: { code: 'Unauthorized' } } };
    }
    if (!/^(?:\d\.\d|\d{4}-\d\d-\d\d)$/u.test(request.url.searchParams.get('api-version') ?? '')) {
      throw new VaultError(400, 'BadParameter');
    }
    const [, collection, name = '', version = '', operation] = request.url.pathname.split('/');
    const key = keys[name];
    if (collection !== 'keys' || key === undefined || (version !== '' && version !== VERSION)) {
      throw new VaultError(404, 'KeyNotFound');
    }
    if (key.forbidden !== undefined) throw new VaultError(403, 'Forbidden', key.forbidden);
    if (operation === undefined) return { status: 200, body: bundleOf(name, key) };
    if (key.enabled === false) throw new VaultError(403, 'Forbidden', 'KeyDisabled');
    const input = JSON.parse(request.rawBody.toString('utf8')) as { alg?: string; value?: string };
    const value = Buffer.from(input.value ?? '', 'base64url');
    return {
      status: 200,
      body: { kid: keyUrl(name), value: run(key, operation, input.alg ?? '', value).toString('base64url') },
    };
  };

  const server = await startStoreServer((request) => {
    try {
      return handle(request);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      const inner = error.inner === undefined ? {} : { innererror: { code: error.inner } };
      return { status: error.status, body: { error: { code: error.code, message: 'as the vault says it', ...inner } } };
    }
  }, tls);

  const agent = new Agent({ keepAlive: true });
  agent.createConnection = ({ servername, host }) =>
    connect({ host: '127.0.0.1', port: server.port, ca: tls.cert, servername: servername ?? host ?? '' });
  return {
    ...server,
    agent,
    get challengeResource() {
      return state.challengeResource;
    },
    set challengeResource(resource) {
      state.challengeResource = resource;
    },
    async close() {
      agent.destroy();
      await server.close();
    },
  };
}

/** The client credentials grant (RFC 6749 section 4.4), and what the client asks before it. */
function answerAsEntra({ url, rawBody }: StoreRequest, accessToken: string): Answer {
  const authority = `https://login.microsoftonline.com/${TENANT}`;
  if (url.pathname.endsWith('/discovery/instance')) {
    const aliases = ['login.microsoftonline.com'];
    const metadata = [{ preferred_network: aliases[0], preferred_cache: aliases[0], aliases }];
    return {
      status: 200,
      body: {
        tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata,
      },
    };
  }
  if (url.pathname.endsWith('/.well-known/openid-configuration')) {
    return {
      status: 200,
      body: {
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
      },
    };
  }
  const form = new URLSearchParams(rawBody.toString('utf8'));
  const given = Buffer.from(form.get('client_secret') ?? '');
  const expected = Buffer.from(CLIENT_SECRET);
  const known =
    form.get('client_id') === CLIENT_ID && given.length === expected.length && timingSafeEqual(given, expected);
  if (!known) {
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.' },
    };
  }
  if (form.get('scope')?.includes('https://vault.azure.net/.default') !== true) {
    return { status: 400, body: { error: 'invalid_scope' } };
  }
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: accessToken },
  };
}

/** The managed identity endpoint of App Service, version 2019-08-01. */
function answerAsIdentityEndpoint({ url, headers }: StoreRequest, accessToken: string): Answer {
  const resource = url.searchParams.get('resource');
  if (headers['x-identity-header'] !== IDENTITY_HEADER || resource !== 'https://vault.azure.net') {
    return { status: 400, body: { statusCode: 400, message: 'Bad request' } };
  }
  const expires = String(Math.floor(Date.now() / 1000) + 3600);
  return { status: 200, body: { access_token: accessToken, expires_on: expires, resource, token_type: 'Bearer' } };
}

/** Key Vault's `KeyBundle`. */
function bundleOf(name: string, key: AzureVaultKey): unknown {
  const { kty = '', crv, n, e, x, y } = createPublicKey(key.privateKey).export({ format: 'jwk' });
  const curve = crv === undefined ? {} : { crv: crv === 'secp256k1' ? 'P-256K' : crv };
  return {
    key: {
      kid: keyUrl(name),
      kty: key.hsm === true ? `${kty}-HSM` : kty,
      key_ops: key.operations ?? ['sign', 'verify'],
      n,
      e,
      x,
      y,
      ...curve,
    },
    attributes: {
      enabled: key.enabled ?? true,
      created: 1_700_000_000,
      updated: 1_700_000_000,
      recoveryLevel: 'Recoverable',
    },
  };
}

const DIGEST_BYTES: Readonly<Record<string, number>> = { '256': 32, '384': 48, '512': 64, '56K': 32 };

function run({ privateKey, forge }: AzureVaultKey, operation: string, alg: string, value: Buffer): Buffer {
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  if (operation === 'wrapkey' && alg === 'RSA-OAEP-256') {
    return publicEncrypt({ key: createPublicKey(privateKey), ...oaep }, value);
  }
  if (operation === 'unwrapkey' && alg === 'RSA-OAEP-256') {
    try {
      return privateDecrypt({ key: privateKey, ...oaep }, value);
    } catch {
      throw new VaultError(400, 'BadParameter');
    }
  }
  if (operation !== 'sign' || value.length !== DIGEST_BYTES[alg.slice(-3)]) throw new VaultError(400, 'BadParameter');
  const isCurve = privateKey.asymmetricKeyType === 'ec';
  if (alg.startsWith('ES') !== isCurve) throw new VaultError(400, 'BadParameter');
  const signature = isCurve
    ? signDigestWithCurve(privateKey, value, 'compact')
    : alg.startsWith('PS')
      ? signDigestPss(privateKey, value)
      : signDigestPkcs1(privateKey, value);
  return Buffer.from(forge === undefined ? signature : forge(signature));
}

/** A certificate of a moment's life; `node:crypto` reads certificates but makes none. */
function makeCertificate(names: readonly string[]): { key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-certificate-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = [
      '-subj',
      '/CN=sealgate test',
      '-addext',
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    ];
    const files = ['-keyout', key, '-out', cert];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-days', '1', ...kind, ...files, ...subject], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`openssl req failed: ${stderr}`);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
