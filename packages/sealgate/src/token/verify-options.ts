/** The options of `sealgate token verify`, from text to what a verifier takes. Each fault names the option and what it takes. */
import { ALGORITHMS, isAlgorithm } from '@sealgate/jwt';
import type { Algorithm } from '@sealgate/jwt';
import { parseDurationMs } from '@sealgate/service';
import { CommandError } from '../command-error.ts';
import { suggestFrom } from './suggest-from.ts';

/** As the command line gives them. */
export interface RawVerifyOptions {
  readonly issuer?: string;
  readonly jwks?: string;
  readonly key?: string;
  /** False for `--no-audience`. */
  readonly audience?: readonly string[] | boolean;
  readonly typ: string;
  readonly algorithm?: readonly string[];
  readonly clockSkew: string;
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
  readonly json: boolean;
}

export type KeysFrom =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwks-url'; readonly url: string }
  | { readonly kind: 'jwks-file'; readonly file: string }
  | { readonly kind: 'key-file'; readonly file: string };

const MOST_SKEW_SECONDS = 300;

/** @throws {CommandError} `argument_invalid`. */
export function parseVerifyOptions(raw: RawVerifyOptions): VerifyOptions {
  if (raw.issuer === undefined || raw.issuer === '') {
    throw misuse('say who must have issued the token: --issuer URL, exactly as its claim "iss"');
  }
  if (raw.jwks !== undefined && raw.key !== undefined) throw misuse('give either --jwks or --key, not both');
  if (raw.audience === undefined || raw.audience === true) {
    throw misuse('say whom the token must be meant for: --audience NAME, or --no-audience to leave that open');
  }
  return {
    issuer: raw.issuer,
    keysFrom: keysFrom(raw),
    audience: raw.audience === false ? 'any' : raw.audience,
    typ: raw.typ,
    algorithms: raw.algorithm?.map(parseAlgorithm),
    clockSkewSeconds: parseSkew(raw.clockSkew),
    json: raw.json === true,
  };
}

function keysFrom({ jwks, key }: RawVerifyOptions): KeysFrom {
  if (key !== undefined) return { kind: 'key-file', file: key };
  if (jwks === undefined) return { kind: 'discovery' };
  return /^https?:\/\//u.test(jwks) ? { kind: 'jwks-url', url: jwks } : { kind: 'jwks-file', file: jwks };
}

function parseAlgorithm(name: string): Algorithm {
  if (isAlgorithm(name)) return name;
  throw misuse(`--algorithm ${JSON.stringify(name)} is not known${suggestFrom(name, Object.keys(ALGORITHMS))}`);
}

function parseSkew(text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === undefined || milliseconds > MOST_SKEW_SECONDS * 1000) {
    throw misuse('--clock-skew takes a duration of at most 5m, such as 30s');
  }
  return milliseconds / 1000;
}

function misuse(message: string): CommandError {
  return new CommandError('argument_invalid', message);
}
