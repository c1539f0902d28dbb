/**
 * A token with one key for each algorithm, and signers over it, for the tests of one file.
 */
import { Secret } from '@sealgate/service';
import koffi from 'koffi';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { SignerConfig } from '../../src/signers/config.ts';
import { type ExternalSigner, openExternalSigner } from '../../src/signers/external-signer.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import { CKR } from '../../src/signers/pkcs11/constants.ts';
import type { Cryptoki } from '../../src/signers/pkcs11/cryptoki.ts';
import { pkcs11Driver } from '../../src/signers/pkcs11/driver.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import { PIN, type SoftHsm, createSoftHsm, privateKeyFor } from './softhsm.ts';

/** Each has a key of its own, whose label is the algorithm. */
export const CURVE_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519'] as const;

/** They share the key `RSA`. */
export const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;

export interface Overrides {
  algorithm?: SigningAlgorithm;
  timeout?: number;
  pkcs11?: Partial<NonNullable<SignerConfig['pkcs11']>>;
}

export interface OverOptions {
  readonly timeoutMs?: number;
  readonly pin?: () => string;
  readonly sessions?: number;
  readonly algorithm?: SigningAlgorithm;
  readonly key?: string;
}

export interface TokenFixture {
  readonly hsm: () => SoftHsm;
  /** The private keys in the token, by label. */
  readonly keys: ReadonlyMap<string, ReturnType<typeof privateKeyFor>>;
  readonly configOf: (overrides?: Overrides) => SignerConfig;
  /** A signer that is closed after the test. */
  readonly open: (overrides?: Overrides) => Promise<ExternalSigner>;
  /** A signer over a `Cryptoki` that a test has changed. */
  readonly openOver: (cryptoki: Cryptoki, options?: OverOptions) => Promise<ExternalSigner>;
  /** The whole module is reset under its user, as other code in the process or a driver's restart does. */
  readonly finalizeBehindOurBack: () => void;
}

/** Makes the token before the tests of a file and removes it after them. */
export function useToken(): TokenFixture {
  let hsm: SoftHsm | undefined;
  const keys = new Map<string, ReturnType<typeof privateKeyFor>>();
  const made = (): SoftHsm => {
    if (hsm === undefined) throw new Error('the token is made before the first test');
    return hsm;
  };

  beforeAll(() => {
    hsm = createSoftHsm();
    hsm.addToken('sealgate');
    for (const [index, name] of [...CURVE_ALGORITHMS, 'RSA'].entries()) {
      const key = privateKeyFor(name);
      keys.set(name, key);
      hsm.addKey('sealgate', name, `a${index}`, key);
    }
    hsm.addKey('sealgate', 'twin', 'b0', privateKeyFor('ES256'));
    hsm.addKey('sealgate', 'twin', 'b1', privateKeyFor('ES256'));
  });
  afterAll(() => hsm?.dispose());

  const configOf = ({ pkcs11 = {}, ...rest }: Overrides = {}): SignerConfig => ({
    algorithm: 'ES256',
    timeout: 5000,
    pkcs11: { module: made().modulePath, token: 'sealgate', pin: Secret.of(PIN), key: 'ES256', sessions: 4, ...pkcs11 },
    ...rest,
  });

  return {
    hsm: made,
    keys,
    configOf,
    async open(overrides) {
      const signer = await openSigner(configOf(overrides));
      onTestFinished(() => signer.close());
      return signer;
    },
    openOver(cryptoki, options = {}) {
      const { timeoutMs = 5000, pin = () => PIN, sessions = 2, algorithm = 'ES256', key = 'ES256' } = options;
      const driver = pkcs11Driver(cryptoki, {
        token: { label: 'sealgate' },
        key: { label: key },
        pin,
        algorithm,
        sessions,
        closeTimeoutMs: 200,
      });
      return openExternalSigner(driver, algorithm, timeoutMs);
    },
    finalizeBehindOurBack() {
      const finalize = koffi.load(made().modulePath).func('C_Finalize', 'ulong', ['void *']);
      expect(finalize(null)).toBe(CKR.OK);
    },
  };
}
