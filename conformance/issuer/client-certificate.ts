/** A client certificate as a proxy would hand it on: self-signed, made by `openssl` for this run. */
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';

export interface ClientCertificate {
  readonly pem: string;
  readonly der: Buffer;
  /** RFC 8705 section 3.1. */
  readonly x5tS256: string;
}

export function clientCertificate(): ClientCertificate {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '/dev/null'];
  const { stdout, stderr, status } = spawnSync(
    'openssl',
    ['req', '-x509', '-days', '1', ...kind, '-subj', '/CN=machine'],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`openssl req failed: ${stderr}`);
  const der = new X509Certificate(stdout).raw;
  return { pem: stdout, der, x5tS256: createHash('sha256').update(der).digest('base64url') };
}
