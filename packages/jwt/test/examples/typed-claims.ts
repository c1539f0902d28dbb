import { createVerifier, generateKey, JwtError, signJwt } from '@sealgate/jwt';
import { z } from 'zod';

const key = generateKey('HS256');
const verifier = createVerifier({
  issuer: 'https://auth.example',
  audience: 'orders',
  keys: key,
  algorithms: ['HS256'],
  claims: z.object({ sub: z.string(), roles: z.array(z.enum(['reader', 'editor'])).default([]) }),
});

const expires = Math.floor(Date.now() / 1_000) + 60;
const sign = (more: object): string =>
  signJwt({ iss: 'https://auth.example', aud: 'orders', exp: expires, ...more }, { key });

export const { roles } = verifier.verify(sign({ sub: 'alice', roles: ['editor'] })).claims; // ('reader' | 'editor')[]

export function codeOf(token: string): string {
  try {
    verifier.verify(token);
    return 'fine';
  } catch (error) {
    // Branch on `code`; `remedy` and `source` are for people.
    if (error instanceof JwtError) return `${error.code} ${error.claim ?? ''}`.trim();
    throw error;
  }
}

export const refusedRole = codeOf(sign({ sub: 'alice', roles: ['root'] })); // claims_rejected roles
export const refusedAudience = codeOf(sign({ sub: 'alice', aud: 'payments' })); // audience_mismatch aud
