/**
 * `createGatewayGuard`: for a service behind a Sealgate gateway that hands on internal tokens. Needs to know two things: the address of the
 * gateway's key port, and what the gateway calls this service.
 *
 * The second is not asked of the request: the name in `Host` is whatever the sender wrote, and a token for another service
 * would pass with the other service's name.
 */
import { createGuard, type Guard, type GuardOptions } from './guard.ts';

export interface GatewayGuardOptions extends Pick<
  GuardOptions,
  'realm' | 'now' | 'random' | 'fetch' | 'observe' | 'cacheBytes'
> {
  /** `internalTokens.url` of the gateway, exactly; https unless on a loopback address. */
  readonly gateway: string;
  /** The upstream's name in the gateway's configuration, or its `audience` there. */
  readonly upstream: string;
  /** How far the clocks of gateway and service may differ. Default 5. */
  readonly clockSkewSeconds?: number;
}

/**
 * @example
 * const guard = createGatewayGuard({ gateway: 'https://gateway.internal:8082', upstream: 'orders' });
 * app.get('/orders', protect(guard), (req, res) => res.json(ordersOf(req.auth)));
 *
 * @throws {GuardError} `options_invalid`, `endpoint_insecure`.
 */
export function createGatewayGuard(options: GatewayGuardOptions): Guard {
  const { gateway, upstream, clockSkewSeconds = 5, ...others } = options;
  return createGuard({
    ...others,
    url: gateway,
    audience: upstream,
    algorithms: ['EdDSA', 'Ed25519'],
    typ: 'internal+jwt',
    clockSkewSeconds,
    requestBound: true,
  });
}
