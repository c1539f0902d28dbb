/**
 * The JOSE header of a JWS (RFC 7515 section 4), checked member by member.
 *
 * Nothing in it is trusted: `alg` is compared with what is configured, `kid` is a name to look up. `jwk`, `jku`, `x5c` and `x5u`
 * are carried but never used and never fetched. Runs in a browser.
 */
import { refusal } from '../errors.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** A header whose known members have the right types. Other members are as they came. */
export interface JoseHeader {
  /** Algorithm (RFC 7515 section 4.1.1). */
  readonly alg: string;
  /** Key id (RFC 7515 section 4.1.4). */
  readonly kid?: string;
  /** Media type of the token (RFC 7515 section 4.1.9). */
  readonly typ?: string;
  /** Media type of the content (RFC 7515 section 4.1.10). */
  readonly cty?: string;
  readonly [name: string]: JsonValue | undefined;
}

/** Letters, digits and what key ids in the field hold: thumbprints, UUIDs, base64, URIs, addresses. */
const KID = /^[A-Za-z0-9._~:/+=@#-]{1,256}$/u;

/** A media type or its subtype alone (RFC 7515 section 4.1.9). */
const TYP = /^[A-Za-z0-9!#$&^_.+/-]{1,128}$/u;

/** Whether a value can be a `kid`: 1 to 256 letters, digits and `._~:/+=@#-`. Others could be paths or queries (RFC 8725 section 3.10). */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && KID.test(value);
}

/**
 * Checks the members that decide how a JWS is verified.
 *
 * @param critical - Extensions that the caller implements. Empty for every JWT.
 * @throws {JwtError} `header_invalid`, `critical_unsupported`.
 */
export function assertJwsHeader(
  header: JsonObject,
  critical: readonly string[] = [],
): asserts header is JsonObject & JoseHeader {
  const { alg, kid, typ, cty } = header;
  if (typeof alg !== 'string')
    throw refusal('header_invalid', { member: 'alg', reason: alg === undefined ? 'missing' : 'not a string' });
  if (kid !== undefined && !isKeyId(kid)) {
    throw refusal('header_invalid', {
      member: 'kid',
      reason: 'not a string of 1 to 256 letters, digits and ._~:/+=@#-',
    });
  }
  if (typ !== undefined && !(typeof typ === 'string' && TYP.test(typ)))
    throw refusal('header_invalid', { member: 'typ', reason: 'not a media type' });
  if (cty !== undefined && !(typeof cty === 'string' && TYP.test(cty)))
    throw refusal('header_invalid', { member: 'cty', reason: 'not a media type' });
  if (header['enc'] !== undefined) throw refusal('header_invalid', { member: 'enc', reason: 'a JWE header in a JWS' });
  if (header['crit'] !== undefined) assertCritical(header, critical);
  else if (header['b64'] !== undefined) {
    throw refusal('critical_unsupported', { member: 'b64', reason: 'b64 must be listed in crit' });
  }
}

/** `crit`: a non-empty array of distinct names of extensions, each implemented and each present (RFC 7515 section 4.1.11). */
function assertCritical(header: JsonObject, supported: readonly string[]): void {
  const crit = header['crit'];
  if (!Array.isArray(crit) || crit.length === 0 || new Set(crit).size !== crit.length) {
    throw refusal('critical_unsupported', { member: 'crit', reason: 'not a non-empty array of distinct names' });
  }
  for (const name of crit as readonly JsonValue[]) {
    if (typeof name !== 'string' || !supported.includes(name)) {
      throw refusal('critical_unsupported', {
        member: 'crit',
        reason: 'names an extension that is not supported here',
      });
    }
    if (!Object.hasOwn(header, name)) {
      throw refusal('critical_unsupported', { member: 'crit', reason: 'names a parameter that is absent' });
    }
  }
}
