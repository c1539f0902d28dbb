/** What a configuration says of where limits are counted, for those who start and reload a gateway. */
import type { Logger } from '@sealgate/service';
import type { GatewayConfig } from '../../config/schema.ts';
import { storeDetails } from '../../config/store-schema.ts';

/** Says whether two configurations count in the same place, password included. Stays in memory. */
export function storeKey({ limits }: GatewayConfig): string {
  if (limits.store === undefined) return '';
  const details = storeDetails(limits.store);
  return JSON.stringify({ ...details, password: details.password?.reveal() });
}

export function warnOfForgetfulQuotas({ limits, defaults, routes }: GatewayConfig, logger: Logger): void {
  if (limits.store !== undefined || [defaults, ...routes].every(({ quota }) => quota === undefined)) return;
  logger.warn('quotas are counted in the memory of this process and start anew with it; give them `limits.store`');
}
