/**
 * The valid token under attack, taken apart: a JWS in compact form (RFC 7515 section 7.1). Nothing is verified; the API does that, and is
 * judged by it.
 */
import { createHash } from 'node:crypto';
import { misuse } from '../command-error.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Subject {
  readonly token: string;
  readonly parts: readonly [header: string, payload: string, signature: string];
  readonly header: Json;
  readonly claims: Json;
  readonly alg: string;
  readonly signature: Buffer;
  /** How reports name it: nobody can make a token from this. */
  readonly thumbprint: string;
}

/** @throws {CommandError} `argument_invalid` if it is no JWT that an attack could start from; it names the option. */
export function parseSubject(token: string, option: string): Subject {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  const [headerJson, claims] = [parseObject(header), parseObject(payload)];
  if (headerJson === undefined || claims === undefined || signature === '' || more.length > 0) {
    throw misuse(`${option} is no signed JWT: three parts, header and payload JSON objects`);
  }
  return {
    token,
    parts: [header, payload, signature],
    header: headerJson,
    claims,
    alg: typeof headerJson.alg === 'string' ? headerJson.alg : '',
    signature: Buffer.from(signature, 'base64url'),
    thumbprint: `sha256:${createHash('sha256').update(token).digest('hex').slice(0, 16)}`,
  };
}

function parseObject(part: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
