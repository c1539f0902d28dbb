/**
 * A public key from the attributes of its object in a token (PKCS #11 Mechanisms version 3.1, sections 2.1.2 and 2.3.3 to 2.3.5).
 *
 * Tokens differ in how they write a point: the standard wants it in a DER OCTET STRING, some leave that away; both are read. And
 * in how they name an Edwards curve: by its OID or as a PrintableString.
 */
import { type KeyObject, type webcrypto, createPublicKey } from 'node:crypto';
import { SignerError } from '../signer-error.ts';
import { CKA } from './constants.ts';

/** Attributes of a public key object that {@link publicKeyOf} reads. */
export const PUBLIC_KEY_ATTRIBUTES = [CKA.MODULUS, CKA.PUBLIC_EXPONENT, CKA.EC_PARAMS, CKA.EC_POINT] as const;

/** By their `CKA_EC_PARAMS`, in hexadecimal. */
const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number }>> = {
  '06082a8648ce3d030107': { crv: 'P-256', bytes: 32 },
  '06052b81040022': { crv: 'P-384', bytes: 48 },
  '06052b81040023': { crv: 'P-521', bytes: 66 },
  '06052b8104000a': { crv: 'secp256k1', bytes: 32 },
  '06032b6570': { crv: 'Ed25519', bytes: 32 },
  '130c656477617264733235353139': { crv: 'Ed25519', bytes: 32 },
};

const UNCOMPRESSED = 0x04;
const OCTET_STRING = 0x04;

/** @throws {SignerError} `mechanism_unsupported`: another type of key or curve; `answer_malformed`. */
export function publicKeyOf(attributes: ReadonlyMap<number, Buffer>): KeyObject {
  const jwk = attributes.has(CKA.MODULUS) ? rsaJwk(attributes) : curveJwk(attributes);
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw malformed('the public key object holds numbers that are no key');
  }
}

function rsaJwk(attributes: ReadonlyMap<number, Buffer>): webcrypto.JsonWebKey {
  const n = attributes.get(CKA.MODULUS);
  const e = attributes.get(CKA.PUBLIC_EXPONENT);
  if (n === undefined || e === undefined) throw malformed('the public key object lacks its modulus or exponent');
  return { kty: 'RSA', n: trimmed(n).toString('base64url'), e: trimmed(e).toString('base64url') };
}

function curveJwk(attributes: ReadonlyMap<number, Buffer>): webcrypto.JsonWebKey {
  const parameters = attributes.get(CKA.EC_PARAMS);
  const encoded = attributes.get(CKA.EC_POINT);
  if (parameters === undefined || encoded === undefined)
    throw malformed('the public key object lacks its curve or point');
  const curve = CURVES[parameters.toString('hex')];
  if (curve === undefined) {
    throw new SignerError('mechanism_unsupported', {
      detail: 'the key is of none of the curves P-256, P-384, P-521, secp256k1 and Ed25519',
    });
  }
  const { crv, bytes } = curve;
  if (crv === 'Ed25519') {
    return { kty: 'OKP', crv, x: pointOf(encoded, bytes).toString('base64url') };
  }
  const point = pointOf(encoded, 1 + 2 * bytes);
  if (point[0] !== UNCOMPRESSED) throw malformed('the public key’s point is compressed');
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  return { kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') };
}

/** The point, out of its OCTET STRING if it is in one. Its length on its curve tells which. */
function pointOf(encoded: Buffer, length: number): Buffer {
  if (encoded.length === length) return encoded;
  const header = length < 0x80 ? [OCTET_STRING, length] : [OCTET_STRING, 0x81, length];
  if (encoded.length === header.length + length && header.every((byte, index) => encoded[index] === byte)) {
    return encoded.subarray(header.length);
  }
  throw malformed('the public key’s point has the wrong length for its curve');
}

/** Some tokens write a positive number with a leading zero byte. */
function trimmed(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  return number.subarray(first === -1 ? number.length : first);
}

function malformed(detail: string): SignerError {
  return new SignerError('answer_malformed', { detail });
}
