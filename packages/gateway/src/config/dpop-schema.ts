/** Configuration of DPoP proofs at the gateway (RFC 9449): `gateway.dpop`. Which routes ask for bound tokens stands in their `require`. */
import { secret } from '@sealgate/service';
import * as z from 'zod';

const SHORTEST_SECRET = 32;

export const dpopSchema = z
  .strictObject({
    nonceSecret: secret().describe(
      'Proofs must hold a nonce that was given lately, so that none can be made in store; nonces are made of this secret, at least 32 characters, the same for ' +
        'every process and every gateway that serves the same API. A client without one is told it in `DPoP-Nonce`, by 401 `use_dpop_nonce`.',
    ),
  })
  .superRefine(({ nonceSecret }, context) => {
    if (!nonceSecret.present || nonceSecret.reveal().length >= SHORTEST_SECRET) return;
    const message = `needs at least ${SHORTEST_SECRET} characters, such as those of \`openssl rand -base64 32\``;
    context.addIssue({ code: 'custom', path: ['nonceSecret'], message });
  });
