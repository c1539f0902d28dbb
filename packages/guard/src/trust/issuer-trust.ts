/**
 * Everything that keeps one trusted issuer current: its keys, its metadata, its revocation view and feed.
 *
 * Starts when the issuer is down and recovers by itself: each part tries again on its own, and until it has succeeded tokens are
 * refused as "cannot be checked now", never admitted.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createRemoteKeys, isJwtError, type RemoteKeys, type TokenRules } from '@sealgate/jwt';
import type { Dispatcher } from 'undici';
import type { TrustedIssuer } from '../decision/trusted-issuer.ts';
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { createBackoff } from '../revocation/backoff.ts';
import { createFeedClient, type FeedClient } from '../revocation/feed-client.ts';
import { Freshness } from '../revocation/freshness.ts';
import { createRevocationView, type RevocationView } from '../revocation/view.ts';
import { basicAuthorization } from './client-credential.ts';
import { discoverIssuer, type IssuerMetadata } from './discovery.ts';
import { createIntrospection } from './introspection.ts';
import type { ResolvedIssuer } from './issuer-options.ts';
import { createOpaqueTokens, type OpaqueTokens } from './opaque-tokens.ts';
import type { SignedAnswerRules } from './signed-introspection.ts';
import { createTokenWatch, type TokenWatch } from './token-watch.ts';
import type { TrustEvent } from './trust-event.ts';
import type { IssuerState } from './trust.ts';
import { tokenRulesFor } from './token-rules.ts';

/** What all issuers of a trust share. */
export interface TrustEnvironment {
  readonly verifierName: string;
  readonly now: () => number;
  readonly random: () => number;
  readonly fetch: typeof globalThis.fetch;
  readonly dispatcher: Dispatcher;
  readonly observe: ((event: TrustEvent) => void) | undefined;
}

export interface IssuerTrust {
  readonly url: string;
  readonly issuer: TrustedIssuer;
  readonly rules: TokenRules<RemoteKeys>;
  /** Undefined where none are accepted. */
  readonly opaqueTokens: OpaqueTokens | undefined;
  /** Begins to talk to the issuer. Resolves when its tokens can be judged for the first time, or on close; never rejects. */
  start(): Promise<void>;
  readonly watch: TokenWatch['watch'];
  state(): IssuerState;
  close(): Promise<void>;
}

const RETRY = { firstMs: 500, maxMs: 30_000 };

export function createIssuerTrust(options: ResolvedIssuer, environment: TrustEnvironment): IssuerTrust {
  const { name, url, client, revocation } = options;
  const { now, random, fetch } = environment;
  const closing = new AbortController();
  const { signal } = closing;
  const authorization = client === undefined ? undefined : basicAuthorization(client);
  const freshness = new Freshness();
  const view: RevocationView | undefined = revocation === undefined ? undefined : createRevocationView({ now });
  const tokenWatch = createTokenWatch({ view, now, clockSkewSeconds: options.clockSkewSeconds });
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let metadata: IssuerMetadata | undefined;
  let feed: FeedClient | undefined;
  let ready = false;
  let lastError: GuardError | undefined;

  const observe: typeof environment.observe = environment.observe;
  const keys = createRemoteKeys({
    issuer: url,
    algorithms: options.algorithms,
    fetch,
    now,
    random,
    hooks: {
      onFetch: (report) => observe?.({ issuer: name, type: 'keys_fetched', report }),
      onKeysChanged: (change) => observe?.({ issuer: name, type: 'keys_changed', ...change }),
      onRejectedKeys: (rejected) => observe?.({ issuer: name, type: 'keys_rejected', rejected }),
    },
  });
  const asking =
    authorization === undefined
      ? undefined
      : {
          endpoint: () => options.opaqueTokens?.endpoint ?? metadata?.introspectionEndpoint,
          authorization,
          fetch,
          now,
          signal,
          onFailed: (error: GuardError) => observe?.({ issuer: name, type: 'introspection_failed', error }),
        };
  const signedBy = (clientId: string): SignedAnswerRules => {
    const { algorithms, clockSkewSeconds } = options;
    return { issuer: url, clientId, algorithms, keys, clockSkewSeconds, now };
  };
  const introspect = asking === undefined ? undefined : createIntrospection(asking);
  const opaqueTokens =
    asking === undefined || options.opaqueTokens === undefined
      ? undefined
      : createOpaqueTokens(options, options.opaqueTokens, {
          ...asking,
          signed: client !== undefined && options.opaqueTokens.signed ? signedBy(client.id) : undefined,
        });

  /** Until it works or the trust is closed. */
  const persist = async (
    act: () => Promise<void>,
    onFailed: (error: unknown, retryMs: number) => void,
  ): Promise<void> => {
    const backoff = createBackoff({ ...RETRY, random });
    while (!signal.aborted) {
      try {
        await act();
        return;
      } catch (error) {
        if (signal.aborted) return;
        const retryMs = backoff.nextMs();
        onFailed(error, retryMs);
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  const discover = async (): Promise<void> => {
    const found = await discoverIssuer({ issuer: url, fetch, signal });
    if (view !== undefined) {
      // Both, or there is no feed to speak of.
      if (found.feedEndpoint === undefined)
        throw new GuardError('endpoint_missing', { path: 'sealgate_feed_endpoint' });
      if (found.feedAckEndpoint === undefined)
        throw new GuardError('endpoint_missing', { path: 'sealgate_feed_ack_endpoint' });
    }
    metadata = found;
    lastError = undefined;
    observe?.({ issuer: name, type: 'discovered' });
  };

  const openFeed = (): FeedClient | undefined => {
    const { feedEndpoint, feedAckEndpoint } = metadata ?? {};
    if (view === undefined || authorization === undefined) return undefined;
    if (feedEndpoint === undefined || feedAckEndpoint === undefined || signal.aborted) return undefined;
    return createFeedClient({
      feedUrl: feedEndpoint,
      ackUrl: feedAckEndpoint,
      authorization,
      verifierName: environment.verifierName,
      view,
      freshness,
      onKeys: acceptPushedKeys,
      dispatcher: environment.dispatcher,
      now,
      random,
      observe: (event) => observe?.({ issuer: name, ...event }),
    });
  };

  const acceptPushedKeys = (jwks: JsonObject): void => {
    try {
      keys.replace(jwks);
    } catch (error) {
      // The keys at hand stay; the set will also be fetched when they are no longer fresh.
      observe?.({ issuer: name, type: 'keys_malformed', error });
    }
  };

  const discoverFully = (): Promise<void> =>
    persist(discover, (error, retryMs) => {
      lastError = error instanceof GuardError ? error : new GuardError('discovery_failed', { cause: error });
      observe?.({ issuer: name, type: 'discovery_failed', error: lastError, retryMs });
    });

  const start = async (): Promise<void> => {
    const keysKnown = persist(
      () => keys.prefetch(),
      (error) => {
        lastError = new GuardError('discovery_failed', {
          detail: isJwtError(error) ? error.message : 'the keys could not be fetched',
          cause: error,
        });
      },
    );
    // Of an issuer whose endpoint was configured, nothing else has to be found.
    if (authorization !== undefined && (view !== undefined || options.opaqueTokens?.endpoint === undefined)) {
      await discoverFully();
      feed = openFeed();
    }
    // An issuer of opaque tokens may have no keys to publish.
    if (opaqueTokens === undefined) await keysKnown;
    await Promise.race([feed?.ready, aborted]);
    if (signal.aborted) return;
    lastError = undefined;
    ready = true;
  };

  return {
    url,
    rules: tokenRulesFor(options, keys),
    opaqueTokens,
    watch: (principal, onDeath) => tokenWatch.watch(principal, onDeath),
    start,
    issuer: {
      name,
      mapping: options.mapping,
      requestBound: options.requestBound,
      revocation:
        view === undefined || revocation === undefined
          ? undefined
          : {
              onStale: revocation.onStale,
              statusListPrefix: `${url.replace(/\/$/, '')}/v1/status-lists/`,
              isFresh: (nowSeconds) => freshness.isFresh(nowSeconds, revocation.staleAfterSeconds),
              isRevoked: (ref) => view.isRevoked(ref),
            },
      introspect: introspect ?? (() => Promise.resolve('unknown')),
    },
    state() {
      const feedState = feed?.state();
      return {
        name,
        url,
        ready,
        keys: keys.keys.length,
        lastError: lastError ?? (feedState?.current === false ? feedState.lastError : undefined),
        lagSeconds: view === undefined ? undefined : freshness.ageSeconds(now()),
        feed: feedState,
        revocations: view?.counts(),
        opaqueTokens: opaqueTokens?.counts(),
      };
    },
    async close() {
      closing.abort();
      tokenWatch.close();
      keys.close();
      await feed?.close();
    },
  };
}
