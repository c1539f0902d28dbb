/** The key of a caller in a test, and its DPoP proofs (RFC 9449 section 4.2). */
import { exportJwk, generateKey, publicKey, signJwt, thumbprint } from '@sealgate/jwt';
import { createHash, randomUUID } from 'node:crypto';

export interface ProvenRequest {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  readonly token: string;
  /** What the gateway asked for in `DPoP-Nonce`, when it did. */
  readonly nonce: string | undefined;
}

export interface TestProver {
  /** `cnf` of tokens that are bound to the key. */
  readonly confirmation: { readonly jkt: string };
  prove(request: ProvenRequest): string;
}

export function createTestProver(nowSeconds: number): TestProver {
  const key = generateKey('ES256');
  return {
    confirmation: { jkt: thumbprint(key) },
    prove({ method, url, token, nonce }) {
      const ath = createHash('sha256').update(token).digest('base64url');
      const asked = nonce === undefined ? {} : { nonce };
      const claims = { jti: randomUUID(), htm: method, htu: url, iat: nowSeconds, ath, ...asked };
      return signJwt(claims, { key, typ: 'dpop+jwt', header: { jwk: exportJwk(publicKey(key)) } });
    },
  };
}
