/**
 * From an issuer to the address of its key set (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).
 */
import { JwtError } from '../errors.ts';
import { isJsonObject } from '../parse/json.ts';
import { fetchJson } from './fetch-json.ts';
import { assertAddress, type ResolvedRemoteOptions } from './options.ts';

/**
 * Tries the OpenID Connect address, then that of RFC 8414. The document must name the very issuer asked for.
 *
 * @throws {JwtError} `keys_unavailable`.
 */
export async function discoverJwksUri(
  issuer: string,
  options: ResolvedRemoteOptions,
  signal: AbortSignal,
): Promise<URL> {
  for (const address of metadataAddresses(issuer)) {
    const { value } = await fetchJson(options.fetch, address, options, signal);
    if (value === undefined) continue;
    if (!isJsonObject(value))
      throw new JwtError('keys_unavailable', { reason: 'the discovery document is not an object' });
    if (value['issuer'] !== issuer)
      throw new JwtError('keys_unavailable', { reason: 'the discovery document is of another issuer' });
    const uri = value['jwks_uri'];
    try {
      return assertAddress(typeof uri === 'string' ? uri : '', options.allowHttp);
    } catch (cause) {
      throw new JwtError('keys_unavailable', { reason: 'the discovery document gives no usable jwks_uri', cause });
    }
  }
  throw new JwtError('keys_unavailable', { reason: 'the issuer has no discovery document' });
}

function metadataAddresses(issuer: string): readonly URL[] {
  const base = new URL(issuer);
  const path = base.pathname.replace(/\/$/u, '');
  return [
    new URL(`${path}/.well-known/openid-configuration`, base),
    new URL(`/.well-known/oauth-authorization-server${path}`, base),
  ];
}
