/**
 * The certificates of the public port, and of the one for upstreams where that speaks TLS: chosen by the name that a client asks for (RFC 6066
 * section 3), replaced without a dropped connection when their files change. Connections keep what they were opened with.
 */
import type { Logger } from '@sealgate/service';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ServerTlsConfig } from '../config/tls-schema.ts';
import { GatewayError } from '../errors.ts';
import { cipherPolicy } from './cipher-policy.ts';
import { isOpenToAll, readPem, watchPemFiles, type PemWatch } from './pem-files.ts';

/** What may be known of a certificate in use. */
export interface CertificateState {
  /** Its first DNS name, or its subject. */
  readonly name: string;
  /** Seconds since the Unix epoch. */
  readonly notAfterSeconds: number;
}

/** The part of a TLS server that takes new certificates. */
export interface TlsServer {
  setSecureContext(options: SecureContextOptions): void;
  setTicketKeys(keys: Buffer): void;
}

export interface ServerCertificatesOptions {
  readonly logger: Logger;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

interface Loaded {
  /** For clients that name no known host. */
  readonly fallback: SecureContextOptions;
  readonly byName: ReadonlyMap<string, SecureContext>;
  readonly states: readonly CertificateState[];
}

const WARN_BEFORE_SECONDS = 14 * 24 * 3600;
const TICKET_KEY_BYTES = 48;

export class ServerCertificates {
  readonly #options: ServerCertificatesOptions;
  #config: ServerTlsConfig;
  #loaded: Loaded;
  #watch: PemWatch;
  readonly #servers: TlsServer[] = [];
  /** Times that changed files could not be used. */
  failures = 0;

  /** @throws {GatewayError} `tls_unusable`. */
  constructor(config: ServerTlsConfig, options: ServerCertificatesOptions) {
    this.#options = options;
    this.#config = config;
    this.#loaded = this.#load(config);
    this.#watch = this.#watchFiles();
  }

  /** What a server is created with. */
  get context(): SecureContextOptions {
    return this.#loaded.fallback;
  }

  get states(): readonly CertificateState[] {
    return this.#loaded.states;
  }

  /** Gives the server new certificates from now on. */
  attach(server: TlsServer): void {
    this.#servers.push(server);
  }

  /** The certificate for a name; undefined: the server's own. */
  contextFor(servername: string): SecureContext | undefined {
    const { byName } = this.#loaded;
    const name = servername.toLowerCase();
    return byName.get(name) ?? byName.get(`*${name.slice(name.indexOf('.'))}`);
  }

  /** Reads what a new configuration names; nothing is used before the returned function is called. @throws {GatewayError} `tls_unusable`. */
  prepare(config: ServerTlsConfig): () => void {
    const loaded = this.#load(config);
    return () => {
      this.#config = config;
      this.#use(loaded);
      this.#watch.close();
      this.#watch = this.#watchFiles();
    };
  }

  close(): void {
    this.#watch.close();
  }

  #use(loaded: Loaded): void {
    this.#loaded = loaded;
    for (const server of this.#servers) {
      server.setSecureContext(loaded.fallback);
      // Sessions that were opened under the old certificates and authorities are not resumed.
      server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
    }
  }

  #watchFiles(): PemWatch {
    const { certificates, clients } = this.#config;
    const files = certificates.flatMap(({ certificate, key }) => [certificate, key]);
    return watchPemFiles(clients === undefined ? files : [...files, clients.ca], () => this.#filesChanged());
  }

  #filesChanged(): void {
    const { logger } = this.#options;
    try {
      this.#use(this.#load(this.#config));
      logger.info({ certificates: this.states }, 'certificates replaced');
    } catch (error) {
      this.failures++;
      logger.error({ err: error }, 'changed certificate files cannot be used; the old certificates stay');
    }
  }

  #load({ certificates, clients, minVersion }: ServerTlsConfig): Loaded {
    const common = {
      ...cipherPolicy(minVersion),
      ...(clients === undefined ? {} : { ca: readAuthorities(clients.ca) }),
    };
    const byName = new Map<string, SecureContext>();
    const states: CertificateState[] = [];
    let fallback: SecureContextOptions | undefined;
    for (const { certificate: file, key: keyFile } of certificates) {
      const cert = readPem(file);
      const key = readPem(keyFile);
      const leaf = assertPair(cert, key, file, keyFile);
      if (isOpenToAll(keyFile)) {
        this.#options.logger.warn({ file: keyFile }, 'everybody on this machine may read this private key');
      }
      const options = { ...common, cert, key };
      const names = dnsNames(leaf);
      const context = contextOf(options, file);
      for (const name of names) if (!byName.has(name)) byName.set(name, context);
      fallback ??= options;
      states.push(this.#stateOf(leaf, names, file));
    }
    if (fallback === undefined) throw new GatewayError('tls_unusable', 'there is no certificate');
    return { fallback, byName, states };
  }

  #stateOf(leaf: X509Certificate, names: readonly string[], file: string): CertificateState {
    const notAfterSeconds = leaf.validToDate.getTime() / 1000;
    const state = { name: names[0] ?? leaf.subject.replaceAll('\n', ', '), notAfterSeconds };
    const leftSeconds = notAfterSeconds - this.#options.now();
    if (leftSeconds < WARN_BEFORE_SECONDS) {
      const what = leftSeconds < 0 ? 'a certificate has expired' : 'a certificate expires soon';
      this.#options.logger.warn({ file, certificate: state.name, not_after: leaf.validToDate.toISOString() }, what);
    }
    return state;
  }
}

/** @returns the first certificate. @throws {GatewayError} unless the key is its. */
export function assertPair(cert: Buffer, key: Buffer, file: string, keyFile: string): X509Certificate {
  const leaf = parse(() => new X509Certificate(cert), `${file} does not begin with a PEM certificate`);
  const privateKey = parse(() => createPrivateKey(key), `${keyFile} holds no PEM private key without a passphrase`);
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new GatewayError('tls_unusable', `${keyFile} is not the key of the first certificate in ${file}`);
  }
  return leaf;
}

/** @throws {GatewayError} for a file without certificates. */
export function readAuthorities(file: string): Buffer {
  const pem = readPem(file);
  void parse(() => new X509Certificate(pem), `${file} does not begin with a PEM certificate`);
  return pem;
}

/** @throws {GatewayError} for what OpenSSL refuses, such as a key that is too short. */
export function contextOf(options: SecureContextOptions, file: string): SecureContext {
  return parse(() => createSecureContext(options), `${file} cannot be used`);
}

function parse<Result>(make: () => Result, message: string): Result {
  try {
    return make();
  } catch (cause) {
    throw new GatewayError('tls_unusable', message, { cause });
  }
}

/** Lower case. The common name does not count (RFC 9525 section 2). */
function dnsNames(leaf: X509Certificate): string[] {
  const names = leaf.subjectAltName?.split(', ') ?? [];
  return names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length).toLowerCase());
}
