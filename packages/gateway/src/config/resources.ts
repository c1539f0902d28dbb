/**
 * Protected resource metadata (RFC 9728): what clients can read about an API before they have a token, and where challenges say that it is.
 */
import { DPOP_ALGORITHMS } from '@sealgate/jwt';
import type { ResourceConfig } from './resource-schema.ts';
import type { RouteConfig } from './route-schema.ts';
import type { GatewayConfig } from './schema.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Where the documents are. */
export interface ProtectedResources {
  /** By host and path; the body. */
  readonly documents: ReadonlyMap<string, string>;
  /** Value of `resource_metadata` in challenges of a route; undefined where it belongs to no resource. */
  metadataUrl(route: { readonly host?: string | undefined; readonly path: string }): string | undefined;
}

export const isMetadataPath = (path: string): boolean => path.startsWith(WELL_KNOWN);
/** @param host - Lower case, without a port. */
export const documentKey = (host: string, path: string): string => `${host} ${path}`;

export function compileResources(config: GatewayConfig): ProtectedResources {
  const resources = config.protectedResources.map((resource) => ({ resource, url: new URL(resource.resource) }));
  return {
    documents: new Map(
      resources.map(({ resource, url }) => [
        documentKey(url.hostname, metadataPath(url)),
        JSON.stringify(documentOf(resource, url, config)),
      ]),
    ),
    metadataUrl(route) {
      const own = resources.filter(({ url }) => isWithin(route, url));
      const nearest = own.toSorted((left, right) => right.url.pathname.length - left.url.pathname.length)[0];
      return nearest === undefined ? undefined : `${nearest.url.origin}${metadataPath(nearest.url)}`;
    },
  };
}

/** RFC 9728 section 3.1: between host and path; a slash that stands alone goes. */
const metadataPath = ({ pathname }: URL): string => `${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;

function isWithin({ host, path }: { readonly host?: string | undefined; readonly path: string }, url: URL): boolean {
  if (host !== undefined && host !== url.hostname) return false;
  const base = url.pathname.replace(/\/$/u, '');
  return path === base || path.startsWith(`${base}/`);
}

/** RFC 9728 section 2. */
function documentOf(resource: ResourceConfig, url: URL, { issuers, routes, defaults }: GatewayConfig): unknown {
  const names = resource.issuers ?? Object.keys(issuers);
  const required = new Set<string>();
  const constraints = new Set<string | undefined>();
  for (const route of routes) {
    if (route.auth === 'none' || !isWithin(route, url)) continue;
    constraints.add(route.require?.senderConstrained ?? defaults.require?.senderConstrained);
    for (const scope of scopesOf(defaults.require?.scopes)) required.add(scope);
    for (const scope of scopesOf(route.require?.scopes)) required.add(scope);
  }
  return {
    resource: resource.resource,
    authorization_servers: names.flatMap((name) => issuers[name]?.url ?? []),
    scopes_supported: [...(resource.scopes ?? required)].toSorted(),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    ...(isOnly(constraints, 'dpop') ? { dpop_bound_access_tokens_required: true } : {}),
    ...(isOnly(constraints, 'mtls') ? { tls_client_certificate_bound_access_tokens: true } : {}),
    ...(resource.name === undefined ? {} : { resource_name: resource.name }),
    ...(resource.documentation === undefined ? {} : { resource_documentation: resource.documentation }),
  };
}

const isOnly = (constraints: ReadonlySet<string | undefined>, constraint: string): boolean =>
  constraints.size === 1 && constraints.has(constraint);

function scopesOf(requirement: NonNullable<RouteConfig['require']>['scopes']): readonly string[] {
  if (requirement === undefined) return [];
  return Array.isArray(requirement) ? requirement : [...(requirement.all ?? []), ...(requirement.any ?? [])];
}
