/** Whether a signer's tokens are good: to `@sealgate/jwt`, and to `jose`, which knows nothing of us. */
import { exportJwk, signJwt, verifyJws } from '@sealgate/jwt';
import { importJWK, jwtVerify } from 'jose';
import { expect } from 'vitest';
import type { ExternalSigner } from '../../src/signers/external-signer.ts';

/** Signs a token and has it verified by both. */
export async function expectGoodTokens(signer: ExternalSigner): Promise<void> {
  const token = await signJwt({ sub: 'u-1', iss: 'https://issuer.test' }, { key: signer, typ: 'at+jwt' });
  const { header, payload } = verifyJws(token, [signer.publicKey]);
  expect(header).toMatchObject({ alg: signer.alg, kid: signer.kid, typ: 'at+jwt' });
  expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({ sub: 'u-1' });

  const key = await importJWK(exportJwk(signer.publicKey) as Parameters<typeof importJWK>[0], signer.alg);
  // jose leaves secp256k1 out: the curve is not in WebCrypto.
  const { payload: claims } = await jwtVerify(token, key, { issuer: 'https://issuer.test' });
  expect(claims.sub).toBe('u-1');
}
