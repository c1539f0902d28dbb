/** Checks what was configured of one issuer, and fills in what was not. Everything is refused here, before anything is started. */
import type { Algorithm } from '@sealgate/jwt';
import { parseJsonPointer } from '../decision/json-pointer.ts';
import type { OnStale } from '../decision/policy.ts';
import type { ClaimMapping } from '../decision/principal.ts';
import { GuardError } from '../errors.ts';
import type { ClientCredential } from './client-credential.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import type { IssuerOptions, MappingOptions, RevocationOptions } from './options.ts';

/** The options of one issuer, complete. */
export interface ResolvedIssuer {
  readonly name: string;
  readonly url: string;
  readonly audience: string | readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly typ: string;
  readonly clockSkewSeconds: number;
  readonly client: ClientCredential | undefined;
  readonly revocation: ResolvedRevocation | undefined;
  readonly mapping: ClaimMapping;
}

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
  'client',
  'revocation',
  'mapping',
] satisfies (keyof IssuerOptions)[]);

const DEFAULT_STALE_AFTER_SECONDS = 30;
const DEFAULT_MAPPING = { subject: '/sub', clientId: '/client_id', scopes: '/scope', roles: '/roles' };

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
  return {
    name,
    url: options.url,
    audience: options.audience,
    algorithms: options.algorithms,
    typ: options.typ ?? 'at+jwt',
    clockSkewSeconds,
    client,
    revocation: resolveRevocation(options.revocation, client, `${path}.revocation`),
    mapping: resolveMapping(options.mapping, `${path}.mapping`),
  };
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

function resolveMapping(options: MappingOptions | undefined, path: string): ClaimMapping {
  for (const member of Object.keys(options ?? {})) {
    if (!Object.hasOwn(DEFAULT_MAPPING, member)) invalid(`${path}.${member}`, 'is not known');
  }
  const texts = { ...DEFAULT_MAPPING, ...options };
  return {
    subject: parseJsonPointer(texts.subject, `${path}.subject`),
    clientId: parseJsonPointer(texts.clientId, `${path}.clientId`),
    scopes: parseJsonPointer(texts.scopes, `${path}.scopes`),
    roles: parseJsonPointer(texts.roles, `${path}.roles`),
  };
}

/** What a JavaScript program hands in may be anything. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function invalid(path: string, detail: string): never {
  throw new GuardError('options_invalid', { path, detail });
}
