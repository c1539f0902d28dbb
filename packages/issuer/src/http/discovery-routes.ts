/** What anyone may read: metadata (RFC 8414, OpenID Connect Discovery), the key set (RFC 7517) and status lists (Token Status List). */
import { DPOP_ALGORITHMS } from '@sealgate/jwt';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_LIST_MEDIA_TYPE, STATUS_LIST_TTL_SECONDS } from '../tokens/status-list.ts';
import type { IssuerParts } from './context.ts';
import { FirstPartyError } from './problems.ts';
import { GRANT_TYPES } from './token-route.ts';

/** How long verifiers may use the key set without asking again: a new key is not used before. */
export const KEY_SET_MAX_AGE_SECONDS = 300;
const METADATA_MAX_AGE_SECONDS = 300;

/** Routes below the issuer's path. */
export function discoveryRoutes(app: FastifyInstance, parts: IssuerParts): void {
  app.get('/.well-known/openid-configuration', (_request, reply) => sendMetadata(parts, reply));

  app.get('/.well-known/jwks.json', (request, reply) => {
    const { body, etag } = parts.ring.document;
    reply.header('cache-control', `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`).header('etag', etag);
    if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/jwk-set+json').send(body);
  });

  app.get('/v1/status-lists/:list', async (request: FastifyRequest<{ Params: { list: string } }>, reply) => {
    const { list } = request.params;
    const token = /^[1-9]\d{0,9}$/u.test(list) ? await parts.statusLists.publish(Number(list)) : undefined;
    if (token === undefined) throw new FirstPartyError('not_found', 'there is no such status list');
    return reply
      .header('cache-control', `public, max-age=${STATUS_LIST_TTL_SECONDS}`)
      .header('access-control-allow-origin', '*')
      .type(STATUS_LIST_MEDIA_TYPE)
      .send(token);
  });
}

/** RFC 8414 section 3.1: the well-known part stands between host and path. */
export function authorizationServerMetadataRoute(app: FastifyInstance, parts: IssuerParts): void {
  const path = '/.well-known/oauth-authorization-server';
  const paths = parts.basePath === '' ? [path] : [`${path}${parts.basePath}`, `${parts.basePath}${path}`];
  for (const each of paths) app.get(each, (_request, reply) => sendMetadata(parts, reply));
}

function sendMetadata(parts: IssuerParts, reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', `public, max-age=${METADATA_MAX_AGE_SECONDS}`)
    .type('application/json')
    .send(JSON.stringify(metadata(parts)));
}

function metadata({ issuerUrl, algorithm, certificates }: IssuerParts): object {
  const issuer = issuerUrl();
  const confidential = ['client_secret_basic', 'client_secret_post'];
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    grant_types_supported: GRANT_TYPES,
    // No endpoint answers an authorization request yet, so no response type is supported.
    response_types_supported: [],
    token_endpoint_auth_methods_supported: [...confidential, 'none'],
    introspection_endpoint_auth_methods_supported: confidential,
    // RFC 9701 section 7.
    introspection_signing_alg_values_supported: [algorithm],
    revocation_endpoint_auth_methods_supported: [...confidential, 'none'],
    // RFC 9449 section 5.1, RFC 8705 section 3.3.
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    tls_client_certificate_bound_access_tokens: certificates,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
    sealgate_feed_endpoint: `${issuer}/v1/feed`,
    sealgate_feed_ack_endpoint: `${issuer}/v1/feed/ack`,
  };
}

/** RFC 9110 section 13.1.2: a list of tags, compared weakly. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim()));
}
