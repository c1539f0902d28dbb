/**
 * A gateway with one open route and nothing else: it starts in a moment. With TLS, and a proxy in front that says by PROXY protocol who calls: one at
 * 192.0.2.7 may pass.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAuthority } from '../../conformance/gateway/certificates.ts';
import { freePorts } from '../harness/free-ports.ts';

export interface SmallFolder {
  /** The configuration file. */
  readonly file: string;
  /** Another, with the same public port and an admin port of its own. */
  readonly sameListen: string;
  readonly port: number;
  /** Who signed its certificate. */
  readonly ca: Buffer;
  remove(): void;
}

/** @param origin - What is behind. */
export async function createSmallFolder(origin: string, workers = '2'): Promise<SmallFolder> {
  const [port = 0, admin, otherAdmin] = await freePorts(3);
  const authority = createAuthority();
  const { folder } = authority;
  const { certificate, key } = authority.issue('api', ['DNS:api.test']);
  const write = (name: string, adminPort: number | undefined): string => {
    const file = path.join(folder, name);
    writeFileSync(
      file,
      `version: 1
gateway:
  listen: https://127.0.0.1:${port}
  admin: http://127.0.0.1:${adminPort}
  workers: ${workers}
  tls: { certificates: [{ certificate: ${certificate}, key: ${key} }] }
  proxyProtocol: true
  trustProxies: [127.0.0.1]
  upstreams: { behind: { urls: ['${origin}'] } }
  routes: [{ path: /**, to: behind, auth: none, access: { allow: [192.0.2.7] } }]
`,
    );
    return file;
  };
  return {
    file: write('sealgate.yaml', admin),
    sameListen: write('same-listen.yaml', otherAdmin),
    port,
    ca: readFileSync(authority.ca),
    remove: () => authority.remove(),
  };
}
