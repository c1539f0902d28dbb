/**
 * The issuer, put together: store, keys, users, clients, revocation, HTTP. Each part is in its own folder; this file only connects them,
 * starts them in order and closes them in reverse.
 */
import { DpopNonces } from '@sealgate/guard';
import { createHealth, loadStaticSite, type Logger, type Metrics, type StaticFolder } from '@sealgate/service';
import { createAdmin, type IssuerAdmin } from './admin/admin.ts';
import type { AdminParts } from './admin/context.ts';
import { startAudit } from './audit/start-audit.ts';
import { BuiltInVerifier, builtInVerifierCredential, type VerifierCredential } from './clients/built-in-verifier.ts';
import { builtInOperatorCredential, ensureBuiltInOperator } from './clients/built-in-operator.ts';
import { ClientSecrets } from './clients/client-secrets.ts';
import { Clients } from './clients/clients.ts';
import { listenAddress, type IssuerConfig } from './config.ts';
import { IssuerError } from './errors.ts';
import { createClientCertificates } from './http/client-certificate.ts';
import type { IssuerParts } from './http/context.ts';
import { KEY_SET_MAX_AGE_SECONDS } from './http/discovery-routes.ts';
import { createSecurityEvents } from './http/observation.ts';
import { createHttpServer } from './http/server.ts';
import { openDataKey } from './keys/data-keys.ts';
import { ExternalKeys } from './keys/external-keys.ts';
import { KeyRing } from './keys/key-ring.ts';
import { keyReporter } from './keys/key-reporter.ts';
import { KeyRotation } from './keys/key-rotation.ts';
import { SigningKeys } from './keys/signing-keys.ts';
import { startHousekeeping } from './housekeeping.ts';
import { AttemptLimits } from './limits/attempt-limits.ts';
import { Confirmations } from './revocation/confirmations.ts';
import { Feed } from './revocation/feed.ts';
import { createLog, readLogHead } from './revocation/log.ts';
import { TokenStatus } from './revocation/token-status.ts';
import { createId, systemRuntime, type Runtime } from './runtime.ts';
import { createMasterKeySource } from './master-key-sources/master-key-source.ts';
import type { KeyStoreDependencies } from './signers/key-store-dependencies.ts';
import { algorithmsInUse } from './tokens/algorithm-choice.ts';
import { MacKey } from './secrets/mac.ts';
import { openStore } from './store/open.ts';
import { AccessTokens } from './tokens/access-token.ts';
import { OwnTokens } from './tokens/own-tokens.ts';
import { STATUS_LIST_LIFE_SECONDS, StatusLists } from './tokens/status-list.ts';
import { StatusPlaces } from './tokens/status-index.ts';
import { createMailer } from './mail/mailer.ts';
import { KnownDevices } from './users/known-devices.ts';
import { LoginLimits } from './users/login-limits.ts';
import { PasswordReset } from './users/password-reset.ts';
import { PasswordFilter } from './users/password-filter.ts';
import { PasswordPolicy } from './users/password-policy.ts';
import { Passwords } from './users/passwords.ts';

/** What other clocks and copies may add to the life of a token. */
const KEY_AFTERLIFE_MARGIN_MS = 60_000;
const KEY_CONFIRMATION_LIMIT_MS = 3_600_000;

export interface IssuerOptions {
  readonly config: IssuerConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The clock, milliseconds since the Unix epoch. Default: the system's. */
  readonly nowMs?: () => number;
  /** Unpredictable bytes. Default: the system's. */
  readonly random?: (bytes: number) => Uint8Array;
  /** How the clients of key stores are loaded and connect. Default: the installed packages. */
  readonly keyStores?: KeyStoreDependencies;
  /** The built pages of the token debugger, served at `/debugger/`. */
  readonly debuggerPages?: StaticFolder;
}

export interface Issuer {
  /** Begins to serve. @returns where it listens. @throws {IssuerError} `listen_failed`. */
  listen(): Promise<{ readonly url: string; readonly host: string; readonly port: number }>;
  /** Finishes what has begun and lets go of the database. */
  close(): Promise<void>;
  readonly admin: IssuerAdmin;
  /** What a gateway in this process proves itself with. */
  readonly verifierCredential: VerifierCredential;
}

/**
 * Opens the database (and makes what a first start needs: tables, master key, signing key), without listening yet.
 *
 * @throws {IssuerError} when the database or the master key cannot be used.
 * @throws {SignerError} when a configured key store cannot be used, or its key.
 */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const { config, logger, metrics } = options;
  const runtime: Runtime = {
    ...systemRuntime,
    ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }),
    ...(options.random === undefined ? {} : { random: options.random }),
  };
  const dependencies = options.keyStores ?? {};
  const masterKey = await createMasterKeySource(config.keys.masterKey, runtime, dependencies).open();
  const externalKeys = await ExternalKeys.open(config.keys.signers, { logger, metrics, dependencies });
  const store = await openStore(config.database, runtime.nowMs(), {
    onTrouble: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  }).catch(async (error: unknown) => {
    await externalKeys.close();
    throw error;
  });
  try {
    const { algorithm, algorithmFor } = config.accessToken;
    const identity = new Identity(config.url);
    const issuerUrl = () => identity.url;
    const accessTokenTtlSeconds = Math.floor(config.accessToken.ttl / 1000);
    const { idle: idleMs, absolute: absoluteMs, retryWindow: retryWindowMs } = config.refreshToken;
    const { memoryKib, iterations, parallelism, concurrency, queue } = config.passwords;

    await createLog(store, runtime);
    const signingKeys = new SigningKeys(store, masterKey, runtime, externalKeys);
    for (const each of algorithmsInUse(config.accessToken)) await signingKeys.ensureActive(each);
    const ring = await KeyRing.open(signingKeys);
    const audit = await startAudit({ store, masterKey, runtime, logger, metrics, settings: config.audit });
    const limitKey = new MacKey(await openDataKey(store, masterKey, runtime, 'attempt-limit'));
    const deviceKey = new MacKey(await openDataKey(store, masterKey, runtime, 'known-device'));
    const secrets = new ClientSecrets(await openDataKey(store, masterKey, runtime, 'client-secret'));
    const clients = new Clients(store, secrets, runtime);
    const passwords = new Passwords({ cost: { memoryKib, iterations, parallelism }, concurrency, queueLimit: queue });
    await passwords.warmUp();
    const filter =
      config.passwords.breachedFilter === undefined
        ? undefined
        : await PasswordFilter.open(config.passwords.breachedFilter);
    const policy = new PasswordPolicy({ minLength: config.passwords.minLength, filter });
    const process = createId(runtime, '');
    const confirmations = new Confirmations({
      store,
      runtime,
      process,
      confirmWithinMs: config.revocation.confirmWithin,
      onUnconfirmed: unconfirmedReporter(logger, metrics),
    });
    const onTrouble = (error: unknown) => logger.error({ err: error }, 'the revocation log cannot be read');
    const feed = new Feed({ store, ring, confirmations, runtime, process, onTrouble });
    await feed.start();
    const rotation = new KeyRotation({
      store,
      keys: signingKeys,
      ring,
      confirmations,
      runtime,
      audit: audit.log,
      accessTokenTtlSeconds,
      keySetMaxAgeMs: KEY_SET_MAX_AGE_SECONDS * 1000,
      observe: keyReporter(logger, metrics),
      times: {
        rotateEveryMs: config.keys.rotateEvery,
        announceMs: Math.max(config.keys.announce, KEY_SET_MAX_AGE_SECONDS * 1000),
        afterlifeMs: Math.max(config.accessToken.ttl, STATUS_LIST_LIFE_SECONDS * 1000) + KEY_AFTERLIFE_MARGIN_MS,
        confirmationLimitMs: KEY_CONFIRMATION_LIMIT_MS,
      },
    });
    rotation.start();
    const health = createHealth();
    health.register('database', async () => {
      await readLogHead(store);
      return { ok: true };
    });
    const limits = new AttemptLimits(store, limitKey, runtime);
    const passwordReset =
      config.mail &&
      new PasswordReset({
        store,
        audit: audit.log,
        limits,
        mailer: createMailer(config.mail, runtime),
        runtime,
        logger,
        metrics,
        settings: {
          account: config.passwordReset.account,
          address: config.passwordReset.address,
          ttlMs: config.passwordReset.ttl,
        },
        linkTemplate: config.mail.resetLink,
      });
    const ownTokens = new OwnTokens(ring, issuerUrl);
    const administration: AdminParts = {
      store,
      audit: audit.log,
      sealAudit: audit.seal,
      verifyAudit: audit.verify,
      rotation,
      clients,
      clientSecrets: secrets,
      ownTokens,
      passwords,
      policy,
      passwordReset,
      confirmations,
      runtime,
      accessTokenTtlSeconds,
      algorithms: algorithmsInUse(config.accessToken),
    };
    const parts: IssuerParts = {
      administration,
      store,
      audit: audit.log,
      policy,
      passwordReset,
      auditsClientTokens: config.audit.clientTokens,
      trustProxies: config.trustProxies,
      loginLimits: new LoginLimits({
        limits,
        devices: new KnownDevices(deviceKey, runtime, config.loginLimits.rememberDevice),
        settings: config.loginLimits,
        audit: audit.log,
        metrics,
      }),
      clients,
      passwords,
      runtime,
      ring,
      confirmations,
      feed,
      health,
      logger,
      metrics,
      issuerUrl,
      algorithm,
      accessTokenTtlSeconds,
      basePath: new URL(config.url).pathname.replace(/\/$/u, ''),
      lifetimes: { idleMs, absoluteMs, retryWindowMs },
      defaultAudience: config.accessToken.audience,
      places: new StatusPlaces(store, runtime),
      accessTokens: new AccessTokens(
        { algorithm, algorithmFor, ttlSeconds: accessTokenTtlSeconds, issuer: issuerUrl },
        ring,
        runtime,
      ),
      ownTokens,
      tokenStatus: new TokenStatus(store),
      statusLists: new StatusLists({ store, ring, runtime, algorithm, issuer: issuerUrl }),
      certificates: config.clientCertificates !== undefined,
      senders: {
        store,
        runtime,
        issuerUrl,
        basePath: new URL(config.url).pathname.replace(/\/$/u, ''),
        nonces: new DpopNonces(masterKey.derive('dpop-nonce/v1'), () => runtime.nowMs() / 1000),
        requireNonce: config.dpop.requireNonce,
        clientCertificates: createClientCertificates(config.clientCertificates),
      },
      authentication: { clients, secrets, builtIn: new BuiltInVerifier(masterKey), runtime },
      events: createSecurityEvents(logger, metrics),
      debuggerPage: options.debuggerPages === undefined ? undefined : loadStaticSite(options.debuggerPages),
    };
    const stopHearing = store.subscribe(({ about }) => {
      if (about === 'keys')
        ring.reload().catch((error) => logger.error({ err: error }, 'the signing keys cannot be read'));
    });
    const stopHousekeeping = startHousekeeping(store, runtime, logger, audit.prune);
    const app = createHttpServer(parts);
    let closed: Promise<void> | undefined;
    return {
      admin: createAdmin(administration, { actor: { kind: 'operator' } }),
      verifierCredential: builtInVerifierCredential(masterKey),
      listen: async () => {
        const { host, port } = listenAddress(config);
        try {
          await app.listen({ host, port });
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new IssuerError('listen_failed', reason, { cause: error });
        }
        const address = app.server.address();
        const bound = typeof address === 'object' && address !== null ? address.port : port;
        identity.listening(bound);
        const credential = builtInOperatorCredential(masterKey);
        await ensureBuiltInOperator({ store, audit: audit.log, secrets, runtime, credential }, identity.url);
        return { url: identity.url, host, port: bound };
      },
      close: () => {
        closed ??= (async () => {
          health.drain();
          stopHousekeeping();
          rotation.stop();
          stopHearing();
          confirmations.close();
          feed.close();
          await app.close();
          await passwordReset?.close();
          clients.close();
          await audit.close();
          await policy.close();
          await store.close();
          await externalKeys.close();
        })();
        return closed;
      },
    };
  } catch (error) {
    await store.close();
    await externalKeys.close();
    throw error;
  }
}

/** The issuer identifier. A `url` with port 0 (tests) becomes known when the server listens. */
class Identity {
  #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get url(): string {
    return this.#url;
  }

  listening(port: number): void {
    const url = new URL(this.#url);
    if (url.port === '0') this.#url = this.#url.replace(/:0(?=\/|$)/u, `:${port}`);
  }
}

function unconfirmedReporter(logger: Logger, metrics: Metrics): (missing: readonly string[]) => void {
  const unconfirmed = metrics.counter({
    name: 'sealgate_issuer_unconfirmed_revocations_total',
    help: 'Verifiers that did not confirm a revocation in time',
  });
  return (missing) => {
    unconfirmed.inc(missing.length);
    logger.warn({ verifiers: missing }, 'verifiers did not confirm a revocation in time');
  };
}
