/** The JWT libraries of npm, in this process: jose, jsonwebtoken, fast-jwt, node-jose. Each is told the one algorithm to accept. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { createSigner, createVerifier } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import nodeJose from 'node-jose';
import { AUDIENCE, type Claims, type KeyMaterial, type Library } from './library.ts';
import type { Part } from './parts.ts';

export const NODE: Part = { name: 'Node', programs: [] };

const TOKENS = 16;

/** What jsonwebtoken's and fast-jwt's types name: both refuse others. */
const FAMILIES = (['HS', 'RS', 'PS', 'ES'] as const).flatMap((family) =>
  (['256', '384', '512'] as const).map((bits) => `${family}${bits}` as const),
);
const FAST_JWT = [...FAMILIES, 'EdDSA'] as const;

const joseLibrary: Library = {
  ...about('jose'),
  async sign(key, claims) {
    const privateKey = await jose.importJWK(key.privateJwk, key.alg);
    return new jose.SignJWT({ ...claims }).setProtectedHeader({ alg: key.alg, typ: 'JWT' }).sign(privateKey);
  },
  async verify(key, token) {
    const publicKey = await jose.importJWK(key.publicJwk, key.alg);
    const { payload } = await jose.jwtVerify(token, publicKey, { algorithms: [key.alg], audience: AUDIENCE });
    return payload;
  },
};

const jsonwebtokenLibrary: Library = {
  ...about('jsonwebtoken'),
  async sign(key, claims) {
    return jsonwebtoken.sign({ ...claims }, privateKeyOf(key), { algorithm: oneOf(FAMILIES, key.alg) });
  },
  async verify(key, token) {
    const claims = jsonwebtoken.verify(token, publicKeyOf(key), {
      algorithms: [oneOf(FAMILIES, key.alg)],
      audience: AUDIENCE,
    });
    if (typeof claims === 'string') throw new TypeError('claims are text');
    return claims;
  },
};

const fastJwtLibrary: Library = {
  ...about('fast-jwt'),
  async sign(key, claims) {
    const sign = createSigner({
      key: textKeyOf(key, 'private'),
      algorithm: oneOf(FAST_JWT, key.alg),
    });
    return sign({ ...claims });
  },
  async verify(key, token) {
    const verify = createVerifier({
      key: textKeyOf(key, 'public'),
      algorithms: [oneOf(FAST_JWT, key.alg)],
      allowedAud: AUDIENCE,
    });
    const claims: Claims = verify(token);
    return claims;
  },
};

const nodeJoseLibrary: Library = {
  ...about('node-jose'),
  async sign(key, claims) {
    const jwk = await nodeJose.JWK.asKey({ ...key.privateJwk });
    const options = { format: 'compact' as const, alg: key.alg, fields: { typ: 'JWT' } };
    const token: unknown = await nodeJose.JWS.createSign(options, jwk)
      .update(Buffer.from(JSON.stringify(claims)))
      .final();
    return String(token);
  },
  async verify(key, token) {
    const jwk = await nodeJose.JWK.asKey({ ...key.publicJwk });
    const { payload } = await nodeJose.JWS.createVerify(jwk, { algorithms: [key.alg] }).verify(token);
    const claims: Claims = JSON.parse(payload.toString());
    return claims;
  },
};

export const NODE_LIBRARIES: readonly Library[] = [joseLibrary, jsonwebtokenLibrary, fastJwtLibrary, nodeJoseLibrary];

function oneOf<Name extends string>(names: readonly Name[], alg: string): Name {
  const found = names.find((name) => name === alg);
  if (found === undefined) throw new TypeError(`the library has no ${alg}`);
  return found;
}

function privateKeyOf({ privateJwk }: KeyMaterial) {
  return typeof privateJwk['k'] === 'string'
    ? createSecretKey(privateJwk['k'], 'base64url')
    : createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
}

function publicKeyOf({ publicJwk }: KeyMaterial) {
  return typeof publicJwk['k'] === 'string'
    ? createSecretKey(publicJwk['k'], 'base64url')
    : createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
}

/** fast-jwt reads PEM text or a secret's bytes. */
function textKeyOf(key: KeyMaterial, half: 'private' | 'public'): string | Buffer {
  const pem = half === 'private' ? key.privatePem : key.publicPem;
  return pem ?? Buffer.from(String(key.privateJwk['k']), 'base64url');
}

function about(name: string): Pick<Library, 'name' | 'version' | 'source' | 'tokens'> {
  const manifest: { version: string } = createRequire(import.meta.url)(`${name}/package.json`);
  return { name, version: manifest.version, source: 'npm', tokens: TOKENS };
}
