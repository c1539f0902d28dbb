import { createRemoteKeys, createVerifier, type Claims } from '@sealgate/jwt';

const keys = createRemoteKeys({ jwksUri: 'https://issuer.example/jwks.json', algorithms: ['RS256'] });
const verifier = createVerifier({
  issuer: 'https://issuer.example',
  audience: 'orders',
  keys,
  algorithms: ['RS256'],
});

export async function claimsOf(token: string): Promise<Claims> {
  const { claims } = await verifier.verify(token);
  return claims;
}
