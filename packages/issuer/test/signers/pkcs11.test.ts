/** Signatures by a PKCS#11 token: a real module (SoftHSM2), a real token, and the ways in which a token fails. */
import { createPublicKey } from 'node:crypto';
import { Secret } from '@sealgate/service';
import { importKey, thumbprint, verifyJws, signJwt } from '@sealgate/jwt';
import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type SignerConfig, signerConfigSchema } from '../../src/signers/config.ts';
import { type ExternalSigner, openExternalSigner } from '../../src/signers/external-signer.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import { CKA, CKM, CKR } from '../../src/signers/pkcs11/constants.ts';
import type { Cryptoki } from '../../src/signers/pkcs11/cryptoki.ts';
import { pkcs11Driver } from '../../src/signers/pkcs11/driver.ts';
import { loadCryptoki } from '../../src/signers/pkcs11/native.ts';
import { failureOf } from '../../src/signers/pkcs11/return-values.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import { expectGoodTokens } from './jws-check.ts';
import { PIN, type SoftHsm, createSoftHsm, privateKeyFor } from './softhsm.ts';

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519'] as const;
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;

let hsm: SoftHsm;
const keys = new Map<string, ReturnType<typeof privateKeyFor>>();

beforeAll(() => {
  hsm = createSoftHsm();
  hsm.addToken('sealgate');
  for (const [index, name] of [...ALGORITHMS, 'RSA'].entries()) {
    const key = privateKeyFor(name);
    keys.set(name, key);
    hsm.addKey('sealgate', name, `a${index}`, key);
  }
  hsm.addKey('sealgate', 'twin', 'b0', privateKeyFor('ES256'));
  hsm.addKey('sealgate', 'twin', 'b1', privateKeyFor('ES256'));
});

afterAll(() => hsm.dispose());

interface Overrides {
  algorithm?: SigningAlgorithm;
  timeout?: number;
  pkcs11?: Partial<NonNullable<SignerConfig['pkcs11']>>;
}

function configOf({ pkcs11 = {}, ...rest }: Overrides = {}): SignerConfig {
  return {
    algorithm: 'ES256',
    timeout: 5000,
    pkcs11: { module: hsm.modulePath, token: 'sealgate', pin: Secret.of(PIN), key: 'ES256', sessions: 4, ...pkcs11 },
    ...rest,
  };
}

async function open(overrides?: Overrides): Promise<ExternalSigner> {
  const signer = await openSigner(configOf(overrides));
  onTestFinished(() => signer.close());
  return signer;
}

describe('signatures by a PKCS#11 token', () => {
  it.each([
    ...ALGORITHMS.map((algorithm) => ({ algorithm, key: algorithm as string })),
    ...RSA_ALGORITHMS.map((algorithm) => ({ algorithm, key: 'RSA' })),
  ])('$algorithm: any verifier accepts them', async ({ algorithm, key }) => {
    const signer = await open({ algorithm, pkcs11: { key } });
    expect(signer.alg).toBe(algorithm);
    if (algorithm === 'ES256K') {
      // Not in jose, nor in any WebCrypto.
      const token = await signJwt({ sub: 'u-1' }, { key: signer });
      expect(verifyJws(token, [signer.publicKey]).header.kid).toBe(signer.kid);
    } else {
      await expectGoodTokens(signer);
    }
  });

  it.each<[SigningAlgorithm, number, number]>([
    ['RS256', CKM.RSA_PKCS, CKM.SHA256_RSA_PKCS],
    ['PS384', CKM.RSA_PKCS_PSS, CKM.SHA384_RSA_PKCS_PSS],
  ])('%s by a token that insists on digesting itself, as in FIPS mode', async (algorithm, refused, used) => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    const mechanisms: number[] = [];
    const strict: Cryptoki = {
      ...cryptoki,
      canSign: (slot, mechanism) =>
        mechanism === refused ? Promise.resolve(false) : cryptoki.canSign(slot, mechanism),
      sign: (session, key, mechanism, ...rest) => {
        mechanisms.push(mechanism.type);
        return cryptoki.sign(session, key, mechanism, ...rest);
      },
    };
    const signer = await openOver(strict, { algorithm, key: 'RSA' });
    onTestFinished(() => signer.close());
    await expectGoodTokens(signer);
    expect(mechanisms).toEqual([used, used]);
  });

  it('names the key by the thumbprint of its public half (RFC 7638)', async () => {
    const signer = await open();
    const known = keys.get('ES256');
    expect(known).toBeDefined();
    if (known !== undefined) expect(signer.kid).toBe(thumbprint(importKey(createPublicKey(known), { alg: 'ES256' })));
    expect(signer.publicKey).toMatchObject({ kid: signer.kid, alg: 'ES256', type: 'public' });
  });

  it('finds a key by id, and a token by serial number', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    onTestFinished(() => cryptoki.release());
    const [token] = await cryptoki.tokens();
    const byLabel = await open();
    const { pkcs11 } = configOf();
    const byId = await openSigner({
      ...configOf(),
      pkcs11: {
        module: hsm.modulePath,
        serial: token?.serial,
        pin: pkcs11?.pin ?? Secret.of(''),
        keyId: 'a0',
        sessions: 1,
      },
    });
    onTestFinished(() => byId.close());
    expect(byId.kid).toBe(byLabel.kid);
  });

  it('makes many at once over few sessions, without holding up the event loop', async () => {
    const signer = await open({ algorithm: 'RS256', pkcs11: { key: 'RSA', sessions: 2 } });
    const messages = Array.from({ length: 100 }, (_, index) => Buffer.from(`message ${index}`));
    let turns = 0;
    let turning = setImmediate(function turn() {
      turns += 1;
      turning = setImmediate(turn);
    });
    const signatures = await Promise.all(messages.map((message) => signer.sign(message)));
    clearImmediate(turning);
    expect(new Set(signatures.map((signature) => Buffer.from(signature).toString('hex'))).size).toBe(100);
    // Signed on this thread, all of them would have been made in one turn of the event loop.
    expect(turns).toBeGreaterThan(100);
  });
});

describe('what is wrong is said before the first token', () => {
  it.each<[string, Overrides, string]>([
    ['another PIN', { pkcs11: { pin: Secret.of('9999') } }, 'pin_refused'],
    ['no such token', { pkcs11: { token: 'nobody' } }, 'token_absent'],
    ['no such key', { pkcs11: { key: 'nobody' } }, 'key_not_found'],
    ['two keys of one label', { pkcs11: { key: 'twin' } }, 'key_ambiguous'],
    ['another curve than the algorithm’s', { algorithm: 'ES384' }, 'key_mismatch'],
    ['another type than the algorithm’s', { algorithm: 'RS256' }, 'key_mismatch'],
    ['an algorithm that PKCS#11 does not have', { algorithm: 'ML-DSA-44' }, 'mechanism_unsupported'],
    ['a module that is not there', { pkcs11: { module: '/nonexistent/module.so' } }, 'module_unloadable'],
    ['a library that is not a module', { pkcs11: { module: 'libc.so.6' } }, 'module_unloadable'],
  ])('%s', async (_what, overrides, code) => {
    await expect(openSigner(configOf(overrides))).rejects.toMatchObject({ name: 'SignerError', code });
  });

  it('two tokens of one label', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    onTestFinished(() => cryptoki.release());
    const [token] = await cryptoki.tokens();
    const doubled: Cryptoki = { ...cryptoki, tokens: () => Promise.resolve(token === undefined ? [] : [token, token]) };
    await expect(openOver(doubled)).rejects.toMatchObject({ code: 'token_ambiguous' });
  });

  it('koffi is not installed', async () => {
    const absent = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(openSigner(configOf(), { koffi: () => Promise.reject(absent) })).rejects.toThrow(
      /package koffi is not installed; run "npm install koffi"/u,
    );
  });

  it('never says the PIN', async () => {
    const secret = 'pin-that-nobody-may-see';
    const error: unknown = await openSigner(configOf({ pkcs11: { pin: Secret.of(secret) } })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
    expect(JSON.stringify(configOf({ pkcs11: { pin: Secret.of(secret) } }))).not.toContain(secret);
  });

  it('accepts the PIN by reference alone', () => {
    const written = { algorithm: 'ES256', pkcs11: { module: '/m.so', token: 't', pin: '1234', key: 'k' } };
    const result = signerConfigSchema.safeParse(written);
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual(['pkcs11.pin']);
    expect(result.error?.message).not.toContain('1234');
  });
});

/** A signer over a `Cryptoki` that a test has changed. */
function openOver(
  cryptoki: Cryptoki,
  options: {
    timeoutMs?: number;
    pin?: () => string;
    sessions?: number;
    algorithm?: SigningAlgorithm;
    key?: string;
  } = {},
): Promise<ExternalSigner> {
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
}

/** The whole module is reset under its user, as other code in the process or a driver's restart does. */
function finalizeBehindOurBack(): void {
  const finalize = koffi.load(hsm.modulePath).func('C_Finalize', 'ulong', ['void *']);
  expect(finalize(null)).toBe(CKR.OK);
}

const MESSAGE = Buffer.from('a message');

describe('a token that goes away', () => {
  it('is connected to again when its sessions were closed', async () => {
    const signer = await open();
    const cryptoki = await loadCryptoki(hsm.modulePath);
    onTestFinished(() => cryptoki.release());
    const [token] = await cryptoki.tokens();
    const closeAll = koffi.load(hsm.modulePath).func('C_CloseAllSessions', 'ulong', ['ulong']);
    expect(closeAll(token?.slot)).toBe(CKR.OK);
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('is connected to again when the module was reset', async () => {
    const signer = await open();
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('is reported as absent while it is out, and signs again once it is back', async () => {
    const signer = await open();
    const putBack = hsm.unplug();
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'token_absent', signer: 'pkcs11:sealgate/ES256' });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'token_absent', passing: true });
    putBack();
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('is given one more try, not more', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    let calls = 0;
    let removed = false;
    const faulty: Cryptoki = {
      ...cryptoki,
      sign: (...args) => {
        calls += 1;
        return removed ? Promise.reject(failureOf('C_Sign', CKR.DEVICE_REMOVED)) : cryptoki.sign(...args);
      },
    };
    const signer = await openOver(faulty);
    onTestFinished(() => signer.close());
    calls = 0;
    removed = true;
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({
      code: 'token_lost',
      reason: 'C_Sign: CKR_DEVICE_REMOVED',
    });
    expect(calls).toBe(2);
    removed = false;
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('whose PIN was changed meanwhile is asked once, and never again', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    let logins = 0;
    let pin = PIN;
    const counting: Cryptoki = {
      ...cryptoki,
      login: (session, given) => {
        logins += 1;
        return cryptoki.login(session, given);
      },
    };
    const signer = await openOver(counting, { pin: () => pin });
    onTestFinished(() => signer.close());
    expect(logins).toBe(1);
    pin = '9999';
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'pin_refused', passing: false });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'pin_refused' });
    expect(logins).toBe(2);
  });
});

describe('a token that misbehaves', () => {
  it('is not waited for beyond the deadline, and its session is used again after it has answered', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    const held: (() => void)[] = [];
    let holding = false;
    const slow: Cryptoki = {
      ...cryptoki,
      sign: async (...args) => {
        if (holding) await new Promise<void>((resolve) => held.push(resolve));
        return cryptoki.sign(...args);
      },
    };
    const signer = await openOver(slow, { timeoutMs: 300, sessions: 1 });
    onTestFinished(() => signer.close());
    holding = true;
    const started = performance.now();
    // The second waits for the only session, and its deadline passes there.
    const outcomes = await Promise.allSettled([signer.sign(MESSAGE), signer.sign(MESSAGE)]);
    expect(performance.now() - started).toBeLessThan(2000);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    expect(held).toHaveLength(1);
    holding = false;
    for (const release of held) release();
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('whose signature is wrong gives none', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    let flip = false;
    const faulty: Cryptoki = {
      ...cryptoki,
      sign: async (...args) => {
        const signature = await cryptoki.sign(...args);
        if (flip) signature[5] = (signature[5] ?? 0) ^ 1;
        return signature;
      },
    };
    const signer = await openOver(faulty);
    onTestFinished(() => signer.close());
    flip = true;
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'integrity_failed' });
  });

  it('whose public key object is of another pair is refused at the start', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    onTestFinished(() => cryptoki.release());
    const other = await cryptoki.tokens();
    expect(other).toHaveLength(1);
    const crossed: Cryptoki = {
      ...cryptoki,
      // The public half is looked for by id: give it the id of another key.
      attributes: async (...args) => {
        const found = new Map(await cryptoki.attributes(...args));
        if (found.has(CKA.ID)) found.set(CKA.ID, Buffer.from('b0', 'hex'));
        return found;
      },
    };
    await expect(openOver(crossed)).rejects.toMatchObject({ code: 'integrity_failed' });
  });
});

describe('a key that asks for the PIN each time (CKA_ALWAYS_AUTHENTICATE)', () => {
  it('is given it with each signature', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    const pins: (string | undefined)[] = [];
    const strict: Cryptoki = {
      ...cryptoki,
      attributes: async (...args) =>
        new Map(await cryptoki.attributes(...args)).set(CKA.ALWAYS_AUTHENTICATE, Buffer.of(1)),
      sign: (session, key, mechanism, data, contextPin) => {
        pins.push(contextPin);
        return cryptoki.sign(session, key, mechanism, data, undefined);
      },
    };
    const signer = await openOver(strict);
    onTestFinished(() => signer.close());
    await signer.sign(MESSAGE);
    expect(pins).toEqual([PIN, PIN]);
  });
});

describe('a closed signer', () => {
  it('says so, and closing twice is no failure', async () => {
    const signer = await openSigner(configOf());
    const last = signer.sign(MESSAGE);
    await Promise.all([signer.close(), signer.close()]);
    await expect(last).resolves.toHaveLength(64);
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'closed' });
  });

  it('is given up when a call hangs in the module', async () => {
    const cryptoki = await loadCryptoki(hsm.modulePath);
    onTestFinished(() => cryptoki.release());
    let released = false;
    const hanging: Cryptoki = {
      ...cryptoki,
      login: () => new Promise<void>(() => {}),
      release: () => {
        released = true;
        return Promise.resolve();
      },
    };
    await expect(openOver(hanging, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    expect(released).toBe(false);
  });

  it('leaves another signer of the same module at work', async () => {
    const [first, second] = await Promise.all([
      openSigner(configOf()),
      open({ algorithm: 'RS256', pkcs11: { key: 'RSA' } }),
    ]);
    await first.close();
    await expect(second.sign(MESSAGE)).resolves.toHaveLength(256);
  });
});
