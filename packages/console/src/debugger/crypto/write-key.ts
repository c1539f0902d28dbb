/** A key written out in the form that other software wants: JWK, key set, PEM; whole, or its public part. */
import type { KeyReading } from './key-text.ts';
import { type Jwk, keyType, publicPart } from './jwk.ts';
import { writePkcs8, writeSpki } from './key-structure.ts';
import { writePem } from './pem.ts';

export const WRITTEN_FORMS = ['jwk', 'publicJwk', 'jwks', 'pem', 'publicPem'] as const;

export type WrittenForm = (typeof WRITTEN_FORMS)[number];

/** A secret has one form, whatever is asked for. */
export function writeKey(jwk: Jwk, form: WrittenForm): string {
  const shared = publicPart(jwk);
  if (shared === undefined || form === 'jwk') return JSON.stringify(jwk, null, 2);
  if (form === 'pem') return writePem('PRIVATE KEY', writePkcs8(jwk));
  if (form === 'publicPem') return writePem('PUBLIC KEY', writeSpki(shared));
  return JSON.stringify(form === 'jwks' ? { keys: [shared] } : shared, null, 2);
}

/** The one key that was read, as a JWK if it came as PEM or DER, and as PEM if it came as a JWK; undefined where there is no such form. */
export function otherForm({
  form,
  keys,
  problems,
}: KeyReading): { readonly to: 'jwk' | 'pem'; readonly text: string } | undefined {
  const [item, ...more] = keys;
  if (item === undefined || more.length > 0 || problems.length > 0) return undefined;
  const { jwk } = item;
  if (form === 'pem' || form === 'der' || form === 'certificate') return { to: 'jwk', text: writeKey(jwk, 'jwk') };
  if (form !== 'jwk' || jwk.kty === 'oct') return undefined;
  // PKCS #8 of an RSA key holds its primes; a JWK may leave them out.
  if (jwk.kty === 'RSA' && jwk.d !== undefined && jwk.p === undefined) return undefined;
  try {
    return { to: 'pem', text: writeKey(jwk, keyType(jwk) === 'private' ? 'pem' : 'publicPem') };
  } catch {
    return undefined;
  }
}
