/** The gateway's section of a configuration that is read again. */
import type { GatewayConfig } from '@sealgate/gateway';
import { CommandError } from '../command-error.ts';
import type { SealgateConfig } from '../config/schema.ts';

/** @throws {CommandError} `config_unusable`: the running configuration stays. */
export function gatewaySection({ gateway }: SealgateConfig, file: string): GatewayConfig {
  if (gateway === undefined) throw new CommandError('config_unusable', `${file} has no section "gateway" any more`);
  return gateway;
}
