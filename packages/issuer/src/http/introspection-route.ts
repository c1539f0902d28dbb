/**
 * `POST /oauth/introspect` (RFC 7662): for clients that may, whether a token is good now, by the database and so right to the latest
 * commit. Whatever is not good is `{"active":false}` and nothing else (section 2.2). Signed, for this client, where it asks for that by `Accept`
 * (RFC 9701).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findRefreshToken } from '../families/refresh-families.ts';
import { parseRefreshToken, REFRESH_TOKEN_PREFIX } from '../families/refresh-token.ts';
import { GrantError } from '../grants/grant-error.ts';
import { tokenType } from '../grants/token-response.ts';
import { toSeconds } from '../runtime.ts';
import { signWith } from '../tokens/access-token.ts';
import { authenticateClient } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import type { Form } from './form.ts';

export function introspectionRoute(app: FastifyInstance, parts: IssuerParts): void {
  app.post('/oauth/introspect', async (request: FastifyRequest<{ Body: Form | undefined }>, reply) => {
    const form = request.body ?? new Map<string, string>();
    const client = await authenticateClient(parts.authentication, {
      authorization: request.headers.authorization,
      clientId: form.get('client_id'),
      clientSecret: form.get('client_secret'),
    });
    if (!client.introspection) throw new GrantError('unauthorized_client', 'this client may not introspect tokens');
    const token = form.get('token');
    if (token === undefined) throw new GrantError('invalid_request', 'token is missing');
    const description = token.startsWith(REFRESH_TOKEN_PREFIX)
      ? await describeRefreshToken(parts, token)
      : await describeAccessToken(parts, token);
    const answer = description ?? { active: false };
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    if (!accepts(request.headers.accept)) return reply.type('application/json').send(JSON.stringify(answer));
    return reply.type(SIGNED_MEDIA_TYPE).send(await sign(parts, client.id, answer));
  });
}

const SIGNED_MEDIA_TYPE = 'application/token-introspection+jwt';

/** Asked for by name (RFC 9701 section 4): what accepts anything gets JSON. */
function accepts(header: string | undefined): boolean {
  const ranges = (header ?? '').split(',').map((range) => range.trim().toLowerCase().split(';'));
  return ranges.some(
    ([type, ...rest]) => type?.trim() === SIGNED_MEDIA_TYPE && !rest.some((each) => /^\s*q=0(?:\.0*)?\s*$/u.test(each)),
  );
}

/** RFC 9701 section 5. A type of its own keeps it from passing for an access token. */
async function sign(parts: IssuerParts, audience: string, answer: object): Promise<string> {
  const claims = {
    iss: parts.issuerUrl(),
    aud: audience,
    iat: toSeconds(parts.runtime.nowMs()),
    token_introspection: answer,
  };
  return signWith(parts.ring.active(parts.algorithm), claims, 'token-introspection+jwt');
}

async function describeAccessToken(parts: IssuerParts, token: string): Promise<object | undefined> {
  const own = parts.ownTokens.read(token);
  if (own === undefined) return undefined;
  const { status: _status, ...claims } = own.claims;
  if (!(toSeconds(parts.runtime.nowMs()) < claims.exp) || (await parts.tokenStatus.isRevoked(own))) return undefined;
  return { active: true, token_type: tokenType(own.claims), ...claims };
}

async function describeRefreshToken(parts: IssuerParts, token: string): Promise<object | undefined> {
  const secret = parseRefreshToken(token);
  const found = secret && (await findRefreshToken(parts.store, secret, parts.runtime.nowMs()));
  if (found === undefined || !found.live) return undefined;
  const { family, issuedMs, expiresMs } = found;
  return {
    active: true,
    iss: parts.issuerUrl(),
    sub: family.subject,
    aud: family.audience,
    client_id: family.clientId,
    sid: family.sessionId,
    ...(family.scope.length === 0 ? {} : { scope: family.scope.join(' ') }),
    iat: toSeconds(issuedMs),
    exp: toSeconds(expiresMs),
  };
}
