/** The options of `sealgate token verify`, from text to what a verifier takes. Each fault names the option and what it takes. */
import type { Algorithm } from '@sealgate/jwt';
import { parseDurationMs } from '@sealgate/service/plain';
import { misuse } from '../command-error.ts';
import { parseAlgorithm } from '../command-line/algorithm-option.ts';
import type { KeyOptions } from '../keys/import-key-source.ts';
import { parseMoment } from '../command-line/moment.ts';

/** As the command line gives them. */
export interface RawVerifyOptions extends KeyOptions {
  readonly issuer?: string;
  readonly signatureOnly?: boolean;
  readonly jwks?: string;
  /** False for `--no-audience`. */
  readonly audience?: readonly string[] | boolean;
  readonly typ: string;
  readonly algorithm?: readonly string[];
  readonly clockSkew: string;
  readonly at?: string;
  readonly json?: boolean;
}

export interface VerifyOptions {
  readonly issuer: string;
  readonly keysFrom: KeysFrom;
  /** `'any'` was asked for by `--no-audience`. */
  readonly audience: readonly string[] | 'any';
  readonly typ: string;
  /** Undefined: those of the keys. */
  readonly algorithms: readonly Algorithm[] | undefined;
  readonly clockSkewSeconds: number;
  /** The time at which the token is to be judged. */
  readonly nowSeconds: number;
  readonly json: boolean;
}

export type KeysFrom =
  | { readonly kind: 'discovery'; readonly issuer: string }
  | { readonly kind: 'jwks-url'; readonly url: string }
  | { readonly kind: 'jwks-file'; readonly file: string }
  | { readonly kind: 'key'; readonly options: KeyOptions };

const MOST_SKEW_SECONDS = 300;

/** @throws {CommandError} `argument_invalid`. */
export function parseVerifyOptions(raw: RawVerifyOptions, nowSeconds: number): VerifyOptions {
  if (raw.issuer === undefined || raw.issuer === '') {
    throw misuse('say who must have issued the token: --issuer URL, exactly as its claim "iss" (or --signature-only)');
  }
  if (raw.audience === undefined || raw.audience === true) {
    throw misuse('say whom the token must be meant for: --audience NAME, or --no-audience to leave that open');
  }
  return {
    ...parseKeyOptions(raw),
    issuer: raw.issuer,
    audience: raw.audience === false ? 'any' : raw.audience,
    typ: raw.typ,
    clockSkewSeconds: parseSkew(raw.clockSkew),
    nowSeconds: raw.at === undefined ? nowSeconds : parseMoment(raw.at, '--at', nowSeconds),
  };
}

/** What also `--signature-only` needs. @throws {CommandError} `argument_invalid`. */
export function parseKeyOptions(raw: RawVerifyOptions): Pick<VerifyOptions, 'keysFrom' | 'algorithms' | 'json'> {
  if ([raw.jwks, raw.key, raw.secret].filter((given) => given !== undefined).length > 1) {
    throw misuse('give one of --jwks, --key and --secret');
  }
  return { keysFrom: keysFrom(raw), algorithms: raw.algorithm?.map(parseAlgorithm), json: raw.json === true };
}

function keysFrom({ jwks, key, secret, secretEncoding, issuer }: RawVerifyOptions): KeysFrom {
  if (key !== undefined) return { kind: 'key', options: { key } };
  if (secret !== undefined) {
    return { kind: 'key', options: { secret, ...(secretEncoding === undefined ? {} : { secretEncoding }) } };
  }
  if (jwks !== undefined) {
    return /^https?:\/\//u.test(jwks) ? { kind: 'jwks-url', url: jwks } : { kind: 'jwks-file', file: jwks };
  }
  if (issuer !== undefined) return { kind: 'discovery', issuer };
  throw misuse('without an issuer nobody knows the keys: give --key, --secret or --jwks');
}

function parseSkew(text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === undefined || milliseconds > MOST_SKEW_SECONDS * 1000) {
    throw misuse('--clock-skew takes a duration of at most 5m, such as 30s');
  }
  return milliseconds / 1000;
}
