/** The configured issuers, as `@sealgate/guard` wants them. */
import type { ClientCredential, IssuerOptions, TrustOptions } from '@sealgate/guard';
import type { IssuerConfig } from './issuer-schema.ts';
import type { GatewayConfig } from './schema.ts';

/**
 * @param credentials - For issuers that the configuration gives no `client`: those in the same process, or that share its key.
 */
export function issuerOptions(
  issuers: Readonly<Record<string, IssuerConfig>>,
  credentials: Readonly<Record<string, ClientCredential>> = {},
): Record<string, IssuerOptions> {
  return Object.fromEntries(
    Object.entries(issuers).map(([name, issuer]): [string, IssuerOptions] => {
      const client =
        issuer.client === undefined
          ? credentials[name]
          : { id: issuer.client.id, secret: issuer.client.secret.reveal() };
      return [
        name,
        {
          url: issuer.url,
          audience: issuer.audience,
          algorithms: issuer.algorithms,
          ...(issuer.typ === undefined ? {} : { typ: issuer.typ }),
          ...(issuer.mapping === undefined ? {} : { mapping: mappingOptions(issuer.mapping) }),
          ...(client === undefined ? {} : { client }),
          ...(issuer.opaqueTokens === undefined ? {} : { opaqueTokens: opaqueTokenOptions(issuer.opaqueTokens) }),
          revocation: {
            feed: issuer.revocation.feed,
            staleAfterSeconds: issuer.revocation.staleAfter / 1000,
            onStale: issuer.revocation.onStale,
          },
        },
      ];
    }),
  );
}

/** What is asked of DPoP proofs. */
export function dpopOptions({ dpop }: Pick<GatewayConfig, 'dpop'>): NonNullable<TrustOptions['dpop']> {
  return dpop === undefined ? {} : { nonceKey: Buffer.from(dpop.nonceSecret.reveal()) };
}

/** The same for two configurations that trust alike. Holds their secrets: it is compared, and goes nowhere. */
export function trustKey(config: GatewayConfig, credentials?: Readonly<Record<string, ClientCredential>>): string {
  return JSON.stringify([issuerOptions(config.issuers, credentials), config.dpop?.nonceSecret.reveal()]);
}

function opaqueTokenOptions({
  endpoint,
  cache,
  negativeCache,
  maxEntries,
  mayLack,
  signed,
}: NonNullable<IssuerConfig['opaqueTokens']>): NonNullable<IssuerOptions['opaqueTokens']> {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    cacheSeconds: cache / 1000,
    negativeSeconds: negativeCache / 1000,
    maxEntries,
    mayLack,
    signed,
  };
}

function mappingOptions(mapping: NonNullable<IssuerConfig['mapping']>): NonNullable<IssuerOptions['mapping']> {
  if (typeof mapping === 'string') return mapping;
  const { preset, client, namespace, subject, clientId, scopes, roles, scopeMayBeList } = mapping;
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(client === undefined ? {} : { client }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(roles === undefined ? {} : { roles }),
    ...(scopeMayBeList === undefined ? {} : { scopeMayBeList }),
  };
}
