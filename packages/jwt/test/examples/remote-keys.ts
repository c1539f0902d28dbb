import { createRemoteKeys, createVerifier } from '@sealgate/jwt';

const fetches = new Map<string, number>();
const keys = createRemoteKeys({
  issuer: 'https://partner.example/', // or jwksUri
  algorithms: ['RS256'], // settles keys that name no algorithm of their own
  hooks: { onFetch: ({ result }) => void fetches.set(result, (fetches.get(result) ?? 0) + 1) },
});

export const verifier = createVerifier({
  issuer: 'https://partner.example/',
  audience: 'orders',
  keys,
  algorithms: ['RS256'],
  typ: 'JWT',
  clockSkewSeconds: 5,
  cache: { maxBytes: 32 * 1_048_576 },
});

export async function authenticate(token: string, clientAddress: string): Promise<string | undefined> {
  // The second argument lets look-ups of unknown keys be rationed fairly: one client cannot keep a new key out.
  const outcome = await verifier.check(token, clientAddress);
  return outcome.ok ? outcome.claims.sub : undefined;
}

keys.close(); // when the process ends
