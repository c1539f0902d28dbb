/**
 * The certificate of a caller in a test. It is shown to the gateway as if a TLS handshake had proved it: no TLS is spoken, no private key is needed,
 * and who signed it and until when it is valid is not asked.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import { readPem } from '../tls/pem-files.ts';

export interface TestCertificate {
  readonly certificate: X509Certificate;
  /** `cnf` of tokens that are bound to it (RFC 8705 section 3.1). */
  readonly confirmation: { readonly 'x5t#S256': string };
}

/** The first in the file. @throws {GatewayError} `tls_unusable` naming the file. */
export function readTestCertificate(file: string): TestCertificate {
  const pem = readPem(file);
  try {
    const certificate = new X509Certificate(pem);
    const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
    return { certificate, confirmation: { 'x5t#S256': thumbprint } };
  } catch (cause) {
    throw new GatewayError('tls_unusable', `${file} holds no certificate in PEM form`, { cause });
  }
}
