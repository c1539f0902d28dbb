/** Certificates for tests, made by OpenSSL in a temporary folder: an authority, and what it signs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly folder: string;
  /** Its own certificate. */
  readonly ca: string;
  /** Signs one for names such as `DNS:api.test` or `IP:127.0.0.1`, under new file names or the ones given. */
  issue(name: string, alternatives: readonly string[], days?: number): CertificateFiles;
  remove(): void;
}

export function createAuthority(): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-tls-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = (file: string): void => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file);
  newKey('ca.key');
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=Test Authority');
  return {
    folder,
    ca: at('ca.pem'),
    issue(name, alternatives, days = 30) {
      newKey(`${name}.key`);
      openssl('req', '-new', '-key', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(at(`${name}.ext`), alternatives.length === 0 ? '' : `subjectAltName=${alternatives.join(',')}\n`);
      const from = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', String(days), ...from);
      return { certificate: at(`${name}.pem`), key: at(`${name}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
