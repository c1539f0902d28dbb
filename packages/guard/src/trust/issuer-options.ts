/** Checks what was configured of one issuer, and fills in what was not. Everything is refused here, before anything is started. */
import type { Algorithm } from '@sealgate/jwt';
import type { OnStale } from '../decision/policy.ts';
import type { ClaimMapping } from '../decision/principal.ts';
import { GuardError } from '../errors.ts';
import type { ClientCredential } from './client-credential.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import { resolveMapping } from './mapping.ts';
import type { TokenShape } from './mapping-presets.ts';
import type { IssuerOptions, OpaqueTokenOptions, RevocationOptions } from './options.ts';

/** The options of one issuer, complete. */
export interface ResolvedIssuer {
  readonly name: string;
  readonly url: string;
  readonly audience: string | readonly string[];
  readonly algorithms: readonly Algorithm[];
  /** Undefined: `JWT`, or none. */
  readonly typ: string | undefined;
  readonly clockSkewSeconds: number;
  readonly requestBound: boolean;
  readonly client: ClientCredential | undefined;
  readonly opaqueTokens: ResolvedOpaqueTokens | undefined;
  readonly revocation: ResolvedRevocation | undefined;
  readonly mapping: ClaimMapping;
  readonly shape: TokenShape;
}

export type ResolvedOpaqueTokens = Required<Omit<OpaqueTokenOptions, 'endpoint'>> & {
  readonly endpoint: string | undefined;
};

export interface ResolvedRevocation {
  readonly staleAfterSeconds: number;
  readonly onStale: OnStale;
}

const ISSUER_MEMBERS: ReadonlySet<string> = new Set([
  'url',
  'audience',
  'algorithms',
  'typ',
  'clockSkewSeconds',
  'requestBound',
  'client',
  'opaqueTokens',
  'revocation',
  'mapping',
] satisfies (keyof IssuerOptions)[]);

const DEFAULT_STALE_AFTER_SECONDS = 30;

/**
 * @param path - Where the options stand, such as `issuers.main`.
 * @throws {GuardError} `options_invalid`, `endpoint_insecure`, with the member's path.
 */
export function resolveIssuer(name: string, options: IssuerOptions, path: string): ResolvedIssuer {
  for (const member of Object.keys(options)) {
    if (!ISSUER_MEMBERS.has(member))
      invalid(`${path}.${member}`, `is not known; known are ${[...ISSUER_MEMBERS].join(', ')}`);
  }
  const url = parseEndpointUrl(options.url, `${path}.url`);
  // RFC 8414 section 2: an issuer "has no query or fragment components".
  if (url.search !== '' || url.hash !== '') invalid(`${path}.url`, 'must have neither query nor fragment');
  const clockSkewSeconds = options.clockSkewSeconds ?? 0;
  const { client } = options;
  if (client !== undefined && !(isText(client.id) && isText(client.secret))) {
    invalid(`${path}.client`, 'needs an id and a secret');
  }
  const { mapping, shape } = resolveMapping(options.mapping, options.typ, `${path}.mapping`);
  return {
    name,
    url: options.url,
    audience: options.audience,
    algorithms: options.algorithms,
    typ: options.typ ?? shape.typ,
    clockSkewSeconds,
    requestBound: options.requestBound ?? false,
    client,
    opaqueTokens: resolveOpaqueTokens(options.opaqueTokens, client, `${path}.opaqueTokens`),
    revocation: resolveRevocation(options.revocation, client, `${path}.revocation`),
    mapping,
    shape,
  };
}

const OPAQUE_BOUNDS = { cacheSeconds: [0, 3600], negativeSeconds: [0, 3600], maxEntries: [1, 10_000_000] } as const;
const MAY_LACK: readonly string[] = ['aud', 'token_type', 'exp'];

function resolveOpaqueTokens(
  options: OpaqueTokenOptions | undefined,
  client: ClientCredential | undefined,
  path: string,
): ResolvedOpaqueTokens | undefined {
  if (options === undefined) return undefined;
  if (client === undefined) invalid(path, 'needs `client`: the issuer is asked with a credential');
  const {
    endpoint,
    cacheSeconds = 30,
    negativeSeconds = 5,
    maxEntries = 10_000,
    mayLack = [],
    signed = false,
    ...unknown
  } = options;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) invalid(`${path}.${stranger}`, 'is not known');
  if (endpoint !== undefined) parseEndpointUrl(endpoint, `${path}.endpoint`);
  const numbers = { cacheSeconds, negativeSeconds, maxEntries };
  for (const name of ['cacheSeconds', 'negativeSeconds', 'maxEntries'] as const) {
    const [least, most] = OPAQUE_BOUNDS[name];
    if (!(numbers[name] >= least && numbers[name] <= most)) invalid(`${path}.${name}`, `must be ${least} to ${most}`);
  }
  if (!Array.isArray(mayLack) || mayLack.some((name: string) => !MAY_LACK.includes(name)))
    invalid(`${path}.mayLack`, `may name ${MAY_LACK.join(', ')}`);
  if (typeof signed !== 'boolean') invalid(`${path}.signed`, 'must be true or false');
  return { endpoint, ...numbers, mayLack, signed };
}

function resolveRevocation(
  options: RevocationOptions | undefined,
  client: ClientCredential | undefined,
  path: string,
): ResolvedRevocation | undefined {
  if (options === undefined || options.feed === 'none') return undefined;
  if (options.feed !== 'push') invalid(`${path}.feed`, 'must be push or none');
  if (client === undefined) invalid(`${path}.feed`, 'needs `client`: the feed is read with a credential');
  const { staleAfterSeconds = DEFAULT_STALE_AFTER_SECONDS, onStale = 'deny' } = options;
  if (!(staleAfterSeconds > 0 && Number.isFinite(staleAfterSeconds))) {
    invalid(`${path}.staleAfterSeconds`, 'must be a positive number of seconds');
  }
  if (!['deny', 'introspect', 'allow'].includes(onStale))
    invalid(`${path}.onStale`, 'must be deny, introspect or allow');
  return { staleAfterSeconds, onStale };
}

/** What a JavaScript program hands in may be anything. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function invalid(path: string, detail: string): never {
  throw new GuardError('options_invalid', { path, detail });
}
