/**
 * Finds the endpoints of an issuer: authorization server metadata (RFC 8414), then OpenID Connect Discovery 1.0.
 *
 * The document must name the very issuer that was asked for (RFC 8414 section 3.3), and every endpoint taken from it must be
 * https or loopback. Fetched once; who retries is the caller.
 */
import { GuardError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { requestJson } from './bounded-json.ts';
import { parseEndpointUrl } from './endpoint-url.ts';

/** The endpoints a verifier uses, beside the key set, which `@sealgate/jwt` finds by itself. */
export interface IssuerMetadata {
  readonly introspectionEndpoint: string | undefined;
  readonly feedEndpoint: string | undefined;
  readonly feedAckEndpoint: string | undefined;
}

export interface DiscoveryOptions {
  /** The issuer, exactly as tokens name it. */
  readonly issuer: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

const MAX_METADATA_BYTES = 256 * 1024;
const DEFAULT_TIMEOUT_MS = 5000;

/** @throws {GuardError} `discovery_failed`, `issuer_mismatch`, `endpoint_insecure`. */
export async function discoverIssuer(options: DiscoveryOptions): Promise<IssuerMetadata> {
  let failure: unknown;
  for (const url of metadataUrls(options.issuer)) {
    try {
      const answer = await requestJson({
        fetch: options.fetch,
        url,
        init: { headers: { accept: 'application/json' } },
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        maxBytes: MAX_METADATA_BYTES,
        signal: options.signal,
      });
      if (answer.ok) return readMetadata(answer.body, options.issuer);
      failure = new GuardError('discovery_failed', {
        status: answer.status,
        detail: `${url.href} was answered with ${answer.status}`,
      });
    } catch (error) {
      // Somebody else's document is an answer; asking at the next place would only find out later.
      if (error instanceof GuardError) throw error;
      failure = new GuardError('discovery_failed', { detail: `${url.href}: ${describe(error)}`, cause: error });
    }
  }
  throw failure;
}

/**
 * Where the metadata of an issuer may be: inserted between host and path (RFC 8414 section 3.1), then appended (OpenID Connect
 * Discovery section 4, and RFC 8414 section 5 for issuers that do it that way).
 */
export function metadataUrls(issuer: string): readonly URL[] {
  const base = parseEndpointUrl(issuer, 'url');
  const path = base.pathname.replace(/\/$/, '');
  return [
    new URL(`/.well-known/oauth-authorization-server${path}`, base),
    new URL(`${path}/.well-known/openid-configuration`, base),
  ];
}

function readMetadata(body: JsonObject, issuer: string): IssuerMetadata {
  if (body['issuer'] !== issuer) throw new GuardError('issuer_mismatch');
  return {
    introspectionEndpoint: endpoint(body, 'introspection_endpoint'),
    feedEndpoint: endpoint(body, 'sealgate_feed_endpoint'),
    feedAckEndpoint: endpoint(body, 'sealgate_feed_ack_endpoint'),
  };
}

function endpoint(body: JsonObject, member: string): string | undefined {
  const value = body[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new GuardError('discovery_failed', { path: member, detail: 'is not a string' });
  return parseEndpointUrl(value, member).href;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  // fetch hides the reason one level down.
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
