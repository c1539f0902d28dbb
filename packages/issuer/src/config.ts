/**
 * The `issuer:` section of the configuration: each key with its default, bounds, unit and meaning. `docs/config.md` and the JSON
 * Schema are made from it.
 */
import * as z from 'zod';
import {
  duration,
  filePath,
  httpUrl,
  listenUrl,
  parseListenUrl,
  resolveConfigPath,
  secret,
  type ListenAddress,
} from '@sealgate/service';
import type { AuditStreamTarget } from './audit/audit-stream.ts';
import { mailConfigSchema } from './mail/config.ts';
import { wrappedMasterKeySchema } from './master-key-sources/config.ts';
import { signerConfigSchema } from './signers/config.ts';
import { parseDatabaseAddress, type DatabaseAddress } from './store/address.ts';
import { algorithmsInUse } from './tokens/algorithm-choice.ts';

/** What access tokens may be signed with. HMAC is not among them: every verifier could sign. */
export const ACCESS_TOKEN_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const;

const audience = z.string().min(1).max(512);

const database = z
  .string()
  .prefault('sqlite:data/sealgate.db')
  .transform((text, context): DatabaseAddress => {
    const issue = (message: string) => {
      context.issues.push({ code: 'custom', message, input: undefined });
      return z.NEVER;
    };
    const isReference = /^(?:file|env):/u.test(text);
    const referred = isReference ? secret().safeParse(text) : undefined;
    if (referred?.success === false)
      return issue(referred.error.issues[0]?.message ?? 'the reference does not resolve');
    try {
      const address = parseDatabaseAddress(referred?.data.reveal() ?? text, resolveConfigPath);
      if (!isReference && address.kind === 'postgres' && new URL(address.url).password !== '') {
        return issue('a password does not stand in the file: keep the whole address in "env:NAME" or "file:PATH"');
      }
      return address;
    } catch {
      return issue(
        'expected "sqlite:PATH", "postgres://USER@HOST/NAME", or "env:NAME" or "file:PATH" that hold such an address',
      );
    }
  });

const auditStream = z.string().transform((text, context): AuditStreamTarget => {
  if (text === 'stdout') return { kind: 'stdout' };
  const [, path = ''] = /^file:(.+)$/u.exec(text) ?? [];
  if (path !== '') return { kind: 'file', path: resolveConfigPath(path) };
  context.issues.push({ code: 'custom', message: 'expected "stdout" or "file:PATH"', input: undefined });
  return z.NEVER;
});

const limit = (standard: { readonly attempts: number; readonly per: string }) =>
  z
    .strictObject({
      attempts: z.int().min(1).max(100_000).default(standard.attempts).describe('How many.'),
      per: duration({ min: '1s', max: '7d' }).prefault(standard.per).describe('In how long.'),
    })
    .transform(({ attempts, per }) => ({ attempts, perMs: per }))
    .prefault({});

export const issuerConfigSchema = z
  .strictObject({
    url: httpUrl().describe(
      'The issuer identifier: `iss` of every token, and the base of every endpoint. No slash at its end.',
    ),
    listen: listenUrl()
      .optional()
      .describe('Where to listen. Default: host and port of `url`. Another address where a proxy stands in front.'),
    trustProxies: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .max(100)
      .default([])
      .describe(
        'Addresses of proxies in front, as `10.0.0.0/8` or `192.0.2.1`, whose `X-Forwarded-For` is believed. Nobody else’s is.',
      ),
    database: database.describe(
      'Where state is kept: `sqlite:PATH`, or `postgres://USER@HOST/NAME` for more than one issuer process, each with up to 21 connections. An address with a password: `env:NAME` or `file:PATH`.',
    ),
    accessToken: z
      .strictObject({
        ttl: duration({ min: '10s', max: '24h' }).prefault('10m').describe('How long an access token lives.'),
        algorithm: z.enum(ACCESS_TOKEN_ALGORITHMS).default('ES256').describe('What access tokens are signed with.'),
        algorithmFor: z
          .record(audience, z.enum(ACCESS_TOKEN_ALGORITHMS))
          .default({})
          .describe(
            'Another algorithm for tokens of an audience (a resource that verifies nothing else), by audience.',
          ),
        audience: z
          .union([audience, z.array(audience).min(1).max(20)])
          .transform((value) => (typeof value === 'string' ? [value] : value))
          .describe('`aud` of tokens for clients that name none of their own.'),
      })
      .describe('Access tokens (RFC 9068).'),
    refreshToken: z
      .strictObject({
        idle: duration({ min: '1m', max: '365d' }).prefault('14d').describe('A session that is not used as long ends.'),
        absolute: duration({ min: '1m', max: '3650d' })
          .prefault('90d')
          .describe('A session ends after this, used or not.'),
        retryWindow: duration({ max: '5m' })
          .prefault('30s')
          .describe('A refresh token that comes back within it gets the same successor again, while that is unused.'),
      })
      .prefault({})
      .describe('Sessions and refresh tokens.'),
    keys: z
      .strictObject({
        masterKey: z
          .union([secret({ mayBeCreated: true }), wrappedMasterKeySchema])
          .prefault('file:data/master.key')
          .describe(
            'The key that seals all others: 32 bytes in base64url, in a file or an environment variable; or wrapped by a key store, which is asked at each start. A file that is not there is made, for its owner only.',
          ),
        signers: z
          .array(signerConfigSchema)
          .max(20)
          .default([])
          .describe(
            'Signing keys that live in a PKCS#11 token or a cloud’s key store. Of each algorithm the first signs; one that is added is announced and takes over by itself. Algorithms without any have keys of the issuer’s own.',
          ),
        rotateEvery: duration({ min: '1h' })
          .prefault('30d')
          .describe('How long a signing key signs before its successor takes over.'),
        announce: duration({ min: '1m' }).prefault('24h').describe('How long before that the successor is published.'),
      })
      .prefault({})
      .describe('Signing keys and the key that seals them.'),
    dpop: z
      .strictObject({
        requireNonce: z
          .boolean()
          .default(true)
          .describe('Whether proofs must hold a nonce of the issuer’s, so that none can be made in store.'),
      })
      .prefault({})
      .describe('Tokens bound to a key of the client (RFC 9449), for whoever sends a DPoP proof.'),
    clientCertificates: z
      .strictObject({
        header: z
          .string()
          .regex(/^[a-z0-9-]+$/u, 'expected the name of a header, in lower case')
          .describe('Header with the certificate: PEM, URL-encoded, or as RFC 9440 has it.'),
        trustProxies: z
          .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
          .min(1)
          .describe(
            'Addresses or subnets of the proxies that set it, and remove what a client sends. From others it says nothing.',
          ),
      })
      .optional()
      .describe(
        'Tokens bound to a client certificate (RFC 8705), where a proxy ends TLS and hands the certificate on.',
      ),
    passwords: z
      .strictObject({
        memoryKib: z.int().min(8192).max(1_048_576).default(19_456).describe('argon2id memory, KiB.'),
        iterations: z.int().min(1).max(20).default(2).describe('argon2id iterations.'),
        parallelism: z.int().min(1).max(16).default(1).describe('argon2id lanes.'),
        minLength: z
          .int()
          .min(8)
          .max(64)
          .default(15)
          .describe('Characters that a new password has at least. NIST SP 800-63B-4: 15 where it is the only factor.'),
        breachedFilter: filePath()
          .optional()
          .describe(
            'A filter of passwords known from breaches, made by `sealgate passwords build-filter`: docs/passwords.md.',
          ),
        concurrency: z.int().min(1).max(64).default(2).describe('Hashes computed at one time.'),
        queue: z
          .int()
          .min(1)
          .max(10_000)
          .default(200)
          .describe('Logins that may wait for that; more are told to try again.'),
      })
      .prefault({})
      .describe(
        'What new passwords must be, and how they are hashed. Stored hashes are made again at the next login after a change.',
      ),
    loginLimits: z
      .strictObject({
        account: limit({ attempts: 10, per: '15m' }).describe(
          'Wrong passwords for one account, from devices that are not known to it. More are refused, right or wrong, until the time is over.',
        ),
        address: limit({ attempts: 100, per: '15m' }).describe(
          'Wrong passwords from one address (IPv6: from its /64), for whatever accounts.',
        ),
        device: limit({ attempts: 20, per: '15m' }).describe(
          'Wrong passwords from one device that is known to the account. The limits of account and address do not reach it.',
        ),
        rememberDevice: duration({ min: '1d', max: '3650d' })
          .prefault('365d')
          .describe('How long a device stays known to an account that logged in from it.'),
      })
      .prefault({})
      .describe('How often passwords may be tried. Nobody is locked out of a device that is known: docs/login.md.'),
    mail: mailConfigSchema
      .optional()
      .describe(
        'Mails to users: links to set a password. Without it nobody can reset a password alone: docs/login.md.',
      ),
    passwordReset: z
      .strictObject({
        ttl: duration({ min: '5m', max: '24h' }).prefault('30m').describe('How long a mailed link is good.'),
        account: limit({ attempts: 3, per: '1h' }).describe('Mails to one account.'),
        address: limit({ attempts: 20, per: '1h' }).describe('Requests from one address (IPv6: from its /64).'),
      })
      .prefault({})
      .describe('Setting a password by mail, where `mail` is configured.'),
    revocation: z
      .strictObject({
        confirmWithin: duration({ min: '10ms', max: '30s' })
          .prefault('1s')
          .describe('Logout, revocation and reuse answer when every connected verifier has confirmed, or after this.'),
      })
      .prefault({})
      .describe('How revocation answers.'),
    audit: z
      .strictObject({
        keep: duration({ min: '1d', max: '36500d' })
          .prefault('400d')
          .describe('How long events are kept. Older ones are removed from the beginning of the chain, once a day.'),
        clientTokens: z
          .boolean()
          .default(false)
          .describe('Whether each token that a client gets in its own name is an event too.'),
        stream: auditStream
          .optional()
          .describe('Also writes each sealed event as a line of JSON: `stdout`, or `file:PATH` (may be rotated).'),
      })
      .prefault({})
      .describe('The record of security events, each hash-chained to the one before: docs/audit.md.'),
  })
  .superRefine((config, context) => {
    const { idle, absolute } = config.refreshToken;
    if (idle > absolute) {
      context.addIssue({
        code: 'custom',
        path: ['refreshToken', 'idle'],
        message: 'must not be longer than refreshToken.absolute',
      });
    }
    const { announce, rotateEvery } = config.keys;
    if (announce >= rotateEvery) {
      context.addIssue({
        code: 'custom',
        path: ['keys', 'announce'],
        message: 'must be shorter than keys.rotateEvery',
      });
    }
    const inUse = algorithmsInUse(config.accessToken);
    for (const [index, { algorithm }] of config.keys.signers.entries()) {
      if (inUse.some((each) => each === algorithm)) continue;
      context.addIssue({
        code: 'custom',
        path: ['keys', 'signers', index, 'algorithm'],
        message: 'is not an algorithm that access tokens are signed with: see accessToken.algorithm and algorithmFor',
      });
    }
    if (config.url.endsWith('/')) {
      context.addIssue({ code: 'custom', path: ['url'], message: 'must not end with a slash' });
    }
    if (config.listen === undefined && listenAddressOf(config.url) === undefined) {
      const message = 'is needed where `url` is not "http://HOST:PORT"';
      context.addIssue({ code: 'custom', path: ['listen'], message });
    }
  });

export type IssuerConfig = z.output<typeof issuerConfigSchema>;
export type IssuerConfigInput = z.input<typeof issuerConfigSchema>;

/** Where an issuer of this configuration listens. */
export function listenAddress(config: IssuerConfig): ListenAddress {
  const address = config.listen ?? listenAddressOf(config.url);
  if (address === undefined) throw new TypeError('the configuration was not checked');
  return address;
}

function listenAddressOf(url: string): ListenAddress | undefined {
  return URL.canParse(url) ? parseListenUrl(new URL(url).origin) : undefined;
}
