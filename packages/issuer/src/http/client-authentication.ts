/**
 * Who the client is: `client_secret_basic`, `client_secret_post`, or for public clients `client_id` alone (RFC 6749 section 2.3). Exactly
 * one way in a request. One answer for every failure, and the same time for clients that exist and that do not.
 */
import type { Client } from '../clients/client.ts';
import type { ClientSecrets } from '../clients/client-secrets.ts';
import type { Clients } from '../clients/clients.ts';
import { GrantError } from '../grants/grant-error.ts';
import type { Runtime } from '../runtime.ts';
import type { BuiltInVerifier } from '../clients/built-in-verifier.ts';
import { FormError, decodePart } from './form.ts';

/** What a request says about its client. */
export interface ClientClaim {
  readonly authorization: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

export interface ClientAuthenticationParts {
  readonly clients: Clients;
  readonly secrets: ClientSecrets;
  readonly builtIn: BuiltInVerifier;
  readonly runtime: Runtime;
}

/** A failed authentication; `basic` asks for the challenge of RFC 6749 section 5.2. */
export class ClientAuthenticationError extends GrantError {
  readonly basic: boolean;
  /** The client that exists and was named. */
  readonly clientId: string | undefined;

  constructor(basic: boolean, reason: string, clientId?: string) {
    super('invalid_client', 'client authentication failed', reason);
    this.basic = basic;
    this.clientId = clientId;
  }
}

/**
 * @returns the client; a promise only where no copy of it is at hand.
 * @throws {ClientAuthenticationError}
 * @throws {GrantError} `invalid_request` for two ways at once.
 */
export function authenticateClient(parts: ClientAuthenticationParts, claim: ClientClaim): Client | Promise<Client> {
  const { authorization, clientId, clientSecret } = claim;
  if (authorization !== undefined) {
    if (clientSecret !== undefined)
      throw new GrantError('invalid_request', 'the client authenticates in more than one way');
    const { id, secret } = parseBasic(authorization);
    if (clientId !== undefined && clientId !== id)
      throw new GrantError('invalid_request', 'client_id names another client');
    return prove(parts, id, secret, true);
  }
  if (clientId === undefined) throw new ClientAuthenticationError(false, 'no_client');
  return prove(parts, clientId, clientSecret, false);
}

function prove(
  parts: ClientAuthenticationParts,
  id: string,
  secret: string | undefined,
  basic: boolean,
): Client | Promise<Client> {
  const builtIn = parts.builtIn.client(id, secret);
  if (builtIn !== undefined) return builtIn;
  const found = parts.clients.find(id);
  return found instanceof Promise
    ? found.then((client) => assertProven(parts, client, id, secret, basic))
    : assertProven(parts, found, id, secret, basic);
}

function assertProven(
  { secrets, runtime }: ClientAuthenticationParts,
  client: Client | undefined,
  id: string,
  secret: string | undefined,
  basic: boolean,
): Client {
  const matches = secret !== undefined && secrets.matches(client, id, secret, runtime.nowMs());
  if (client === undefined) throw new ClientAuthenticationError(basic, 'client_unknown');
  if (client.authentication === 'secret' && !matches) throw new ClientAuthenticationError(basic, 'secret_wrong', id);
  // A public client that sends a secret is one that we do not know as it knows itself.
  if (client.authentication === 'none' && secret !== undefined)
    throw new ClientAuthenticationError(basic, 'secret_unexpected', id);
  if (client.disabled) throw new ClientAuthenticationError(basic, 'client_disabled', id);
  return client;
}

/** RFC 6749 section 2.3.1: user and password of RFC 7617, each form-urlencoded first. */
function parseBasic(authorization: string): { id: string; secret: string } {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]+={0,2})$/iu.exec(authorization) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw new ClientAuthenticationError(true, 'basic_malformed');
  try {
    return { id: decodePart(text.slice(0, colon)), secret: decodePart(text.slice(colon + 1)) };
  } catch (error) {
    if (error instanceof FormError) throw new ClientAuthenticationError(true, 'basic_malformed');
    throw error;
  }
}
