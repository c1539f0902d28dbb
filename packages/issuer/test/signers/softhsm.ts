/**
 * A SoftHSM2 token of a test's own (Debian's package `softhsm2`): in a temporary folder, with keys that `node:crypto` made, so that
 * a test can tell whether the token signed with the right one.
 *
 * SoftHSM finds its folder through the environment variable `SOFTHSM2_CONF`, read when the module is initialised: one folder for
 * each test process.
 */
import { spawnSync } from 'node:child_process';
import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const PIN = '1234';
const SECURITY_OFFICER_PIN = '12345678';

export interface SoftHsm {
  readonly modulePath: string;
  /** Makes a token. */
  addToken(label: string): void;
  /** Puts a private key into a token, with its public half. `id` in hexadecimal. */
  addKey(token: string, label: string, id: string, key: KeyObject): void;
  /** Takes every token's files away, as if the device were pulled out; returns how to put them back. */
  unplug(): () => void;
  /** Removes the folder. */
  dispose(): void;
}

/** Makes the folder and points this process at it. */
export function createSoftHsm(): SoftHsm {
  const [modulePath] = globSync('/usr/lib/{softhsm,*/softhsm}/libsofthsm2.so');
  if (modulePath === undefined) throw new Error('SoftHSM2 is not installed: apt-get install softhsm2');
  const folder = mkdtempSync(path.join(tmpdir(), 'sealgate-softhsm-'));
  const tokens = path.join(folder, 'tokens');
  const config = path.join(folder, 'softhsm2.conf');
  mkdirSync(tokens);
  writeFileSync(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = config;

  const util = (...args: string[]): void => {
    const { status, stderr } = spawnSync('softhsm2-util', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`softhsm2-util ${args[0]} failed: ${stderr}`);
  };
  return {
    modulePath,
    addToken(label) {
      util('--init-token', '--free', '--label', label, '--so-pin', SECURITY_OFFICER_PIN, '--pin', PIN);
    },
    addKey(token, label, id, key) {
      const file = path.join(folder, 'key.pem');
      writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      util('--import', file, '--token', token, '--label', label, '--id', id, '--pin', PIN);
      rmSync(file);
    },
    unplug() {
      const away = path.join(folder, 'away');
      renameSync(tokens, away);
      mkdirSync(tokens);
      return () => {
        rmSync(tokens, { recursive: true });
        renameSync(away, tokens);
      };
    },
    dispose() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A private key for a JOSE algorithm. RSA keys of the least size: making them is what takes time. */
export function privateKeyFor(algorithm: string): KeyObject {
  const curves: Readonly<Record<string, string>> = {
    ES256: 'prime256v1',
    ES384: 'secp384r1',
    ES512: 'secp521r1',
    ES256K: 'secp256k1',
  };
  const namedCurve = curves[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve }).privateKey;
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (algorithm === 'ML-DSA-44') return generateKeyPairSync('ml-dsa-44').privateKey;
  if (algorithm === 'ML-DSA-65') return generateKeyPairSync('ml-dsa-65').privateKey;
  if (algorithm === 'ML-DSA-87') return generateKeyPairSync('ml-dsa-87').privateKey;
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}
