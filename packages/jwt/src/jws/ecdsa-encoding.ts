/**
 * ECDSA signatures in both spellings: `r || s`, each as long as the curve's field (RFC 7518 section 3.4), and the DER sequence of two
 * integers that OpenSSL computes with (RFC 3279 section 2.2.3).
 *
 * `node:crypto` would convert with `dsaEncoding`, at ten times the cost. Only form: whether `r` and `s` are in range is for the
 * verification to say.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** In front of a length beyond 127: one byte of length follows. P-521 needs it. */
const LONG_LENGTH = 0x81;

/** The DER spelling of `r || s`. @param signature - Of even length, at most 132 bytes. */
export function derFromConcatenated(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = signature;
  const half = length / 2;
  const r = firstByte(signature, 0, half);
  const s = firstByte(signature, half, length);
  const content = 4 + (half - r) + padding(signature[r]!) + (length - s) + padding(signature[s]!);
  const der = new Uint8Array(content + (content > 127 ? 3 : 2));
  let at = 0;
  der[at++] = SEQUENCE;
  if (content > 127) der[at++] = LONG_LENGTH;
  der[at++] = content;
  at = writeInteger(der, at, signature, r, half);
  writeInteger(der, at, signature, s, length);
  return der;
}

/** Where the integer in `from` to `to` begins without its leading zeros; zero itself keeps one. */
function firstByte(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to - 1 && bytes[at] === 0) at++;
  return at;
}

/** A DER integer is signed: a first bit of 1 needs a zero byte before it. */
const padding = (first: number): number => first >> 7;

function writeInteger(der: Uint8Array, start: number, source: Uint8Array, from: number, to: number): number {
  let at = start;
  const pad = padding(source[from]!);
  der[at++] = INTEGER;
  der[at++] = to - from + pad;
  if (pad === 1) der[at++] = 0;
  for (let index = from; index < to; index++) der[at++] = source[index]!;
  return at;
}

/**
 * Writes `r || s` of a DER signature that `node:crypto` made.
 *
 * @param length - Of the result: twice the length of the field, bytes.
 */
export function concatenatedFromDer(der: Buffer, length: number): Buffer<ArrayBuffer> {
  const signature = Buffer.alloc(length);
  const half = length / 2;
  const r = der[1] === LONG_LENGTH ? 3 : 2;
  const s = r + 2 + der[r + 1]!;
  copyInteger(der, r, signature, half);
  copyInteger(der, s, signature, length);
  return signature;
}

/** Copies the value of the DER integer at `start` so that it ends at `end`. */
function copyInteger(der: Uint8Array, start: number, signature: Uint8Array, end: number): void {
  const from = start + 2;
  let to = end;
  // The zero byte before a first bit of 1 belongs to DER; the memory that is not written is zero.
  const first = der[from] === 0 ? from + 1 : from;
  for (let index = from + der[start + 1]! - 1; index >= first; index--) signature[--to] = der[index]!;
}
