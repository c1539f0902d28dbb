/**
 * The claims of `sealgate token sign`, from JSON and from options. Options win over JSON; `iat` and `exp` are set unless told otherwise, since a
 * token without an end is good for ever.
 */
import { misuse } from '../command-error.ts';
import { readSource } from '../command-line/source.ts';
import type { CommandIo } from '../io.ts';
import { parseMoment } from '../command-line/moment.ts';

export interface RawClaims {
  /** JSON itself, a file, or `-`. */
  readonly json?: string | undefined;
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: readonly string[];
  readonly scope?: string;
  /** False for `--no-exp`. */
  readonly exp?: string | boolean;
  readonly nbf?: string;
  /** False for `--no-iat`. */
  readonly iat: boolean;
  /** True without a value: a fresh one. */
  readonly jti?: string | boolean;
  readonly claim?: readonly string[];
}

const LIFE = '15m';

type Claims = Record<string, unknown>;

/** @throws {CommandError} `argument_invalid`, `input_unreadable`. */
export async function readClaims(raw: RawClaims, io: CommandIo): Promise<Claims> {
  const now = Math.floor(io.nowSeconds());
  const given = raw.json === undefined ? {} : await readJson(raw.json, io);
  const claims: Claims = { ...given, ...registered(raw, io, now) };
  for (const assignment of raw.claim ?? []) {
    const { name, value } = parseAssignment(assignment, '--claim');
    claims[name] = value;
  }
  if (raw.iat && claims['iat'] === undefined) claims['iat'] = now;
  if (raw.exp === undefined && claims['exp'] === undefined) claims['exp'] = parseMoment(LIFE, '--exp', now);
  if (raw.exp === false) delete claims['exp'];
  return claims;
}

function registered({ iss, sub, aud, scope, exp, nbf, jti }: RawClaims, io: CommandIo, now: number): Claims {
  return {
    ...(iss === undefined ? {} : { iss }),
    ...(sub === undefined ? {} : { sub }),
    ...(aud === undefined ? {} : { aud: aud.length === 1 ? aud[0] : aud }),
    ...(scope === undefined ? {} : { scope }),
    ...(typeof exp === 'string' ? { exp: parseMoment(exp, '--exp', now) } : {}),
    ...(nbf === undefined ? {} : { nbf: parseMoment(nbf, '--nbf', now) }),
    ...(jti === undefined || jti === false ? {} : { jti: jti === true ? io.newId() : jti }),
  };
}

async function readJson(text: string, io: CommandIo): Promise<Claims> {
  const isJson = text.trimStart().startsWith('{');
  const { bytes, name } = isJson ? { bytes: Buffer.from(text), name: 'the argument' } : await readSource(text, io);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const at = /position \d+/u.exec(error instanceof Error ? error.message : '')?.[0];
    throw misuse(
      `${name} is not JSON${at === undefined ? '' : ` (at ${at})`}; claims are an object such as {"sub":"alice"}`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw misuse(`${name} is no JSON object; claims are one, such as {"sub":"alice"}`);
  }
  return { ...value };
}

/**
 * `name=text`, or `name:=json` for what is no text.
 *
 * @throws {CommandError} `argument_invalid`.
 */
export function parseAssignment(text: string, option: string): { readonly name: string; readonly value: unknown } {
  const at = text.indexOf('=');
  const isJson = text[at - 1] === ':';
  const name = text.slice(0, isJson ? at - 1 : at);
  if (at < 1 || name === '') {
    throw misuse(`${option} takes name=text, or name:=json for numbers, lists and objects, such as roles:=["editor"]`);
  }
  const value = text.slice(at + 1);
  if (!isJson) return { name, value };
  try {
    return { name, value: JSON.parse(value) };
  } catch {
    throw misuse(`${option} ${name}: what stands after ":=" is not JSON; for text write ${name}=text`);
  }
}
