/**
 * What is wrong in the registered claims as they are written (RFC 7519 section 4.1): types, and times that cannot be meant.
 *
 * Whether a token is still valid is shown by the timeline; what an issuer should do better is said by `@sealgate/jwt/lint`.
 */
import type { DecodedPart } from './decode-part.ts';
import { type Fault, fault } from './fault.ts';
import type { JsonNode } from './json-scan.ts';
import { numberMember } from './json-value.ts';

const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);
const STRINGS = new Set(['iss', 'sub', 'jti', 'client_id', 'scope', 'sid', 'azp', 'nonce', 'htm', 'htu', 'ath']);
/** Seconds that are far beyond any life and are plausible milliseconds: after the year 5138. */
const MILLISECONDS_FROM = 1e11;

export function checkPayload(payload: DecodedPart): Fault[] {
  if (payload.text === '') return [fault('note', 'part-empty', payload.span, { part: 'payload' })];
  if (payload.node === undefined || (!payload.complete && payload.node.type === 'number')) {
    return [fault('error', 'payload-not-json', payload.span, { found: payload.isUtf8 ? 'text' : 'bytes' })];
  }
  if (payload.node.type !== 'object') {
    return [fault('error', 'payload-not-object', payload.span, { found: payload.node.type })];
  }
  const faults: Fault[] = [];
  for (const { name, nameStart, value } of payload.node.members) {
    const span = () => payload.locate(nameStart, value.end);
    if (TIMES.has(name)) {
      if (value.type !== 'number') faults.push(fault('error', 'time-not-number', span(), { name, found: value.type }));
      else if (Math.abs(value.value) >= MILLISECONDS_FROM)
        faults.push(fault('warning', 'time-milliseconds', span(), { name }));
    } else if (STRINGS.has(name) && value.type !== 'string') {
      // Scope as an array is common with some issuers, and still not what RFC 8693 section 4.2 says.
      faults.push(
        fault(name === 'scope' ? 'warning' : 'error', 'claim-type', span(), {
          name,
          expected: 'string',
          found: value.type,
        }),
      );
    } else if (name === 'aud' && !isAudience(value)) {
      faults.push(fault('error', 'claim-type', span(), { name, expected: 'string-or-strings', found: value.type }));
    }
  }
  const [iat, nbf, exp] = ['iat', 'nbf', 'exp'].map((name) => numberMember(payload.node, name));
  const start = Math.max(iat ?? -Infinity, nbf ?? -Infinity);
  if (exp !== undefined && exp <= start) faults.push(fault('error', 'time-order', payload.span));
  return faults;
}

function isAudience(value: JsonNode): boolean {
  if (value.type === 'string') return true;
  return value.type === 'array' && value.items.length > 0 && value.items.every((item) => item.type === 'string');
}
