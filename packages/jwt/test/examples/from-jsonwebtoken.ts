import { createVerifier, exportPublicPem, generateKey, importKey, signJwt } from '@sealgate/jwt';

const issuerKey = generateKey('RS256', { kid: '2026-01' });
const pem = exportPublicPem(issuerKey); // your public.pem

const verifier = createVerifier({
  issuer: 'https://auth.example',
  audience: 'orders',
  keys: importKey(pem, { alg: 'RS256' }), // a lone key without an id answers for every kid
  algorithms: ['RS256'],
});

const exp = Math.floor(Date.now() / 1_000) + 60;
const token = signJwt({ iss: 'https://auth.example', aud: 'orders', sub: 'alice', exp }, { key: issuerKey });
export const { claims } = verifier.verify(token);
