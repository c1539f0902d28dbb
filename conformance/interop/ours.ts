/** `@sealgate/jwt` as the matrix sees it, and the keys of the matrix, which it generates and exports. */
import {
  type Algorithm,
  createVerifier,
  exportJwk,
  exportPrivateJwk,
  exportPrivatePem,
  exportPublicPem,
  generateKey,
  importKey,
  signJwt,
} from '@sealgate/jwt';
import { AUDIENCE, type Claims, type KeyMaterial } from './library.ts';

export const ISSUER = 'https://issuer.interop.test';

/** A fresh key in every form. What other libraries read is what our export writes. */
export function makeKeyMaterial(alg: Algorithm): KeyMaterial {
  const key = generateKey(alg);
  const privateJwk = { ...exportPrivateJwk(key) };
  if (key.type === 'secret') {
    return { alg, privateJwk, publicJwk: privateJwk, privatePem: undefined, publicPem: undefined };
  }
  return {
    alg,
    privateJwk,
    publicJwk: { ...exportJwk(key) },
    privatePem: exportPrivatePem(key),
    publicPem: exportPublicPem(key),
  };
}

/** Signs with `@sealgate/jwt`. */
export function signOurs({ alg, privateJwk }: KeyMaterial, claims: Claims): string {
  return signJwt(claims, { key: importKey(privateJwk, { alg }), typ: 'JWT' });
}

/** Verifies with `@sealgate/jwt`, all rules on. @throws {JwtError} */
export function verifyOurs({ alg, publicJwk }: KeyMaterial, token: string): Claims {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [alg],
    typ: 'JWT',
    keys: importKey(publicJwk, { alg }),
  });
  return verifier.verify(token).claims;
}
