/** Reads what the attacker was given: tokens, the public keys as they are published, the signing key. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject, webcrypto } from 'node:crypto';
import { CommandError, unreadable } from '../command-error.ts';
import { readSecretSource, readSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { parseUrl } from './attack-options.ts';
import type { AttackOptions, RawAttackOptions } from './attack-options.ts';
import type { Given, OtherToken, PublishedKey } from './given.ts';
import { readTokenOption } from './token-option.ts';
import { parseSubject } from './subject.ts';

const LONGEST_FETCH_MS = 10_000;
const LARGEST_KEYS = 1024 * 1024;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function loadGiven(raw: RawAttackOptions, options: AttackOptions, io: CommandIo): Promise<Given> {
  const sources: readonly (readonly [OtherToken, string | undefined])[] = [
    ['expired', raw.expiredToken],
    ['id', raw.idToken],
    ['refresh', raw.refreshToken],
    ['other-audience', raw.otherAudienceToken],
    ['other-issuer', raw.otherIssuerToken],
    ['revoked', raw.revokedToken],
  ];
  const others: Partial<Record<OtherToken, string>> = {};
  for (const [name, source] of sources) {
    if (source !== undefined) others[name] = await readTokenOption(`--${name}-token`, source, io);
  }
  const { signingKey: keyFile, publicKey: publicSource } = raw;
  const signingKey =
    keyFile === undefined ? undefined : parseSigningKey((await readSecretSource(keyFile, '--signing-key', io)).bytes);
  const published = publicSource === undefined ? undefined : await readPublicKeys(publicSource, options, io);
  const derived = signingKey?.type === 'private' ? [publishedFrom(createPublicKey(signingKey), undefined, [])] : [];
  const { openPaths, optionalPath, websocketPath, logoutUrl } = options;
  const secondUser =
    raw.secondToken === undefined
      ? undefined
      : parseSubject(await readTokenOption('--second-token', raw.secondToken, io), '--second-token');
  return {
    others,
    secondUser,
    signingKey,
    publicKeys: published ?? derived,
    openPaths,
    optionalPath,
    websocketPath,
    logoutUrl,
  };
}

/** A JWK, a PEM, or the bytes of a shared secret. */
function parseSigningKey(bytes: Buffer): KeyObject {
  const text = bytes.toString('utf8').trim();
  try {
    if (text.startsWith('-----BEGIN')) return createPrivateKey(text);
    if (!text.startsWith('{')) return createSecretKey(bytes);
    const jwk = JSON.parse(text) as webcrypto.JsonWebKey;
    return jwk.kty === 'oct'
      ? createSecretKey(String(jwk.k), 'base64url')
      : createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    // The reason of the parser may quote the key.
    throw unreadable('--signing-key', 'no private key as JWK or PEM, and no shared secret');
  }
}

async function readPublicKeys(source: string, options: AttackOptions, io: CommandIo): Promise<readonly PublishedKey[]> {
  const isUrl = /^https?:\/\//u.test(source);
  const text = isUrl ? await fetchKeys(source, options) : (await readSource(source, io)).bytes.toString('utf8');
  const keys = parsePublicKeys(text);
  if (keys.length > 0) return keys;
  throw unreadable('--public-key', 'no public key in it; give a JWK set, a JWK or a PEM');
}

async function fetchKeys(source: string, { assertMine }: AttackOptions): Promise<string> {
  const url = parseUrl(source, '--public-key');
  assertMine(url, '--public-key');
  let text: string;
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(LONGEST_FETCH_MS) });
    if (!response.ok) throw unreadable('--public-key', `${url.href} answered ${response.status}`);
    text = await response.text();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw unreadable('--public-key', `${url.href} cannot be fetched`);
  }
  if (text.length > LARGEST_KEYS) throw unreadable('--public-key', `${url.href} is larger than 1mb`);
  return text;
}

function parsePublicKeys(text: string): readonly PublishedKey[] {
  if (text.trimStart().startsWith('-----BEGIN')) {
    const key = toPublic(() => createPublicKey(text.trim()));
    return key === undefined ? [] : [publishedFrom(key, undefined, [text])];
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const members: readonly unknown[] =
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys) ? value.keys : [value];
  return members.flatMap((member) => {
    if (typeof member !== 'object' || member === null) return [];
    const jwk: webcrypto.JsonWebKey & { kid?: unknown } = { ...member };
    const key = toPublic(() => createPublicKey({ key: jwk, format: 'jwk' }));
    const kid = typeof jwk.kid === 'string' ? jwk.kid : undefined;
    return key === undefined ? [] : [publishedFrom(key, kid, [...new Set([JSON.stringify(member), text])])];
  });
}

function publishedFrom(key: KeyObject, kid: string | undefined, texts: readonly string[]): PublishedKey {
  return { key, kid, texts };
}

function toPublic(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
