/**
 * `createTrust`: one verifier over all configured issuers, and what keeps each of them current.
 *
 * The issuer of a token decides which keys and rules it is held against, by its verified `iss`; a route's policy decides which of
 * the issuers count for it (`decision/decide.ts`).
 */
import { randomBytes } from 'node:crypto';
import { createVerifier, type RemoteVerifier } from '@sealgate/jwt';
import { Agent } from 'undici';
import { createDpopProofs, type DpopProofsOptions } from '../decision/dpop-proofs.ts';
import type { TrustedIssuer } from '../decision/trusted-issuer.ts';
import { GuardError } from '../errors.ts';
import { resolveIssuer } from './issuer-options.ts';
import { createIssuerTrust, type IssuerTrust, type TrustEnvironment } from './issuer-trust.ts';
import type { OpaqueTokens } from './opaque-tokens.ts';
import type { TrustOptions } from './options.ts';
import type { Trust } from './trust.ts';

const TRUST_MEMBERS: ReadonlySet<string> = new Set([
  'issuers',
  'verifierName',
  'cacheBytes',
  'dpop',
  'now',
  'random',
  'fetch',
  'dispatcher',
  'observe',
] satisfies (keyof TrustOptions)[]);

const VERIFIER_NAME = /^[A-Za-z0-9._-]{1,64}$/;
const DEFAULT_CACHE_BYTES = 24 * 1024 * 1024;
/** How often tokens that have expired are removed from the cache. */
const SWEEP_MS = 60_000;

/**
 * Starts at once, in the background: `ready` tells when every issuer can be judged, and until then tokens are refused with 503.
 *
 * @throws {GuardError} `options_invalid`, `endpoint_insecure`, with the member's path.
 */
export function createTrust(options: TrustOptions): Trust {
  for (const member of Object.keys(options)) {
    if (!TRUST_MEMBERS.has(member)) throw new GuardError('options_invalid', { path: member, detail: 'is not known' });
  }
  const verifierName = options.verifierName ?? `guard-${randomBytes(6).toString('hex')}`;
  if (!VERIFIER_NAME.test(verifierName)) {
    throw new GuardError('options_invalid', { path: 'verifierName', detail: 'must be 1 to 64 of A-Z a-z 0-9 . _ -' });
  }
  const resolved = Object.entries(options.issuers).map(([name, issuer]) =>
    resolveIssuer(name, issuer, `issuers.${name}`),
  );
  const dispatcher = options.dispatcher ?? new Agent();
  const environment: TrustEnvironment = {
    verifierName,
    now: options.now ?? (() => Date.now() / 1000),
    random: options.random ?? Math.random,
    fetch: options.fetch ?? globalThis.fetch,
    dispatcher,
    observe: options.observe,
  };
  const trusts = resolved.map((issuer) => createIssuerTrust(issuer, environment));
  const verifier = makeVerifier(trusts, environment.now, options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  const proofs = createDpopProofs({ ...resolveDpop(options.dpop), now: environment.now });
  const byUrl = new Map<string, TrustedIssuer>(trusts.map(({ url, issuer }) => [url, issuer]));
  const byName = new Map<string, IssuerTrust>(trusts.map((trust) => [trust.issuer.name, trust]));
  const opaqueTokens = onlyOne(trusts);
  // Nothing talks to anybody before everything was found to be in order.
  const ready = Promise.all(trusts.map((trust) => trust.start())).then(() => undefined);
  const sweeper = setInterval(() => verifier.cache.sweep(), SWEEP_MS).unref();

  return {
    names: resolved.map(({ name }) => name),
    ready,
    check:
      opaqueTokens === undefined
        ? (token, source) => verifier.check(token, source)
        : (token, source) => (token.includes('.') ? verifier.check(token, source) : opaqueTokens.check(token)),
    proofs,
    byUrl: (issuer) => byUrl.get(issuer),
    state: () => trusts.map((trust) => trust.state()),
    watch(principal, onDeath) {
      const trust = byName.get(principal.issuerName);
      if (trust === undefined) throw new TypeError('watch: the principal is of another trust');
      return trust.watch(principal, onDeath);
    },
    async close() {
      clearInterval(sweeper);
      await Promise.all(trusts.map((trust) => trust.close()));
      if (options.dispatcher === undefined) await dispatcher.destroy();
    },
  };
}

/** An opaque token does not say whose it is, so that it can be asked about at one issuer only. */
function onlyOne(trusts: readonly IssuerTrust[]): OpaqueTokens | undefined {
  const [first, second] = trusts.filter(({ opaqueTokens }) => opaqueTokens !== undefined);
  if (second === undefined) return first?.opaqueTokens;
  throw new GuardError('options_invalid', {
    path: `issuers.${second.issuer.name}.opaqueTokens`,
    detail: `can be at one issuer only, and is at "${first?.issuer.name}" already`,
  });
}

function makeVerifier(trusts: readonly IssuerTrust[], now: () => number, cacheBytes: number): RemoteVerifier {
  try {
    const cache = cacheBytes === 0 ? false : { maxBytes: cacheBytes };
    return createVerifier({ issuers: trusts.map(({ rules }) => rules), cache, now });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new GuardError('options_invalid', { path: 'issuers', detail: cause.message, cause });
  }
}

const SHORTEST_KEY = 32;

/** @throws {GuardError} `options_invalid`. */
function resolveDpop(options: TrustOptions['dpop'] = {}): Omit<DpopProofsOptions, 'now'> {
  const { maxAgeSeconds = 60, clockSkewSeconds = 5, maxProofs = 100_000, memory, nonceKey, ...unknown } = options;
  const bounds = { maxAgeSeconds: [1, 600], clockSkewSeconds: [0, 300], maxProofs: [4, 10_000_000] } as const;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    throw new GuardError('options_invalid', { path: `dpop.${stranger}`, detail: 'is not known' });
  const resolved = { maxAgeSeconds, clockSkewSeconds, maxProofs, ...(memory === undefined ? {} : { memory }) };
  for (const name of ['maxAgeSeconds', 'clockSkewSeconds', 'maxProofs'] as const) {
    const [least, most] = bounds[name];
    if (resolved[name] >= least && resolved[name] <= most) continue;
    throw new GuardError('options_invalid', { path: `dpop.${name}`, detail: `must be ${least} to ${most}` });
  }
  if (nonceKey === undefined) return resolved;
  if (!(nonceKey instanceof Uint8Array) || nonceKey.length < SHORTEST_KEY)
    throw new GuardError('options_invalid', {
      path: 'dpop.nonceKey',
      detail: `must be ${SHORTEST_KEY} octets or more`,
    });
  return { ...resolved, nonceKey };
}
