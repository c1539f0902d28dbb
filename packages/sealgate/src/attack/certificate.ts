/**
 * A self-signed certificate (RFC 5280 section 4.1) around the attacker's own P-256 key, for `x5c` and `x5u`: right in form, and trusted by
 * nobody. Node reads certificates but writes none, so the few octets of DER are put together here.
 */
import { createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const SEQUENCE = 0x30;
const ECDSA_WITH_SHA256 = tlv(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');

/** The certificate in DER. */
export function selfSignedCertificate(privateKey: KeyObject, nowSeconds: number): Buffer {
  const name = tlv(
    SEQUENCE,
    tlv(0x31, tlv(SEQUENCE, Buffer.concat([COMMON_NAME, tlv(0x0c, Buffer.from('sealgate attack'))]))),
  );
  const body = tlv(
    SEQUENCE,
    Buffer.concat([
      tlv(0xa0, Buffer.from([0x02, 0x01, 0x02])),
      // Positive, and not zero: the top bit off, the next one on.
      tlv(
        0x02,
        randomBytes(8).map((octet, index) => (index === 0 ? (octet & 0x3f) | 0x40 : octet)),
      ),
      ECDSA_WITH_SHA256,
      name,
      tlv(SEQUENCE, Buffer.concat([utcTime(nowSeconds - 3600), utcTime(nowSeconds + 86_400)])),
      name,
      createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    ]),
  );
  const signature = sign('sha256', body, privateKey);
  return tlv(
    SEQUENCE,
    Buffer.concat([body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.concat([Buffer.alloc(1), signature]))]),
  );
}

function tlv(tag: number, value: Uint8Array): Buffer {
  const { length } = value;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

function utcTime(seconds: number): Buffer {
  const digits = new Date(seconds * 1000).toISOString().replaceAll(/\D/gu, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}
