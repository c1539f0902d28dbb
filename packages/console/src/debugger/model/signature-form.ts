/**
 * Whether a signature can be one of the algorithm that the header names, by its length and form (RFC 7518 section 3).
 */
import { isSignatureAlgorithm, schemeOf, signatureLengths } from '../crypto/algorithms.ts';
import type { DecodedPart, TokenPart } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import { stringMember } from './json-value.ts';

export function checkSignatureForm(header: DecodedPart, signature: TokenPart): Fault[] {
  const alg = stringMember(header.node, 'alg');
  if (signature.text === '') return [fault('error', 'signature-missing', signature.span, { alg: alg ?? '' })];
  if (!isSignatureAlgorithm(alg)) return [];
  const lengths = signatureLengths(alg);
  const { length } = signature.bytes;
  if (lengths === undefined || lengths.includes(length)) return [];
  // A DER sequence whose own length is that of the rest: what OpenSSL writes, and JOSE does not take (RFC 7518 section 3.4).
  const [tag, inner] = signature.bytes;
  const isDer = schemeOf(alg).family === 'ECDSA' && tag === 0x30 && (inner === length - 2 || inner === 0x81);
  if (isDer) return [fault('error', 'signature-der', signature.span, { alg })];
  return [fault('error', 'signature-length', signature.span, { alg, length, expected: lengths.join(' / ') })];
}
