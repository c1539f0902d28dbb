/**
 * From pasted text to keys: a secret, PEM, a certificate, a JWK, a JWK set, or base64 of DER. Says what it took the text for, and what
 * is wrong with each key.
 *
 * The form decides, never the token: a public key is never taken for a secret (ATTACKS T3). Never throws.
 */
import { type Finding, lintJwk } from '@sealgate/jwt/lint';
import { fromBase64url, readBase64url, toBase64url } from '../model/base64url.ts';
import { lineAndColumn, scanJson } from '../model/json-scan.ts';
import { member, toPlain } from '../model/json-value.ts';
import type { CertificateFacts } from './certificate.ts';
import { type Jwk, type KeyType, keyType } from './jwk.ts';
import { type KeyProblem, jwkFromPlain } from './key-rules.ts';
import { UnknownKeyAlgorithm, readAnyDer } from './key-structure.ts';
import { readPem } from './pem.ts';

export type SecretEncoding = 'utf8' | 'base64url' | 'hex';
export type KeyForm = 'empty' | 'secret' | 'jwk' | 'jwks' | 'pem' | 'certificate' | 'der' | 'unreadable';

export interface KeyItem {
  readonly jwk: Jwk;
  readonly type: KeyType;
  /** From 0, in the order of the text. */
  readonly index: number;
  readonly certificate: CertificateFacts | undefined;
  /** What a strict verifier would refuse the key for; the page works with it all the same. */
  readonly weaknesses: readonly Finding[];
}

export interface KeyReading {
  readonly form: KeyForm;
  readonly keys: readonly KeyItem[];
  /** Why the text, or a key of a set, could not be read. */
  readonly problems: readonly KeyProblem[];
}

const NOTHING: KeyReading = { form: 'empty', keys: [], problems: [] };

export function readKeyText(text: string, encoding: SecretEncoding = 'utf8'): KeyReading {
  const trimmed = text.trim();
  if (trimmed === '') return NOTHING;
  if (trimmed.length > 1_000_000) return unreadable({ code: 'too-long' });
  if (trimmed.startsWith('{')) return readJwkText(trimmed);
  if (trimmed.startsWith('[')) return readJwkText(`{"keys":${trimmed}}`);
  if (trimmed.includes('-----BEGIN ')) return readPemText(trimmed);
  if (/^(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-\S+) /u.test(trimmed)) return unreadable({ code: 'ssh-key' });
  if (/^eyJ[\w-]+\.[\w-]+\./u.test(trimmed)) return unreadable({ code: 'is-a-token' });
  // DER of a key begins with a long SEQUENCE: `MI` or `MF`, `MC`, `MH` in base64, and has the length that it says.
  if (/^M[A-Z][\w+/-]{30,}={0,2}$/u.test(trimmed.replaceAll(/\s/gu, ''))) {
    const found = readDerText(trimmed.replaceAll(/\s/gu, ''));
    if (found !== undefined) return found;
  }
  return readSecret(text, encoding);
}

function unreadable(...problems: KeyProblem[]): KeyReading {
  return { form: 'unreadable', keys: [], problems };
}

function graveFindings(jwk: Jwk): readonly Finding[] {
  const findings = jwk.kty === 'oct' ? lintJwk(fromBase64url(jwk.k ?? '')) : lintJwk({ ...jwk });
  return findings.filter(({ severity }) => severity === 'error');
}

/** A key as the page holds it, from wherever it came. */
export function keyItem(jwk: Jwk, index: number, certificate?: CertificateFacts): KeyItem {
  return { jwk, type: keyType(jwk), index, certificate, weaknesses: graveFindings(jwk) };
}

/** The bytes that a secret is, in one way of writing it; `undefined` if it cannot be written so. */
export function secretBytes(text: string, encoding: SecretEncoding): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === 'utf8') return new TextEncoder().encode(text);
  const compact = text.replaceAll(/\s/gu, '');
  if (encoding === 'hex') {
    if (compact.length % 2 === 1 || !/^[0-9a-f]*$/iu.test(compact)) return undefined;
    return Uint8Array.from(compact.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  const plain = compact.replace(/=+$/u, '').replaceAll('+', '-').replaceAll('/', '_');
  const { bytes, faults } = readBase64url(plain);
  return faults.some(({ code }) => code !== 'base64-trailing-bits') ? undefined : bytes;
}

function readSecret(text: string, encoding: SecretEncoding): KeyReading {
  const bytes = secretBytes(text, encoding);
  if (bytes === undefined) return unreadable({ code: 'secret-encoding', name: encoding });
  return { form: 'secret', keys: [keyItem({ kty: 'oct', k: toBase64url(bytes) }, 0)], problems: [] };
}

function readJwkText(text: string): KeyReading {
  const { node, faults } = scanJson(text);
  const [first] = faults;
  if (node === undefined || first !== undefined) {
    const place = lineAndColumn(text, first?.at ?? 0);
    return unreadable({ code: 'json', name: `${place.line}:${place.column}` });
  }
  const list = member(node, 'keys');
  if (list === undefined) {
    const { jwk, problem } = jwkFromPlain(toPlain(node));
    return jwk === undefined
      ? unreadable(problem ?? { code: 'kty-missing' })
      : { form: 'jwk', keys: [keyItem(jwk, 0)], problems: [] };
  }
  const keys: KeyItem[] = [];
  const problems: KeyProblem[] = [];
  for (const [index, each] of (list.type === 'array' ? list.items.slice(0, 500) : []).entries()) {
    const { jwk, problem } = jwkFromPlain(toPlain(each));
    if (jwk !== undefined) keys.push(keyItem(jwk, index));
    if (problem !== undefined) problems.push({ ...problem, index });
  }
  if (keys.length === 0 && problems.length === 0) problems.push({ code: 'set-empty' });
  return { form: 'jwks', keys, problems };
}

function readPemText(text: string): KeyReading {
  const keys: KeyItem[] = [];
  const problems: KeyProblem[] = [];
  let form: KeyForm = 'pem';
  for (const block of readPem(text)) {
    if (block.label === 'EC PARAMETERS' || block.label === 'CERTIFICATE REQUEST') continue;
    if (block.encrypted) problems.push({ code: 'pem-encrypted' });
    else if (block.label === 'OPENSSH PRIVATE KEY') problems.push({ code: 'ssh-key' });
    else if (block.broken) problems.push({ code: 'pem-broken', name: block.label });
    else {
      try {
        const { jwk, facts } = readAnyDer(block.bytes);
        if (facts !== undefined) form = 'certificate';
        keys.push(keyItem(jwk, keys.length, facts));
      } catch (error) {
        problems.push(whyUnreadable(error, block.label));
      }
    }
  }
  if (keys.length === 0 && problems.length === 0) problems.push({ code: 'pem-broken', name: 'PEM' });
  return { form: keys.length === 0 ? 'unreadable' : form, keys, problems };
}

function readDerText(text: string): KeyReading | undefined {
  try {
    const { jwk, facts } = readAnyDer(
      fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')),
    );
    return { form: facts === undefined ? 'der' : 'certificate', keys: [keyItem(jwk, 0, facts)], problems: [] };
  } catch (error) {
    return error instanceof UnknownKeyAlgorithm ? unreadable(whyUnreadable(error, 'DER')) : undefined;
  }
}

function whyUnreadable(error: unknown, label: string): KeyProblem {
  if (error instanceof UnknownKeyAlgorithm) return { code: 'algorithm-unknown', name: error.message };
  return { code: 'structure', name: label };
}
