/** Signatures by a PKCS#11 token: a real module (SoftHSM2), a real token, and what is refused before the first signature. */
import { createPublicKey } from 'node:crypto';
import { importKey, signJwt, thumbprint, verifyJws } from '@sealgate/jwt';
import { Secret } from '@sealgate/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signerConfigSchema } from '../../src/signers/config.ts';
import { openSigner } from '../../src/signers/open-signer.ts';
import { CKM } from '../../src/signers/pkcs11/constants.ts';
import type { Cryptoki } from '../../src/signers/pkcs11/cryptoki.ts';
import { loadCryptoki } from '../../src/signers/pkcs11/native.ts';
import type { SigningAlgorithm } from '../../src/signers/signing-algorithm.ts';
import { expectGoodTokens } from './jws-check.ts';
import { CURVE_ALGORITHMS, type Overrides, RSA_ALGORITHMS, useToken } from './pkcs11-token.ts';

const { hsm, keys, configOf, open, openOver } = useToken();

describe('signatures by a PKCS#11 token', () => {
  it.each([
    ...CURVE_ALGORITHMS.map((algorithm) => ({ algorithm, key: algorithm as string })),
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
    onTestFinished(() => cryptoki.release());
    const [token] = await cryptoki.tokens();
    const byLabel = await open();
    const { pkcs11 } = configOf();
    const byId = await openSigner({
      ...configOf(),
      pkcs11: {
        module: hsm().modulePath,
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
