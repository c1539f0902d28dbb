/**
 * ECDSA signatures from the form that key stores answer with, DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3),
 * to the one that a JWS has: r and s of fixed length, one after the other (RFC 7518 section 3.4).
 *
 * Strict: DER in its shortest form, nothing after it. What is not so was not made by an ECDSA signer.
 */
import { SignerError } from './signer-error.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * @param signatureBytes - Length of the result: 64, 96 or 132.
 * @throws {SignerError} `answer_malformed`.
 */
export function derToConcatenated(der: Uint8Array, signatureBytes: number): Uint8Array {
  const [body, afterBody] = readElement(der, 0, SEQUENCE);
  const [r, afterR] = readElement(body, 0, INTEGER);
  const [s, afterS] = readElement(body, afterR, INTEGER);
  if (afterBody !== der.length || afterS !== body.length) throw malformed();
  const half = signatureBytes / 2;
  const signature = new Uint8Array(signatureBytes);
  placeUnsigned(r, signature.subarray(0, half));
  placeUnsigned(s, signature.subarray(half));
  return signature;
}

/** The content of the element at `start`, and where the next one starts. */
function readElement(bytes: Uint8Array, start: number, tag: number): [content: Uint8Array, end: number] {
  const first = bytes[start + 1] ?? Number.NaN;
  // Two length bytes suffice: no ECDSA signature reaches 256 bytes.
  const long = first === 0x81;
  const length = long ? (bytes[start + 2] ?? Number.NaN) : first;
  const from = start + (long ? 3 : 2);
  const shortest = long ? length >= 0x80 : length < 0x80;
  if (bytes[start] !== tag || !shortest || from + length > bytes.length) throw malformed();
  return [bytes.subarray(from, from + length), from + length];
}

/** Writes a positive DER integer right-aligned. */
function placeUnsigned(integer: Uint8Array, target: Uint8Array): void {
  const [first = 0x80, second = 0] = integer;
  const padded = first === 0 && integer.length > 1;
  // A sign bit means negative; a zero byte that hides no sign bit means not shortest.
  if (first >= 0x80 || (padded && second < 0x80)) throw malformed();
  const value = padded ? integer.subarray(1) : integer;
  if (value.length > target.length) throw malformed();
  target.set(value, target.length - value.length);
}

function malformed(): SignerError {
  return new SignerError('answer_malformed', { detail: 'the signature is not an ECDSA signature in DER' });
}
