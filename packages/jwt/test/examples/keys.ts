import { exportJwk, exportPrivatePem, generateKey, importKey, parseJwks, thumbprint } from '@sealgate/jwt';

// The kind of source says how it is read: PEM is text, DER and secrets are bytes, a JWK is an object.
const key = generateKey('ES256');
const again = importKey(exportPrivatePem(key), { alg: 'ES256', kid: thumbprint(key) });

// What an issuer publishes, and what a verifier makes of it: the good keys, and what is wrong with the others.
const published = { keys: [exportJwk(again), { kty: 'RSA', n: 'AQAB', e: 'AQAB', alg: 'RS256' }] };
export const { keys, rejected } = parseJwks(published);
export const reasons = rejected.map(({ index, error }) => `${index}: ${error.code}`); // ['1: key_too_weak']
