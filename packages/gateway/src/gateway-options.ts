/** What a gateway is made from: its configuration, and what surrounds it. */
import type { ClientCredential, Trust } from '@sealgate/guard';
import type { Logger, Metrics, StaticFolder } from '@sealgate/service';
import type { GatewayConfig } from './config/schema.ts';
import type { ReloadResult } from './gateway.ts';
import type { CertificateOf } from './server/client-connection.ts';
import type { ResolveHost } from './upstream/address-book.ts';
import type { Fleet } from './workers/fleet.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** Instead of one made from `config.issuers`; closed by its owner. */
  readonly trust?: Trust;
  /** Credentials for issuers without `client` in the configuration, by name. */
  readonly credentials?: Readonly<Record<string, ClientCredential>>;
  /** Seconds since the Unix epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** How host names of upstreams become addresses. Default: as the system does it. */
  readonly resolve?: ResolveHost;
  /** Which certificate a client has proved to hold. Default: what its TLS handshake says. */
  readonly certificateOf?: CertificateOf;
  /** For the trace collector. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** How issuers list this gateway. */
  readonly verifierName?: string;
  /** Has the configuration read again and taken over, as a {@link Reloader} does; `POST /reload` on the admin port calls it. */
  readonly reload?: () => Promise<ReloadResult>;
  /** The built pages of the token debugger, served at `/debugger/` of the admin port. */
  readonly debuggerPages?: StaticFolder;
  /** With it this gateway is one worker of several: it has no admin port, and counts together with the others. */
  readonly fleet?: Fleet;
}
