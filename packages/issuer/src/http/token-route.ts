/** `POST /oauth/token` (RFC 6749 section 3.2): finds the client, then the grant. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../clients/client.ts';
import { grantClientCredentials } from '../grants/client-credentials.ts';
import { GrantError } from '../grants/grant-error.ts';
import { refresh } from '../grants/refresh.ts';
import type { Sender } from '../grants/sender.ts';
import { tokenResponse, type TokenResponse } from '../grants/token-response.ts';
import { authenticateClient } from './client-authentication.ts';
import type { IssuerParts } from './context.ts';
import { originOf } from './origin-of.ts';
import type { Form } from './form.ts';
import { proveSender } from './sender-proofs.ts';
import { sendToken } from './send-token.ts';

interface TokenRequest {
  readonly parts: IssuerParts;
  readonly client: Client;
  readonly sender: Sender;
  readonly form: Form;
  readonly request: FastifyRequest;
}

type GrantHandler = (asked: TokenRequest) => Promise<TokenResponse>;

const GRANT_HANDLERS: Readonly<Record<string, GrantHandler>> = {
  client_credentials: async ({ parts, client, sender, form, request }) => {
    const asked = { scope: form.get('scope'), resource: form.get('resource'), sender, origin: () => originOf(request) };
    return tokenResponse(await grantClientCredentials(parts, client, asked));
  },
  refresh_token: async ({ parts, client, sender, form, request }) => {
    const refreshToken = form.get('refresh_token');
    if (refreshToken === undefined) throw new GrantError('invalid_request', 'refresh_token is missing');
    const { session: _session, ...response } = await refresh(parts, client, {
      refreshToken,
      scope: form.get('scope'),
      sender,
      origin: originOf(request),
    });
    return response;
  },
};

export const GRANT_TYPES: readonly string[] = Object.keys(GRANT_HANDLERS);

export function tokenRoute(app: FastifyInstance, parts: IssuerParts): void {
  app.post('/oauth/token', async (request: FastifyRequest<{ Body: Form | undefined }>, reply: FastifyReply) => {
    const form = request.body ?? new Map<string, string>();
    const grantType = form.get('grant_type');
    if (grantType === undefined) throw new GrantError('invalid_request', 'grant_type is missing');
    const client = authenticateClient(parts.authentication, {
      authorization: request.headers.authorization,
      clientId: form.get('client_id'),
      clientSecret: form.get('client_secret'),
    });
    const authenticated = client instanceof Promise ? await client : client;
    const handler = Object.hasOwn(GRANT_HANDLERS, grantType) ? GRANT_HANDLERS[grantType] : undefined;
    if (handler === undefined) throw new GrantError('unsupported_grant_type', 'there is no such grant here');
    const sender = await proveSender(parts.senders, authenticated, request, reply);
    const response = await handler({ parts, client: authenticated, sender, form, request });
    parts.events.granted(grantType, authenticated, request.id);
    return sendToken(reply, response);
  });
}
