/** Who signed a token: jsonwebtoken with one key and one algorithm; and the usual ways not to do it. */
import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compactDecrypt } from 'jose';
import jwt from 'jsonwebtoken';
import type { FaultName } from '../faults.ts';
import type { TokenDesk } from '../token-desk.ts';
import type { TokenForm } from './token-form.ts';

const SECRETS_FOLDER = path.resolve(import.meta.dirname, '../../secrets');

/** What was signed, not looked at. @throws {Error} */
export async function verifySignature(
  token: string,
  { parts, header }: TokenForm,
  desk: TokenDesk,
  faults: ReadonlySet<FaultName>,
): Promise<unknown> {
  const { algorithm, verificationKey } = desk;
  const byLibrary = (key: KeyObject | string, alg: jwt.Algorithm): unknown =>
    jwt.verify(token, key, { algorithms: [alg], ignoreExpiration: true });

  if (faults.has('signature-unchecked')) return jwt.decode(token);
  if (faults.has('alg-none') && header.alg === 'none') return jwt.decode(token);
  if (faults.has('public-key-as-secret') && header.alg === 'HS256' && typeof verificationKey !== 'string') {
    return verifyHmac(parts, verificationKey.export({ type: 'spki', format: 'pem' }));
  }
  if (faults.has('kid-as-path') && header.alg === 'HS256') {
    return verifyHmac(parts, readFileSync(path.join(SECRETS_FOLDER, String(header.kid))));
  }
  if (faults.has('embedded-jwk') && isJwk(header.jwk)) return byLibrary(fromJwk(header.jwk), 'ES256');
  if (faults.has('jku-fetched') && typeof header.jku === 'string') {
    return byLibrary(await fetchKey(header.jku, header.kid), 'ES256');
  }
  if (faults.has('algorithm-from-header')) return byLibrary(verificationKey, header.alg as jwt.Algorithm);
  if (faults.has('der-signature') && typeof verificationKey !== 'string' && verifyDer(parts, verificationKey)) {
    return jwt.decode(token);
  }
  return byLibrary(verificationKey, algorithm);
}

/** FAULT encrypted-is-trusted: what it holds, with no signature asked for. */
export async function decrypt(token: string, { privateKey }: TokenDesk): Promise<unknown> {
  if (privateKey === undefined) throw new Error('no key to decrypt with');
  const { plaintext } = await compactDecrypt(token, privateKey);
  const text = Buffer.from(plaintext).toString('utf8');
  return text.startsWith('{') ? JSON.parse(text) : jwt.decode(text);
}

function verifyHmac(parts: TokenForm['parts'], secret: string | Buffer): unknown {
  const [header, payload, signature] = parts;
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  if (signature !== expected) throw new Error('bad signature');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

function verifyDer([header, payload, signature]: TokenForm['parts'], key: KeyObject): boolean {
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

async function fetchKey(address: string, kid: unknown): Promise<KeyObject> {
  const response = await fetch(address, { signal: AbortSignal.timeout(2000) });
  const { keys } = (await response.json()) as { keys: readonly { kid?: string }[] };
  const found = keys.find((key) => key.kid === kid);
  if (found === undefined) throw new Error('no such key');
  return fromJwk(found);
}

function fromJwk(jwk: object): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' });
}

function isJwk(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
