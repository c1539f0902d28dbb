/**
 * TLS towards the instances of one upstream: whom to believe, what name to ask for, what certificate to present. Verification has no off
 * switch, in the file or in the environment (ATTACKS.md G13).
 */
import type { Logger } from '@sealgate/service';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { UpstreamTlsConfig } from '../config/tls-schema.ts';
import { cipherPolicy } from './cipher-policy.ts';
import { watchPemFiles, readPem, type PemWatch } from './pem-files.ts';
import { assertPair, contextOf, readAuthorities } from './server-certificates.ts';

export class UpstreamTls {
  readonly #config: UpstreamTlsConfig;
  readonly #watch: PemWatch;
  #context: SecureContext;

  /** @throws {GatewayError} `tls_unusable`. */
  constructor(config: UpstreamTlsConfig, logger: Logger) {
    this.#config = config;
    this.#context = load(config);
    const files = [config.ca, config.certificate, config.key].filter((file) => file !== undefined);
    this.#watch = watchPemFiles(files, () => {
      try {
        this.#context = load(config);
        logger.info({ files }, 'certificates towards an upstream replaced');
      } catch (error) {
        logger.error({ err: error }, 'changed certificate files cannot be used; the old certificates stay');
      }
    });
  }

  /** For a new connection to that host, a name or an address. */
  optionsFor(host: string): ConnectionOptions {
    const servername = this.#config.servername ?? (/^[0-9.]+$|:/u.test(host) ? '' : host);
    return { servername, secureContext: this.#context, rejectUnauthorized: true };
  }

  close(): void {
    this.#watch.close();
  }
}

function load({ ca, certificate, key }: UpstreamTlsConfig): SecureContext {
  const own = certificate === undefined || key === undefined ? {} : readPair(certificate, key);
  const authorities = ca === undefined ? {} : { ca: readAuthorities(ca) };
  return contextOf({ ...cipherPolicy('1.2'), ...authorities, ...own }, certificate ?? ca ?? 'TLS towards an upstream');
}

function readPair(certificate: string, keyFile: string): { cert: Buffer; key: Buffer } {
  const [cert, key] = [readPem(certificate), readPem(keyFile)];
  void assertPair(cert, key, certificate, keyFile);
  return { cert, key };
}
