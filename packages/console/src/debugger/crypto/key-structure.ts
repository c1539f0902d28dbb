/**
 * Keys in ASN.1: SubjectPublicKeyInfo, PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 private keys (RFC 5915) and X.509 certificates
 * (RFC 5280), read into JWKs and written from them. Ed25519 and the like: RFC 8410; ML-DSA: RFC 9881.
 *
 * A certificate gives its key and what it says of itself; no chain and no signature on it is checked.
 */
import { fromBase64url, toBase64url } from '../model/base64url.ts';
import { readCertificateFacts, type CertificateFacts } from './certificate.ts';
import {
  DerError,
  type DerNode,
  TAG,
  children,
  der,
  derOid,
  derUnsigned,
  joinBytes,
  readBits,
  readDer,
  readOid,
  readOne,
  readUnsigned,
} from './der.ts';
import {
  type MlDsaName,
  type OctetCurve,
  type WeierstrassCurve,
  isMlDsa,
  isWeierstrass,
  jwkFromOctets,
  jwkFromPoint,
  jwkFromScalar,
  jwkFromSeed,
  pointOf,
} from './elliptic.ts';
import type { Jwk } from './jwk.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const RSA_OIDS = new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10', '1.2.840.113549.1.1.7']);
const EC_OID = '1.2.840.10045.2.1';
const CURVE_OIDS: Readonly<Record<string, WeierstrassCurve>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
  '1.3.132.0.10': 'secp256k1',
};
const OCTET_OIDS: Readonly<Record<string, OctetCurve>> = {
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};
const ML_DSA_OIDS: Readonly<Record<string, MlDsaName>> = {
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};

/** A structure whose algorithm this page does not know. */
export class UnknownKeyAlgorithm extends Error {}

function curveOf(node: DerNode | undefined): WeierstrassCurve {
  const oid = readOid(node);
  const crv = CURVE_OIDS[oid];
  if (crv === undefined) throw new UnknownKeyAlgorithm(oid);
  return crv;
}

export function readSpki(bytes: Bytes): Jwk {
  const [algorithm, key] = children(readOne(bytes, TAG.sequence));
  const [identifier, parameters] = children(algorithm);
  const oid = readOid(identifier);
  const octets = readBits(key);
  if (RSA_OIDS.has(oid)) return readRsaPublic(octets);
  if (oid === EC_OID) return jwkFromPoint(curveOf(parameters), octets);
  const crv = OCTET_OIDS[oid];
  if (crv !== undefined) return { kty: 'OKP', crv, x: toBase64url(octets) };
  const alg = ML_DSA_OIDS[oid];
  if (alg !== undefined) return { kty: 'AKP', alg, pub: toBase64url(octets) };
  throw new UnknownKeyAlgorithm(oid);
}

/** PKCS#1 RSAPublicKey. */
export function readRsaPublic(bytes: Bytes): Jwk {
  const [n, e] = children(readOne(bytes, TAG.sequence));
  return { kty: 'RSA', n: toBase64url(readUnsigned(n)), e: toBase64url(readUnsigned(e)) };
}

/** PKCS#1 RSAPrivateKey. */
export function readRsaPrivate(bytes: Bytes): Jwk {
  const [, ...numbers] = children(readOne(bytes, TAG.sequence));
  const [n, e, d, p, q, dp, dq, qi] = numbers.map((node) => toBase64url(readUnsigned(node)));
  if (n === undefined || e === undefined || d === undefined || qi === undefined)
    throw new DerError('RSA key incomplete');
  return { kty: 'RSA', n, e, d, ...(p && { p }), ...(q && { q }), ...(dp && { dp }), ...(dq && { dq }), qi };
}

/** SEC 1 ECPrivateKey; the curve stands in it, or in the PKCS#8 structure around it. */
export function readEcPrivate(bytes: Bytes, outer?: WeierstrassCurve): Jwk {
  const [, scalar, ...rest] = children(readOne(bytes, TAG.sequence));
  const parameters = rest.find((node) => node.tag === 0xa0);
  const crv = outer ?? curveOf(children(parameters)[0]);
  if (scalar === undefined) throw new DerError('no private key');
  return jwkFromScalar(crv, scalar.content);
}

export function readPkcs8(bytes: Bytes): Jwk {
  const [, algorithm, key] = children(readOne(bytes, TAG.sequence));
  const [identifier, parameters] = children(algorithm);
  const oid = readOid(identifier);
  if (key?.tag !== TAG.octets) throw new DerError('no private key');
  if (RSA_OIDS.has(oid)) return readRsaPrivate(key.content);
  if (oid === EC_OID) return readEcPrivate(key.content, curveOf(parameters));
  const crv = OCTET_OIDS[oid];
  if (crv !== undefined) return jwkFromOctets(crv, readOne(key.content, TAG.octets).content);
  const alg = ML_DSA_OIDS[oid];
  if (alg === undefined) throw new UnknownKeyAlgorithm(oid);
  // RFC 9881 section 6: the seed [0], or the expanded key, or both in a sequence.
  const [choice] = readDer(key.content);
  const seed = choice?.tag === TAG.sequence ? children(choice)[0] : choice;
  if (seed?.content.length !== 32) throw new UnknownKeyAlgorithm(`${alg} without its seed`);
  return jwkFromSeed(alg, seed.content);
}

export function readCertificate(bytes: Bytes): { jwk: Jwk; facts: CertificateFacts } {
  const [body] = children(readOne(bytes, TAG.sequence));
  const fields = children(body);
  const from = fields[0]?.tag === 0xa0 ? 1 : 0;
  const spki = fields[from + 5];
  if (spki === undefined) throw new DerError('certificate incomplete');
  return { jwk: readSpki(spki.whole), facts: readCertificateFacts(fields.slice(from)) };
}

/** Whatever a DER structure is: tried in the order of likelihood. */
export function readAnyDer(bytes: Bytes): { jwk: Jwk; facts?: CertificateFacts } {
  for (const read of [readSpki, readPkcs8, readEcPrivate, readRsaPrivate, readRsaPublic]) {
    try {
      return { jwk: read(bytes) };
    } catch (error) {
      if (error instanceof UnknownKeyAlgorithm) throw error;
    }
  }
  return readCertificate(bytes);
}

function oidFor<T extends string>(table: Readonly<Record<string, T>>, name: string | undefined): string {
  const found = Object.entries(table).find(([, value]) => value === name)?.[0];
  if (found === undefined) throw new UnknownKeyAlgorithm(name ?? '');
  return found;
}

function algorithmOf(jwk: Jwk): Bytes {
  if (jwk.kty === 'RSA') return der(TAG.sequence, derOid('1.2.840.113549.1.1.1'), der(TAG.null));
  if (jwk.kty === 'EC') return der(TAG.sequence, derOid(EC_OID), derOid(oidFor(CURVE_OIDS, jwk.crv)));
  if (jwk.kty === 'OKP') return der(TAG.sequence, derOid(oidFor(OCTET_OIDS, jwk.crv)));
  return der(TAG.sequence, derOid(oidFor(ML_DSA_OIDS, jwk.alg)));
}

const octets = (value: string | undefined): Bytes => fromBase64url(value ?? '');

/** SubjectPublicKeyInfo of a key that is not a secret. */
export function writeSpki(jwk: Jwk): Bytes {
  const key =
    jwk.kty === 'RSA'
      ? der(TAG.sequence, derUnsigned(octets(jwk.n)), derUnsigned(octets(jwk.e)))
      : jwk.kty === 'EC'
        ? pointOf(jwk)
        : octets(jwk.kty === 'AKP' ? jwk.pub : jwk.x);
  return der(TAG.sequence, algorithmOf(jwk), der(TAG.bits, Uint8Array.of(0), key));
}

/** PKCS#8 of a private key. */
export function writePkcs8(jwk: Jwk): Bytes {
  return der(TAG.sequence, derUnsigned(Uint8Array.of(0)), algorithmOf(jwk), der(TAG.octets, privateOctets(jwk)));
}

function privateOctets(jwk: Jwk): Bytes {
  if (jwk.kty === 'RSA') {
    const numbers = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((value) =>
      derUnsigned(octets(value)),
    );
    return der(TAG.sequence, derUnsigned(Uint8Array.of(0)), ...numbers);
  }
  if (isWeierstrass(jwk.crv)) {
    const point = der(0xa1, der(TAG.bits, Uint8Array.of(0), pointOf(jwk)));
    return der(TAG.sequence, derUnsigned(Uint8Array.of(1)), der(TAG.octets, octets(jwk.d)), point);
  }
  return isMlDsa(jwk.alg) ? der(0x80, octets(jwk.priv)) : joinBytes(der(TAG.octets, octets(jwk.d)));
}
