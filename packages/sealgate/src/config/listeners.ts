/** Every address that a file makes the servers listen on, with the key that names it: for checks and for messages. */
import { listenAddress, type IssuerConfig } from '@sealgate/issuer/config';
import type { GatewayConfig } from '@sealgate/gateway';

export interface Listener {
  /** As the loader names it: `['gateway', 'listen']`. */
  readonly path: readonly string[];
  readonly host: string;
  readonly port: number;
}

/** The sections that listen. */
export interface ListeningConfig {
  readonly issuer?: IssuerConfig | undefined;
  readonly gateway?: GatewayConfig | undefined;
}

export function listenersOf({ issuer, gateway }: ListeningConfig): readonly Listener[] {
  const listeners: Listener[] = [];
  if (issuer !== undefined) {
    const { host, port } = listenAddress(issuer);
    listeners.push({ path: ['issuer', issuer.listen === undefined ? 'url' : 'listen'], host, port });
  }
  if (gateway !== undefined) {
    const { listen, admin } = gateway;
    listeners.push({ path: ['gateway', 'listen'], host: listen.host, port: listen.port });
    listeners.push({ path: ['gateway', 'admin'], host: admin.host, port: admin.port });
  }
  return listeners;
}
