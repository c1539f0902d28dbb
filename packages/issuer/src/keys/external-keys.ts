/**
 * The signing keys that live in key stores (`signers/`), opened at start and known by their `kid`: the thumbprint of the public key, so the
 * same on every machine. Which of them signs, the database says, as for any other key.
 */
import type { Algorithm } from '@sealgate/jwt';
import type { Logger, Metrics } from '@sealgate/service';
import type { SignerConfig } from '../signers/config.ts';
import type { ExternalSigner } from '../signers/external-signer.ts';
import type { KeyStoreDependencies } from '../signers/key-store-dependencies.ts';
import { observeSigners } from '../signers/observe-signers.ts';
import { openSigner } from '../signers/open-signer.ts';

export class ExternalKeys {
  readonly #signers: readonly ExternalSigner[];

  constructor(signers: readonly ExternalSigner[]) {
    this.#signers = signers;
  }

  /**
   * Opens every signer, all at once.
   *
   * @throws {SignerError} if one cannot be used; the others are closed again.
   */
  static async open(
    configs: readonly SignerConfig[],
    { logger, metrics, dependencies }: { logger: Logger; metrics: Metrics; dependencies: KeyStoreDependencies },
  ): Promise<ExternalKeys> {
    const opening = await Promise.allSettled(configs.map((config) => openSigner(config, dependencies)));
    const opened = opening.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = opening.find((each) => each.status === 'rejected');
    if (failed === undefined) return new ExternalKeys(observeSigners(opened, logger, metrics));
    await Promise.allSettled(opened.map((signer) => signer.close()));
    throw failed.reason;
  }

  /** Whether keys of this algorithm are to come from key stores: then none is made here. */
  serves(alg: Algorithm): boolean {
    return this.#signers.some((signer) => signer.alg === alg);
  }

  find(kid: string): ExternalSigner | undefined {
    return this.#signers.find((signer) => signer.kid === kid);
  }

  /** The first one, in the order of the configuration, that is not among those known. */
  spare(alg: Algorithm, known: readonly { readonly kid: string }[]): ExternalSigner | undefined {
    return this.#signers.find((signer) => signer.alg === alg && !known.some(({ kid }) => kid === signer.kid));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#signers.map((signer) => signer.close()));
  }
}
