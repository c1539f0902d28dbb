import { createVerifier, generateKey, publicKey } from '@sealgate/jwt';
import { decryptAndVerifyJwt, publicEncryptionKey, signAndEncryptJwt } from '@sealgate/jwt/jwe';

const signing = generateKey('Ed25519');
const recipient = generateKey('ECDH-ES+A256KW');

const token = await signAndEncryptJwt(
  { iss: 'https://auth.example', aud: 'orders', sub: 'alice', exp: Math.floor(Date.now() / 1_000) + 60 },
  { sign: { key: signing }, encrypt: { key: publicEncryptionKey(recipient), enc: 'A256GCM' } },
);

const verifier = createVerifier({
  issuer: 'https://auth.example',
  audience: 'orders',
  keys: publicKey(signing),
  algorithms: ['Ed25519'],
});

export const { claims } = await decryptAndVerifyJwt(token, recipient, verifier, {
  algorithms: ['ECDH-ES+A256KW'],
  encryptions: ['A256GCM'],
});
