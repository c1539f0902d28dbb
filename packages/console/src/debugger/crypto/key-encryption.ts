/**
 * The content key of a JWE, given and taken (RFC 7518 section 4): direct, AES key wrap, AES-GCM key wrap, RSA-OAEP, ECDH-ES.
 */
import { aeskw, gcm } from '@noble/ciphers/aes.js';
import { fromBase64url, toBase64url } from '../model/base64url.ts';
import { CONTENT_ENCRYPTIONS, type ContentEncryption, type KeyManagement } from './algorithms.ts';
import { joinBytes } from './der.ts';
import { isMontgomery, isWeierstrass } from './elliptic.ts';
import { type Jwk, publicPart } from './jwk.ts';
import { agree, deriveKey } from './key-agreement.ts';
import { CryptoUnavailable, webCrypto } from './signature.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Header parameters that the recipient needs to find the key. */
export interface KeyParameters {
  readonly epk?: Jwk;
  readonly apu?: string;
  readonly apv?: string;
  readonly iv?: string;
  readonly tag?: string;
}

export interface GivenKey {
  readonly contentKey: Bytes;
  readonly encryptedKey: Bytes;
  readonly parameters: KeyParameters;
}

/** Where the randomness and ephemeral keys come from. */
export interface Randomness {
  bytes(length: number): Bytes;
  keyLike(jwk: Jwk): Jwk;
}

/** What kind of key an algorithm wants. */
export function wantedKey(alg: KeyManagement): 'secret' | 'rsa' | 'agreement' {
  if (alg.startsWith('RSA')) return 'rsa';
  return alg.startsWith('ECDH') ? 'agreement' : 'secret';
}

/** Length in bytes of the secret that an algorithm wants. */
export function secretLength(alg: KeyManagement, enc: ContentEncryption): number {
  if (alg === 'dir' || alg === 'ECDH-ES') return CONTENT_ENCRYPTIONS[enc].keyBytes;
  return Number(/A(\d+)/u.exec(alg)?.[1] ?? 0) / 8;
}

/** Whether a key is of the kind and size for the algorithm. */
export function keyFits(alg: KeyManagement, enc: ContentEncryption, jwk: Jwk): boolean {
  const wanted = wantedKey(alg);
  if (wanted === 'rsa') return jwk.kty === 'RSA';
  if (wanted === 'agreement') return isWeierstrass(jwk.crv) || isMontgomery(jwk.crv);
  return jwk.kty === 'oct' && fromBase64url(jwk.k ?? '').length === secretLength(alg, enc);
}

async function oaep(alg: KeyManagement, jwk: Jwk, usage: 'encrypt' | 'decrypt', data: Bytes): Promise<Bytes> {
  const hash = alg === 'RSA-OAEP' ? 'SHA-1' : `SHA-${alg.slice(9)}`;
  const { kty, n, e, d, p, q, dp, dq, qi } = jwk;
  const material = usage === 'decrypt' ? { kty, n, e, d, p, q, dp, dq, qi } : { kty, n, e };
  const present = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
  const subtle = webCrypto();
  const key = await subtle.importKey('jwk', present, { name: 'RSA-OAEP', hash }, false, [usage]).catch(() => {
    throw new CryptoUnavailable('refused');
  });
  return new Uint8Array(await subtle[usage]({ name: 'RSA-OAEP' }, key, data));
}

const text = (value: string | undefined) => fromBase64url(value ?? '');

/** Takes the content key. The key must fit ({@link keyFits}) and be private. Rejects if it is not the right one. */
export async function takeKey(
  alg: KeyManagement,
  enc: ContentEncryption,
  jwk: Jwk,
  encryptedKey: Bytes,
  parameters: KeyParameters,
): Promise<Bytes> {
  const secret = text(jwk.k);
  if (alg === 'dir') return secret;
  if (wantedKey(alg) === 'rsa') return oaep(alg, jwk, 'decrypt', encryptedKey);
  if (alg.endsWith('GCMKW'))
    return joinBytes(gcm(secret, text(parameters.iv)).decrypt(joinBytes(encryptedKey, text(parameters.tag))));
  if (wantedKey(alg) === 'secret') return joinBytes(aeskw(secret).decrypt(encryptedKey));
  if (parameters.epk === undefined) throw new RangeError('epk');
  const agreed = derive(alg, enc, agree(jwk, parameters.epk), parameters);
  return alg === 'ECDH-ES' ? agreed : joinBytes(aeskw(agreed).decrypt(encryptedKey));
}

/** Makes a content key and gives it to the holder of `jwk`. */
export async function giveKey(
  alg: KeyManagement,
  enc: ContentEncryption,
  jwk: Jwk,
  random: Randomness,
): Promise<GivenKey> {
  const none = new Uint8Array();
  const secret = text(jwk.k);
  if (alg === 'dir') return { contentKey: secret, encryptedKey: none, parameters: {} };
  const contentKey = random.bytes(CONTENT_ENCRYPTIONS[enc].keyBytes);
  if (wantedKey(alg) === 'rsa')
    return { contentKey, encryptedKey: await oaep(alg, jwk, 'encrypt', contentKey), parameters: {} };
  if (alg.endsWith('GCMKW')) {
    const iv = random.bytes(12);
    const joined = gcm(secret, iv).encrypt(contentKey);
    const parameters = { iv: toBase64url(iv), tag: toBase64url(joined.slice(-16)) };
    return { contentKey, encryptedKey: joinBytes(joined.slice(0, -16)), parameters };
  }
  if (wantedKey(alg) === 'secret')
    return { contentKey, encryptedKey: joinBytes(aeskw(secret).encrypt(contentKey)), parameters: {} };
  const ephemeral = random.keyLike(jwk);
  const epk = publicPart(ephemeral) ?? ephemeral;
  const agreed = derive(alg, enc, agree(ephemeral, jwk), {});
  if (alg === 'ECDH-ES') return { contentKey: agreed, encryptedKey: none, parameters: { epk } };
  return { contentKey, encryptedKey: joinBytes(aeskw(agreed).encrypt(contentKey)), parameters: { epk } };
}

/** With direct agreement the derived key is the content key, and `enc` names it; else `alg` does (RFC 7518 section 4.6.2). */
function derive(alg: KeyManagement, enc: ContentEncryption, secret: Bytes, { apu, apv }: KeyParameters): Bytes {
  return deriveKey(secret, alg === 'ECDH-ES' ? enc : alg, secretLength(alg, enc), text(apu), text(apv));
}
