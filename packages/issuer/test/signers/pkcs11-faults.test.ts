/** Tokens that fail: taken out, reset, slow, wrong; and signers that are closed. Over a real module, and over one with a fault put in. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import koffi from 'koffi';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSigner } from '../../src/signers/open-signer.ts';
import { CKA, CKR } from '../../src/signers/pkcs11/constants.ts';
import type { Cryptoki } from '../../src/signers/pkcs11/cryptoki.ts';
import { loadCryptoki } from '../../src/signers/pkcs11/native.ts';
import { failureOf } from '../../src/signers/pkcs11/return-values.ts';
import { useToken } from './pkcs11-token.ts';
import { PIN } from './softhsm.ts';

const { hsm, configOf, open, openOver, finalizeBehindOurBack } = useToken();

const MESSAGE = Buffer.from('a message');

describe('a token that goes away', () => {
  it('is connected to again when its sessions were closed', async () => {
    const signer = await open();
    const cryptoki = await loadCryptoki(hsm().modulePath);
    onTestFinished(() => cryptoki.release());
    const [token] = await cryptoki.tokens();
    const closeAll = koffi.load(hsm().modulePath).func('C_CloseAllSessions', 'ulong', ['ulong']);
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
    const putBack = hsm().unplug();
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'token_absent', signer: 'pkcs11:sealgate/ES256' });
    await expect(signer.sign(MESSAGE)).rejects.toMatchObject({ code: 'token_absent', passing: true });
    putBack();
    finalizeBehindOurBack();
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });

  it('is given one more try, not more', async () => {
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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

describe('a signer that lives long', () => {
  it('keeps its module in memory through collections of garbage', async () => {
    const signer = await open();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let round = 0; round < 5; round += 1) {
      collect();
      await turn(); // finalizers run between turns of the event loop
    }
    await expect(signer.sign(MESSAGE)).resolves.toHaveLength(64);
  });
});

describe('a token that misbehaves', () => {
  it('is not waited for beyond the deadline, and its session is used again after it has answered', async () => {
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
    const cryptoki = await loadCryptoki(hsm().modulePath);
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
