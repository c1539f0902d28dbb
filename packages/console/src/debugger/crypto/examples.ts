/**
 * Example tokens of every kind the page explains, signed with keys made on the spot. The names in them are of no one.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { textToBase64url, toBase64url } from '../model/base64url.ts';
import { accessTokenHash } from '../model/dpop.ts';
import type { ContentEncryption, KeyManagement, SignatureAlgorithm } from './algorithms.ts';
import { generateEncryptionKey, generateSigningKey, randomnessFrom } from './generate.ts';
import { encrypt } from './jwe.ts';
import { type Jwk, publicPart } from './jwk.ts';
import { signClaims } from './sign.ts';

export const EXAMPLE_KINDS = [
  'access-token',
  'id-token',
  'client-assertion',
  'dpop-proof',
  'logout-token',
  'sd-jwt',
  'encrypted',
] as const;

export type ExampleKind = (typeof EXAMPLE_KINDS)[number];

export interface ExampleRequest {
  readonly kind: ExampleKind;
  readonly algorithm: SignatureAlgorithm;
  readonly management: KeyManagement;
  readonly encryption: ContentEncryption;
  readonly curve: 'P-256' | 'P-384' | 'P-521' | 'X25519' | 'X448';
  readonly lifeSeconds: number;
  readonly nowSeconds: number;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
}

export interface Example {
  readonly token: string;
  /** The signing key first; for an encrypted token the recipient's after it. */
  readonly keys: readonly Jwk[];
}

const ISSUER = 'https://login.example.com';
const API = 'https://api.example.com';

/** Kinds whose signature must be asymmetric. */
export function needsKeyPair(kind: ExampleKind): boolean {
  return kind === 'dpop-proof' || kind === 'sd-jwt';
}

export async function makeExample(request: ExampleRequest): Promise<Example> {
  const { kind, algorithm, random } = request;
  const jwk = await generateSigningKey(algorithm, random);
  const signed = (claims: object, header: object) => signClaims(claims, { algorithm, jwk, header });
  if (kind === 'sd-jwt') return { token: await makeSdJwt(request, jwk), keys: [jwk] };
  if (kind === 'dpop-proof')
    return {
      token: await signed(dpopClaims(request), { typ: 'dpop+jwt', jwk: bare(jwk), kid: undefined }),
      keys: [jwk],
    };
  if (kind !== 'encrypted') return { token: await signed(claimsOf(kind, request), { typ: TYPES[kind] }), keys: [jwk] };
  const { management, encryption, curve } = request;
  const recipient = await generateEncryptionKey(management, encryption, random, curve);
  const inner = await signed(claimsOf('id-token', request), { typ: 'JWT' });
  const token = await encrypt(new TextEncoder().encode(inner), {
    alg: management,
    enc: encryption,
    jwk: publicPart(recipient) ?? recipient,
    random: randomnessFrom(random),
    header: { typ: 'JWT', cty: 'JWT' },
  });
  return { token, keys: [jwk, recipient] };
}

type ClaimsKind = Exclude<ExampleKind, 'sd-jwt' | 'encrypted' | 'dpop-proof'>;

const TYPES: Readonly<Record<ClaimsKind, string>> = {
  'access-token': 'at+jwt',
  'id-token': 'JWT',
  'client-assertion': 'client-authentication+jwt',
  'logout-token': 'logout+jwt',
};

function claimsOf(kind: ClaimsKind, { nowSeconds, lifeSeconds, random }: ExampleRequest): object {
  const times = { iat: nowSeconds, exp: nowSeconds + lifeSeconds };
  const jti = toBase64url(random(12));
  if (kind === 'client-assertion') return { iss: 'orders-worker', sub: 'orders-worker', aud: ISSUER, ...times, jti };
  const base = { iss: ISSUER, sub: '248289761001' };
  if (kind === 'logout-token') {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return { ...base, aud: 'orders-web', ...times, jti, sid: 'f3a1c2', events };
  }
  if (kind === 'id-token') {
    const person = { name: 'Ada Example', email: 'ada@example.com', email_verified: true };
    return {
      ...base,
      aud: 'orders-web',
      ...times,
      auth_time: nowSeconds - 40,
      nonce: jti,
      acr: '1',
      amr: ['pwd', 'otp'],
      ...person,
    };
  }
  const grant = { client_id: 'orders-web', scope: 'orders:read orders:write', roles: ['editor'], sid: 'f3a1c2' };
  const status = { status_list: { idx: 4711, uri: `${ISSUER}/v1/status-lists/1` } };
  return { ...base, aud: API, ...times, jti, ...grant, status };
}

function dpopClaims({ nowSeconds, random }: ExampleRequest): object {
  const ath = accessTokenHash('an-access-token');
  return { jti: toBase64url(random(12)), htm: 'POST', htu: `${API}/orders`, iat: nowSeconds, ath };
}

/** The public key without the members that only name it. */
function bare(jwk: Jwk): object {
  const { kid: _kid, use: _use, alg, ...material } = publicPart(jwk) ?? jwk;
  return jwk.kty === 'AKP' ? { alg, ...material } : material;
}

async function makeSdJwt({ algorithm, nowSeconds, lifeSeconds, random }: ExampleRequest, jwk: Jwk): Promise<string> {
  const holder = await generateSigningKey('ES256', random);
  const disclose = (...items: readonly unknown[]) =>
    textToBase64url(JSON.stringify([toBase64url(random(16)), ...items]));
  const digest = (text: string) => toBase64url(sha256(new TextEncoder().encode(text)));
  const given = disclose('given_name', 'Ada');
  const email = disclose('email', 'ada@example.com');
  const birth = disclose('birthdate', '1815-12-10');
  const country = disclose('GB');
  const claims = {
    iss: ISSUER,
    iat: nowSeconds,
    exp: nowSeconds + lifeSeconds,
    vct: `${ISSUER}/credentials/person`,
    _sd_alg: 'sha-256',
    _sd: [given, email, birth].map(digest).sort(),
    nationalities: [{ '...': digest(country) }, 'FR'],
    cnf: { jwk: bare(holder) },
  };
  const issued = await signClaims(claims, { algorithm, jwk, header: { typ: 'dc+sd-jwt' } });
  // The date of birth stays with the holder.
  const presented = `${[issued, given, email, country].join('~')}~`;
  const binding = {
    iat: nowSeconds,
    aud: 'https://shop.example.com',
    nonce: toBase64url(random(9)),
    sd_hash: digest(presented),
  };
  return (
    presented +
    (await signClaims(binding, { algorithm: 'ES256', jwk: holder, header: { typ: 'kb+jwt', kid: undefined } }))
  );
}
