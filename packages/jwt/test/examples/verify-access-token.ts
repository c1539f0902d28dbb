import { accessTokenProfile, createVerifier, generateKey, publicKey, signJwt } from '@sealgate/jwt';

// The issuer's side: a key for one algorithm, and a token of ten minutes.
const key = generateKey('ES256');
const now = Math.floor(Date.now() / 1_000);
const token = signJwt(
  {
    iss: 'https://auth.example',
    aud: 'https://api.example',
    sub: 'alice',
    client_id: 'web',
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 600,
  },
  { key, typ: 'at+jwt' },
);

// The API's side: made once, used for every request.
const verifier = createVerifier({
  ...accessTokenProfile({
    issuer: 'https://auth.example',
    audience: 'https://api.example',
    keys: publicKey(key),
    algorithms: ['ES256'],
  }),
  cache: true,
});

const { claims } = verifier.verify(token); // throws JwtError
export const subject = claims.sub;

const outcome = verifier.check(token); // or as a value, for hot paths
export const answer = outcome.ok ? outcome.kid : outcome.error.code;
