/** The issuers that a configuration trusts; unlike a guard, a gateway may have none: then every route is open, and no token counts. */
import { createTrust, type Trust, type TrustOptions } from '@sealgate/guard';
import { JwtError } from '@sealgate/jwt';

/** As `createTrust`, which wants one issuer at least. */
export function createGatewayTrust(options: TrustOptions): Trust {
  return Object.keys(options.issuers).length === 0 ? NOBODY : createTrust(options);
}

const NOBODY: Trust = {
  names: [],
  ready: Promise.resolve(),
  check: () => ({ ok: false, error: new JwtError('issuer_unknown') }),
  byUrl: () => undefined,
  state: () => [],
  watch: () => {
    throw new TypeError('watch: the principal is of another trust');
  },
  close: () => Promise.resolve(),
};
