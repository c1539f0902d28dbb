/** Which TLS is spoken, on both sides: 1.2 and later, forward secrecy and authenticated encryption only (RFC 9325 sections 3.1 and 4.2). */
import { constants } from 'node:crypto';
import type { SecureContextOptions, SecureVersion } from 'node:tls';

const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Every member is written out, so that no environment variable or flag of Node weakens one. */
export function cipherPolicy(minVersion: '1.2' | '1.3'): SecureContextOptions {
  const oldest: SecureVersion = minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2';
  return {
    minVersion: oldest,
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // RFC 9113 section 9.2.1 forbids both for HTTP/2, and nothing here needs them.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  };
}
